"""What a reviewer is told of two versions."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from sluice.locking import lock
from sluice.manifest.changes import Part, Side, compare
from sluice.manifest.load import load
from sluice.manifest.pins import FilePin, Pin
from sluice.sources import Context
from tests.unit.manifest.conftest import API, DIGEST, Write

OTHER = DIGEST.replace("ab", "cd")


def _side(path: Path, **changes: Any) -> Side:
    file = load(path)
    return Side(lock(file, Context(file.root)).model_copy(update=changes), file.root)


def _parts(before: Side, after: Side) -> dict[str, Part]:
    return {part.name: part for part in compare(before, after)}


def _facts(part: Part) -> dict[str, tuple[str | None, str | None]]:
    return {fact.name: (fact.before, fact.after) for fact in part.facts}


def test_a_version_does_not_differ_from_itself(write: Write) -> None:
    """Nor from another one that differs in nothing but its number."""
    assert compare(_side(write()), _side(write(file="v3.model.yaml", version="3"))) == []


def test_new_weights(write: Write, project: Path) -> None:
    """Digest, size and image: what there is to say of what cannot be read."""
    before = _side(write())
    (project / "models/v3.tar.gz").write_text("other weights")
    image = f"digits@{OTHER}"
    after = _side(write(**{"model.artifact": {"uri": "models/v3.tar.gz", "image": image}}))
    parts = _parts(before, after)
    assert set(parts) == {"weights"}
    facts = _facts(parts["weights"])
    assert facts["size"] == ("7 bytes", "13 bytes")
    assert facts["image"][1] == image
    assert facts["content"][0] != facts["content"][1]


def test_several_files_are_told_one_by_one(write: Write, project: Path) -> None:
    """Those that changed, came and went; not those that stayed."""
    for version, files in {"v2": {"a": "1", "b": "1", "c": "1"}, "v3": {"a": "1", "b": "2", "d": "1"}}.items():
        for name, content in files.items():
            (project / version).mkdir(exist_ok=True)
            (project / version / name).write_text(content)
    before, after = (_side(write(**{"model.artifact.uri": version})) for version in ("v2", "v3"))
    facts = _facts(_parts(before, after)["weights"])
    assert {"b", "c", "d"} <= set(facts)
    assert "a" not in facts
    assert (facts["c"][1], facts["d"][0]) == (None, None)


def test_adapters_by_name(write: Write) -> None:
    """Added, removed and changed."""

    def adapter(name: str, rank: int) -> dict[str, Any]:
        return {"name": name, "kind": "lora", "uri": "prompts", "rank": rank, "base": {"name": "b", "digest": DIGEST}}

    before = _side(write(adapters=[adapter("de", 8), adapter("fr", 8)]))
    after = _side(write(adapters=[adapter("de", 16), adapter("it", 8)]))
    facts = _facts(_parts(before, after)["adapters"])
    assert facts["de"][0] is not None
    assert facts["de"][0].startswith("lora of rank 8")
    assert (facts["fr"][1], facts["it"][0]) == (None, None)


def test_data_in_the_words_of_its_tool(write: Write) -> None:
    """Commits, rows and schema, as far as the tool has told."""
    base = _side(write())
    pins = [
        Pin(
            source="dvc",
            reference="main",
            immutable=commit,
            digest=digest,
            facts={"rows": rows},
            files=[FilePin(name="train.csv", digest="md5:1")],
        )
        for commit, digest, rows in (("c0ffee", DIGEST, "100"), ("beef", OTHER, "120"))
    ]
    before, after = (
        Side(base.locked.model_copy(update={"data": base.locked.data.model_copy(update={"pin": pin})}), base.root)
        for pin in pins
    )
    facts = _facts(_parts(before, after)["data"])
    assert facts["reference"] == ("c0ffee", "beef")
    assert facts["rows"] == ("100", "120")


def test_inference_configuration_as_text(write: Write) -> None:
    """Line by line, the system prompt too."""
    before = _side(write(inference={"temperature": 0.2, "system_prompt": "You are kind.\nYou are brief."}))
    after = _side(write(inference={"temperature": 0.7, "system_prompt": "You are kind.\nYou are thorough."}))
    lines = _parts(before, after)["inference"].text
    assert {"-temperature: 0.2", "+temperature: 0.7", "-- You are brief.", "+- You are thorough."} <= set(lines)
    assert "-- You are kind." not in lines


def test_a_prompt_as_text(write: Write, project: Path) -> None:
    """Each version's from its own files."""
    before = _side(write(API))
    (project / "prompts/answer2.txt").write_text("Answer briefly: {question}")
    after = _side(write(API, **{"data.prompt.template": "prompts/answer2.txt", "data.prompt.examples": None}))
    lines = _parts(before, after)["data"].text
    assert "-Answer: {question}" in lines
    assert "+Answer briefly: {question}" in lines
    assert "-- {question: 1+1, answer: 2}" in lines


def test_a_prompt_that_was_overwritten(write: Write, project: Path) -> None:
    """What is not at hand any more is said to be so; something else is not shown in its place."""
    before = _side(write(API))
    (project / "prompts/answer.txt").write_text("Answer briefly: {question}")
    after = _side(write(API))
    assert _parts(before, after)["data"].text == ["template: the text that was locked is not at hand"]


def test_two_reports_side_by_side(write: Write, project: Path) -> None:
    """Every number of either, those that did not move too."""
    for name, report in {
        "a": {"accuracy": 0.9, "slices": {"sevens": 0.8}, "passed": True},
        "b": {"accuracy": 0.95, "slices": {"sevens": 0.8, "ones": 1}},
    }.items():
        (project / f"reports/{name}.json").write_text(json.dumps(report))
    before, after = (_side(write(**{"evaluation.report": f"reports/{name}.json"})) for name in "ab")
    facts = _facts(_parts(before, after)["evaluation"])
    assert facts["accuracy"] == ("0.9", "0.95")
    assert facts["slices.sevens"] == ("0.8", "0.8")
    assert facts["slices.ones"] == (None, "1")
    assert "passed" not in facts


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"contract": "contract.yaml"}, "contract"),
        ({"owner.team": "others"}, "owner"),
        ({"life": {"replacement": "digits@3"}}, "life"),
    ],
)
def test_what_was_agreed(write: Write, change: dict[str, Any], name: str) -> None:
    """Contract, owner and life."""
    assert name in _facts(_parts(_side(write()), _side(write(**change)))["agreements"])


def test_data_of_a_repository_tells_the_commits_between(write: Write, project: Path) -> None:
    """Those of the newer state that the older one has not; none where the repository is not at hand."""

    def git(*arguments: str) -> str:
        who = {f"GIT_{role}_{what}": "somebody" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        command = ["git", *arguments]
        done = subprocess.run(
            command, cwd=project / "data", env={**os.environ, **who}, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    (project / "data").mkdir()
    git("init", "--quiet")
    heads = []
    for message in ("first", "second", "third"):
        git("commit", "--quiet", "--allow-empty", "--message", message)
        heads.append(git("rev-parse", "HEAD"))

    def side(commit: str, repo: str = "data") -> Side:
        pin = Pin(
            source="dvc",
            reference="images",
            immutable=f"images@{commit}",
            digest=f"sha256:{commit:0<64}",
            facts={"repo": repo, "commit": commit},
        )
        plain = _side(write())
        data = plain.locked.data.model_copy(update={"pin": pin})
        return Side(plain.locked.model_copy(update={"data": data}), plain.root)

    text = _parts(side(heads[0]), side(heads[2]))["data"].text
    assert text[0] == "commits of data:"
    assert [line.split()[-1] for line in text[1:]] == ["third", "second"]
    assert _parts(side(heads[0], "gone"), side(heads[2], "gone"))["data"].text == []
