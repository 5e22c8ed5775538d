"""Exceptions from policies: for a reason, for a time, and seen."""

import json
import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from problems import InvalidPolicyFile
from rule import Resource
from sluice_sandbox.engine.policies import Pack
from sluice_sandbox.errors import SandboxError
from sluice_sandbox.harness import Sandbox
from tests.policies.conftest import PACK, Foreseen
from waivers import LONGEST_DAYS, Waiver, read_waivers, waived

TODAY = date(2026, 11, 23)
GOOD = {"policy": "encrypted-topics", "resource": "old-*", "reason": "moved next week", "expires": "2026-12-01"}


def _written(tmp_path: Path, *entries: Any) -> Path:
    file = tmp_path / "waivers.json"
    file.write_text(json.dumps(list(entries)))
    return file


def _problems(tmp_path: Path, *entries: Any) -> str:
    with pytest.raises(InvalidPolicyFile) as refused:
        read_waivers(["encrypted-topics"], TODAY, _written(tmp_path, *entries))
    return str(refused.value)


def test_a_waiver_holds_on_its_last_day(tmp_path: Path) -> None:
    """And names what it is for."""
    (waiver,) = read_waivers(["encrypted-topics"], TODAY, _written(tmp_path, {**GOOD, "expires": TODAY.isoformat()}))
    assert waiver == Waiver("encrypted-topics", "old-*", "moved next week", TODAY)


def test_no_file_is_no_waiver(tmp_path: Path) -> None:
    """Who has no exceptions needs no file of them."""
    assert read_waivers([], TODAY, tmp_path / "none.json") == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"expires": "2026-11-22"}, "[0].expires is 2026-11-22, which is past"),
        ({"reason": " "}, "[0].reason is missing"),
        ({"reason": ""}, "[0].reason is missing"),
        ({"expires": "soon"}, "[0].expires is 'soon'; expected a date"),
        ({"expires": "2036-01-01"}, f"allowed up to {LONGEST_DAYS} days from today"),
        ({"policy": "encrypted-topic"}, "'encrypted-topic', which is no policy"),
        ({"resource": "*"}, "which is every resource"),
        ({"until": "2027-01-01"}, "[0].until is unknown"),
        ({"reason": 5}, "expected an object of texts"),
    ],
)
def test_what_is_no_waiver(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    """The error says which, what was found and what to do."""
    assert said in _problems(tmp_path, {**GOOD, **change})


def test_all_problems_are_told_together(tmp_path: Path) -> None:
    """Of all waivers, with the file's name."""
    said = _problems(tmp_path, {**GOOD, "reason": ""}, {**GOOD, "expires": "2020-01-01"})
    assert "waivers.json: 2 problems" in said


def test_a_pattern_with_a_colon_is_of_the_urn() -> None:
    """So that one stack's resource is meant and not another's of its name."""
    topic = Resource("t", "old-1", "urn:pulumi:dev::p::t::old-1", {})
    dev, prod = (Waiver("x", f"urn:pulumi:{stack}::*::old-1", "r", TODAY) for stack in ("dev", "prod"))
    assert waived([prod, dev], "x", topic) is dev
    assert waived([prod], "x", topic) is None
    assert waived([Waiver("y", "old-*", "r", TODAY)], "x", topic) is None


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A copy of the pack, to be given waivers."""
    return Path(shutil.copytree(PACK, tmp_path / "policies", ignore=shutil.ignore_patterns("__pycache__")))


def test_what_is_waived_stops_nothing(sandbox: Sandbox, pack: Path) -> None:
    """In the engine; what is not waived still does."""
    until = (date.today() + timedelta(days=5)).isoformat()  # noqa: DTZ011
    (pack / "waivers.json").write_text(json.dumps([{**GOOD, "expires": until}]))

    def program() -> None:
        tags = {"owner": "us", "environment": "dev"}
        aws.sns.Topic("old-one", tags=tags)
        pulumi.export("name", aws.sns.Topic("new-one", tags=tags).name)

    result = sandbox.stack(program, providers={"aws": Foreseen}, policy_packs=[pack]).preview()
    assert [(it.policy, it.urn.rpartition("::")[2]) for it in result.violations] == [("encrypted-topics", "new-one")]


def test_an_expired_waiver_stops_the_pack(pack: Path) -> None:
    """Nobody is to find out by an incident that an exception had ended."""
    (pack / "waivers.json").write_text(json.dumps([{**GOOD, "expires": "2020-01-01"}]))
    with pytest.raises(SandboxError, match="which is past"):
        Pack.load(pack)
