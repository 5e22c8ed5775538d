"""Levels and settings by environment: the files of this repository, and files that are wrong."""

import json
from pathlib import Path
from typing import Any

import pytest

from configuration import Configuration, read_configuration
from discovery import discover
from problems import InvalidPolicyFile
from rule import Level
from sluice.errors import InvalidFile
from sluice_sandbox.engine.policies import Pack
from tests.policies.conftest import PACK

RULES = list(discover())
FILES = sorted((PACK / "config").glob("*.json"))


def _written(tmp_path: Path, content: Any) -> Path:
    file = tmp_path / "config.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    return file


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_both_readers_take_the_files_of_this_repository(file: Path) -> None:
    """And make the same levels of them."""
    configuration, pack = read_configuration(file, RULES), Pack.load(PACK, file)
    theirs = {policy.name: pack.level(policy).value for policy in pack.policies}
    assert {rule.id: configuration.level(rule).value for rule in RULES} == theirs
    for policy, rule in zip(pack.policies, RULES, strict=True):
        assert pack.settings(policy) == configuration.of(rule)


def test_there_is_a_file_for_every_stack() -> None:
    """Each environment has its own."""
    stacks = {file.stem.removeprefix("Pulumi.") for file in (PACK.parent / "stacks").glob("Pulumi.*.yaml")}
    assert {file.stem for file in FILES} == stacks


def test_production_is_mandatory_and_development_advisory() -> None:
    """But for what may happen nowhere."""
    prod, dev = (read_configuration(PACK / "config" / f"{name}.json", RULES) for name in ("prod", "dev"))
    assert {rule.id for rule in RULES if prod.level(rule) is not Level.MANDATORY} == {"monthly-cost"}
    strict = {rule.id for rule in RULES if dev.level(rule) is Level.MANDATORY}
    assert "private-checkpoint-buckets" in strict
    assert len(strict) < 10


def test_a_policys_own_level_goes_before_that_of_all() -> None:
    """And what nothing is said of has its own."""
    images = next(rule for rule in RULES if rule.id == "pinned-images")
    both = {"all": Level.ADVISORY, "pinned-images": Level.DISABLED}
    assert Configuration(levels=both).level(images) is Level.DISABLED
    assert Configuration(levels={"all": Level.ADVISORY}).level(images) is Level.ADVISORY
    assert Configuration().level(images) is Level.MANDATORY


WRONG = {
    "an unknown policy": ({"pinned-image": "advisory"}, "pinned-image is no policy"),
    "an unknown setting": ({"kept-logs": {"minHours": 3}}, "kept-logs.minHours"),
    "a text for a number": ({"kept-logs": {"minDays": "ten"}}, "minDays"),
    "a truth for a number": ({"kept-logs": {"minDays": True}}, "minDays"),
    "a level that there is not": ({"kept-logs": "strict"}, "strict"),
    "a level that there is not, in an object": ({"kept-logs": {"enforcementLevel": "strict"}}, "strict"),
    "a list": ([1], "expected an object"),
    "no JSON": ("{", "config.json"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_file_that_is_wrong(tmp_path: Path, name: str) -> None:
    """Both readers refuse it, by the file's name."""
    content, said = WRONG[name]
    file = _written(tmp_path, content)
    with pytest.raises(InvalidPolicyFile) as ours:
        read_configuration(file, RULES)
    with pytest.raises(InvalidFile) as theirs:
        Pack.load(PACK, file)
    assert said.partition(" is no")[0] in str(theirs.value)
    assert said in str(ours.value)
    assert str(file) in str(ours.value)


def test_all_problems_are_told_together_and_the_nearest_name() -> None:
    """So that a file is put right at once."""
    from configuration import problems

    found = list(problems({"pinned-image": "advisory", "kept-logs": {"minDays": -1, "x": 1}}, RULES))
    assert found[0] == "pinned-image is no policy; did you mean pinned-images?"
    assert found[1] == "kept-logs.minDays is -1; allowed 0 or more"
    assert found[2].startswith("kept-logs.x is unknown; allowed: enforcementLevel, minDays")


def test_a_list_of_the_wrong_things() -> None:
    """Items are looked at too, and the values of objects."""
    from configuration import problems

    given = {"owned-resources": {"required": ["owner", 5], "values": {"owner": 1}}}
    assert [it.partition(";")[0] for it in problems(given, RULES)] == [
        "owned-resources.required[1] is 5",
        "owned-resources.values.owner is 1",
    ]
