"""A project whose versions are evaluated: a set, a contract, a plan and a target that answers as a file says."""

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from sluice.evaluation.sets import Datasheet, EvaluationSet, Example, write_set
from tests.support.versions import write_manifest

TARGET = '''"""Says what a file says of each example: an answer, or one for each run; "!" fails."""

import json
from pathlib import Path


def ask(question, run):
    said = json.loads((Path(__file__).parent / "said.json").read_text())[question]
    said = said[run - 1] if isinstance(said, list) else said
    if said == "!":
        raise RuntimeError("no answer")
    return said
'''


class Project:
    """A project in a folder; its questions are the letters that its set's references answer."""

    def __init__(self, root: Path, references: dict[str, str], **contract: Any) -> None:
        self.root = root
        (root / "target").mkdir(parents=True)
        # Python keeps modules by their names, and every test has its own.
        module = f"answering_{hashlib.sha256(str(root).encode()).hexdigest()[:12]}"
        (root / f"target/{module}.py").write_text(TARGET)
        self.set = self.write_set(references)
        self.plan: dict[str, Any] = {
            "set": "set.jsonl",
            "target": {"callable": {"function": f"{module}:ask", "path": "target"}},
            "retries": 0,
        }
        self.contract: dict[str, Any] = {
            "name": "letters",
            "version": "1",
            "agreed": datetime(2026, 11, 1, tzinfo=UTC),
            "owner": {"team": "ml-platform", "contact": "#ml-platform"},
            "minimum": {"examples": 2},
            "metrics": {"accuracy": {"scorer": {"exact": {}}, "bound": 0.5, "margin": 0.05}},
            **contract,
        }

    def write_set(self, references: dict[str, str], name: str = "set.jsonl", version: str = "1") -> EvaluationSet:
        """Writes a set; an example's slice is its reference."""
        sheet = Datasheet(name="letters", version=version, description="d", source="s", license="CC0-1.0")
        examples = [Example(id=key, input=key, reference=it, slices={"is": it}) for key, it in references.items()]
        return write_set(self.root / name, sheet, examples)

    def says(self, answers: dict[str, Any]) -> None:
        """Decides what the target answers from now on."""
        (self.root / "target/said.json").write_text(json.dumps(answers))

    def version(self, version: str, **changes: Any) -> Path:
        """Writes plan, contract and a manifest without a lock; returns the manifest's path."""
        named = {"name": "letters", "version": "1", "digest": self.set.digest}
        path = write_manifest(
            self.root,
            version,
            evaluation={"set": named, "report": f"{version}.report.json", "plan": "plan.yaml"},
            contract="letters.yaml",
            **changes,
        )
        self.write("plan.yaml", self.plan)
        self.write("letters.yaml", {"set": named, **self.contract})
        return path

    def write(self, name: str, document: dict[str, Any]) -> Path:
        """Writes a YAML file."""
        with (self.root / name).open("w") as file:
            YAML(typ="safe").dump(document, file)
        return self.root / name
