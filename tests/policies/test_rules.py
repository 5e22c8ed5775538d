"""Rules, with programs that keep to them and programs that do not."""

import importlib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from sluice_sandbox.engine.policies import Pack
from tests.policies.conftest import PACK, Judge

PROGRAMS = Path(__file__).parent / "programs"
RULES = sorted(file.stem for file in PROGRAMS.glob("[!_]*.py"))
"""The rules whose ways to be violated take programs; `cases` has resources for all."""


def _programs(rule: str) -> ModuleType:
    return importlib.import_module(f"tests.policies.programs.{rule}")


def _cases(kind: str) -> list[Any]:
    return [pytest.param(rule, name, id=f"{rule}: {name}") for rule in RULES for name in getattr(_programs(rule), kind)]


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_has_programs_for_and_against_it(rule: str) -> None:
    """Its module under `programs` has at least one of either kind."""
    assert _programs(rule).PASSING
    assert _programs(rule).FAILING


@pytest.mark.parametrize(("rule", "name"), _cases("PASSING"))
def test_a_program_that_keeps_to_a_rule(rule: str, name: str, judge: Judge) -> None:
    """The rule says nothing about it, not even that it could not look."""
    result = judge(_programs(rule).PASSING[name])
    assert result.errors() == ""
    assert len(result.visible) > 1, "the program declares something"
    assert [violation for violation in result.violations if violation.policy == rule.replace("_", "-")] == []


@pytest.mark.parametrize(("rule", "name"), _cases("FAILING"))
def test_a_program_that_violates_a_rule(rule: str, name: str, judge: Judge) -> None:
    """The preview fails with just what was found; the message names resource and property, and ends with what to do."""
    program, found = _programs(rule).FAILING[name]
    result = judge(program)
    assert result.errors() == ""
    assert not result.succeeded
    violations = [violation for violation in result.violations if violation.policy == rule.replace("_", "-")]
    assert len(violations) == len(found), [violation.message for violation in violations]
    (policy,) = [policy for policy in Pack.load(PACK).policies if policy.name == rule.replace("_", "-")]
    for violation, text in zip(violations, found, strict=True):
        reason, message = violation.message.split("\n")
        assert violation.level == "mandatory"
        assert reason == policy.description
        assert message.partition("': ")[0].startswith(violation.urn.split("::")[-2].rpartition("$")[2])
        assert text in message
        assert message.endswith(f"; {policy.remediation_steps}")
