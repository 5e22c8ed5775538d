"""Policies over an exported stack, without any engine."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from configuration import Configuration
from discovery import discover
from problems import InvalidPolicyFile
from rule import Concern, Level, Resource, ResourceRule, Settings
from state_check import check_state, read_export
from tests.policies import good
from tests.policies.conftest import PACK

SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:abc:def"}


def _exported(tmp_path: Path, stack: list[Resource], **more: Any) -> Path:
    """Writes an export as the CLI does."""
    resources = [
        {"urn": it.urn, "type": it.type, "custom": True, "inputs": it.props, "outputs": it.props, **more}
        for it in stack
    ]
    file = tmp_path / "state.json"
    file.write_text(json.dumps({"version": 3, "deployment": {"resources": resources}}))
    return file


def _run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "rules", *map(str, arguments)]
    return subprocess.run(command, cwd=PACK, capture_output=True, text=True, check=False, timeout=60)


def test_a_good_stack_passes(tmp_path: Path) -> None:
    """The command says nothing and exits with 0."""
    done = _run("check-state", _exported(tmp_path, good.stack()), "--config", PACK / "config" / "prod.json")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_violation_is_told_and_ends_with_1(tmp_path: Path) -> None:
    """What stops comes first; the same in JSON."""
    state = _exported(tmp_path, good.stack({"alerts": {"kmsMasterKeyId": None}, "key": {"tags": None}}))
    done = _run("check-state", state)
    assert done.returncode == 1
    assert done.stdout.startswith(
        "[mandatory]  encrypted-topics  aws:sns/topic:Topic 'alerts': kmsMasterKeyId is missing;"
    )
    told = json.loads(_run("check-state", state, "--json").stdout)
    assert [(it["policy"], it["level"]) for it in told] == [
        ("encrypted-topics", "mandatory"),
        ("owned-resources", "mandatory"),
        ("owned-resources", "mandatory"),
    ]


def test_advice_ends_with_0(tmp_path: Path) -> None:
    """It is told, and stops nothing."""
    state = _exported(tmp_path, good.stack({"alerts": {"kmsMasterKeyId": None}}))
    done = _run("check-state", state, "--config", PACK / "config" / "dev.json")
    assert done.returncode == 0
    assert "[advisory]  encrypted-topics" in done.stdout


def test_what_is_waived_is_told_with_its_reason(tmp_path: Path) -> None:
    """And stops nothing."""
    waivers = tmp_path / "waivers.json"
    waiver = {"policy": "encrypted-topics", "resource": "alerts", "reason": "moved soon", "expires": "2026-11-30"}
    from clock import today

    waiver["expires"] = today().isoformat()
    waivers.write_text(json.dumps([waiver]))
    done = _run(
        "check-state", _exported(tmp_path, good.stack({"alerts": {"kmsMasterKeyId": None}})), "--waivers", waivers
    )
    assert done.returncode == 0
    assert done.stdout.startswith(f"[waived until {waiver['expires']}]  encrypted-topics")
    assert "(waived: moved soon)" in done.stdout


def test_a_secret_is_not_known_here(tmp_path: Path) -> None:
    """It satisfies nothing that asks for a value, violates nothing, and is not shown; that it is there counts."""
    stack = good.stack({"model-1": {"primaryContainer.image": SECRET}, "alerts": {"kmsMasterKeyId": SECRET}})
    done = _run("check-state", _exported(tmp_path, stack))
    assert (done.returncode, done.stdout) == (0, "")


def test_what_is_about_to_be_deleted_is_no_part_of_the_stack(tmp_path: Path) -> None:
    """Nor of what policies judge."""
    state = _exported(tmp_path, good.stack({"alerts": {"kmsMasterKeyId": None}}), delete=True)
    assert _run("check-state", state).returncode == 0


@pytest.mark.parametrize("content", ["{", "[]", '{"deployment": null}', '{"deployment": {"resources": [{}]}}'])
def test_what_is_no_export(tmp_path: Path, content: str) -> None:
    """The command ends with 2, and says how to make one."""
    file = tmp_path / "state.json"
    file.write_text(content)
    done = _run("check-state", file)
    assert done.returncode == 2
    assert str(file) in done.stderr


def test_a_missing_file(tmp_path: Path) -> None:
    """It is an error of a word, not a traceback."""
    with pytest.raises(InvalidPolicyFile, match="cannot be read"):
        read_export(tmp_path / "none.json")


def _failing(_: Resource, __: Settings) -> list[Any]:
    raise KeyError("oops")


@pytest.mark.parametrize(("level", "stops"), [(Level.MANDATORY, True), (Level.ADVISORY, True), (Level.DISABLED, False)])
def test_a_policy_that_raises_has_not_passed(tmp_path: Path, level: Level, stops: bool) -> None:
    """It is told as such, and others are asked all the same; only one that is off is not."""
    broken = ResourceRule(id="it", concern=Concern.COST, reason="r", fix="f", check=_failing)
    exported = read_export(_exported(tmp_path, good.stack({"alerts": {"kmsMasterKeyId": None}})))
    rules = [broken, *discover()]
    found = list(check_state(exported, rules, Configuration(levels={"it": level})))
    told = [it for it in found if it.policy == "it"]
    assert [it.stops for it in told] == [True] * stops
    assert all(it.message == "the policy itself failed: KeyError: 'oops'" for it in told)
    assert "encrypted-topics" in {it.policy for it in found}


def test_a_configuration_is_checked_by_a_command(tmp_path: Path) -> None:
    """For CI, as the CLI takes no notice of a policy that there is not."""
    assert _run("check-config", *sorted((PACK / "config").glob("*.json"))).returncode == 0
    file = tmp_path / "config.json"
    file.write_text('{"pinned-image": "advisory"}')
    done = _run("check-config", file)
    assert done.returncode == 2
    assert "did you mean pinned-images?" in done.stderr


def test_the_cost_of_a_change_is_told_by_a_command(tmp_path: Path) -> None:
    """Line by line, in all, and by how much more."""
    before = _exported(tmp_path, good.stack()).rename(tmp_path / "before.json")
    twice = {"productionVariants": [good.variant("blue", "model-1", initialInstanceCount=8)]}
    after = _exported(tmp_path, good.stack({"configuration": twice}))
    done = _run("cost", after, "--before", before, "--region", "us-east-1")
    assert done.returncode == 0
    assert "8 x ml.m5.xlarge for blue" in done.stdout
    assert done.stdout.splitlines()[-1].strip() == "+671.60  by this change"
