"""Every policy on stacks that pass, and on stacks that fail for that reason alone."""

from collections.abc import Sequence
from datetime import date

import pytest

from configuration import Configuration
from discovery import discover
from rule import Level, Resource, Rule
from state_check import Exported, Result, check_state
from tests.policies import good
from tests.policies.cases import Cases, all_cases

RULES: dict[str, Rule] = {rule.id: rule for rule in discover()}
CASES: dict[str, Cases] = all_cases()
ALL_MANDATORY = Configuration(levels={"all": Level.MANDATORY})


def found(stack: Sequence[Resource], configuration: Configuration = ALL_MANDATORY) -> list[Result]:
    """Returns what all policies say of a stack."""
    return list(check_state(Exported(stack, stack), RULES.values(), configuration))


def test_every_policy_has_cases() -> None:
    """A policy of which no failure is shown is a guess; cases of none are of one that was renamed."""
    assert CASES.keys() == RULES.keys()
    assert [policy for policy, cases in CASES.items() if not cases.failing] == []


def test_nobody_objects_to_the_good_stack() -> None:
    """It is what the cases change."""
    assert found(good.stack()) == []


@pytest.mark.parametrize("policy", RULES)
def test_the_good_stack_has_something_for_a_policy_to_look_at(policy: str) -> None:
    """So that nothing passes because there is nothing."""
    rule = RULES[policy]
    assert any(rule.concerns(resource, rule.complete(None)) for resource in good.stack())


@pytest.mark.parametrize(
    ("policy", "name"), [pytest.param(it, name, id=f"{it}: {name}") for it in CASES for name in CASES[it].passing]
)
def test_what_passes(policy: str, name: str) -> None:
    """No policy says anything, this one the least."""
    assert found(CASES[policy].passing[name]()) == []


@pytest.mark.parametrize(
    ("policy", "name"), [pytest.param(it, name, id=f"{it}: {name}") for it in CASES for name in CASES[it].failing]
)
def test_what_fails(policy: str, name: str) -> None:
    """That policy alone objects, to just what was changed; the message ends with what to do."""
    given, expected = CASES[policy].failing[name]
    results = found(given())
    assert {result.policy for result in results} == {policy}
    assert len(results) == len(expected), [result.message for result in results]
    for result, text in zip(results, expected, strict=True):
        assert f": {text}" in result.message
        assert result.message.endswith(f"; {RULES[policy].fix}")
        assert result.stops


def test_rules_of_production_are_silent_elsewhere() -> None:
    """Unless they are configured for the stack: who develops needs no freeze."""
    rule = RULES["declared-freezes"]
    (endpoint,) = [it for it in good.stack({"endpoint": {"rollout.freezes": None}}) if it.name == "endpoint"]
    dev = Resource(endpoint.type, endpoint.name, endpoint.urn.replace(":prod::", ":dev::"), endpoint.props)
    assert list(rule.findings(endpoint, rule.complete(None)))  # type: ignore[arg-type]
    assert not list(rule.findings(dev, rule.complete(None)))  # type: ignore[arg-type]
    assert list(rule.findings(dev, rule.complete({"stacks": ["dev"]})))  # type: ignore[arg-type]


def test_what_is_retired_today_is_retired() -> None:
    """A provider's date is the first day without it."""
    stack = good.stack({"api": {"metadata.sluice:retires": date.today().isoformat()}})  # noqa: DTZ011
    assert "no-retired-models" in {result.policy for result in found(stack)}
