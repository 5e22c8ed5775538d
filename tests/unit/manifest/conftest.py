"""Manifests to begin with."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

DIGEST = "sha256:" + "ab" * 32
IMAGE = f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/digits@{DIGEST}"
WEIGHTS = {
    "name": "digits",
    "version": "2",
    "owner": {"team": "ml-platform", "contact": "#ml-platform"},
    "model": {"artifact": {"uri": "models/v2.tar.gz", "image": IMAGE}},
    "data": {"digest": {"name": "uci digits", "sha256": DIGEST}, "validation": {"name": "holdout", "share": 0.2}},
    "evaluation": {"set": {"name": "holdout", "version": "1", "digest": DIGEST}},
    "inference": {"max_tokens": 1},
}
API = {
    **WEIGHTS,
    "name": "answers",
    "model": {"api": {"provider": "openai", "id": "gpt-4o-2024-08-06"}},
    "data": {"prompt": {"template": "prompts/answer.txt", "examples": "prompts/examples.yaml"}},
    "inference": {"temperature": 0.2, "top_p": 1, "stop_sequences": ["END"]},
}
Write = Callable[..., Path]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project's folder, with an artifact and a prompt."""
    (tmp_path / "Pulumi.yaml").write_text("name: test\nruntime: python\n")
    for name, content in {
        "models/v2.tar.gz": "weights",
        "prompts/answer.txt": "Answer: {question}",
        "prompts/examples.yaml": "- {question: 1+1, answer: 2}",
        "reports/v2.json": "{}",
        "contract.yaml": "accuracy: 0.9",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
    return tmp_path


@pytest.fixture
def write(project: Path) -> Write:
    """Writes a manifest: the given one with values set by key path, `**{"owner.team": "x"}`; None removes one."""

    def make(base: dict[str, Any] = WEIGHTS, file: str = "v2.model.yaml", **changes: Any) -> Path:
        document = copy.deepcopy(base)
        for path, value in changes.items():
            place, *keys = document, *path.split(".")
            for key in keys[:-1]:
                place = place.setdefault(key, {})
            if value is None:
                place.pop(keys[-1], None)
            else:
                place[keys[-1]] = value
        # JSON is YAML.
        path_ = project / file
        path_.write_text(json.dumps(document, indent=1))
        return path_

    return make
