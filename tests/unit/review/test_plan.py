"""Plans, as engines print them."""

from typing import Any

import pytest

from sluice.errors import InvalidFile
from sluice.review.plan import SECRET, UNKNOWN, read_plan, shown
from tests.unit.review.samples import endpoint, movement, plan, said, step

ENCRYPTED = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "abc"}


def test_a_step_is_about_a_resource() -> None:
    """Its type and name are those of the program, below whatever component it is."""
    (it,) = read_plan(plan(movement({"blue": 100}, {"blue": 90, "green": 10})), "plan.json").steps
    assert (it.op, it.type, it.name) == ("update", "sluice:index:LiveEndpoint", "digits")
    assert it.changes == {"weights.blue": "update", "weights.green": "update"}


def test_a_replacement_is_one_change() -> None:
    """The CLI tells it in three steps."""
    whole = endpoint({"blue": 100})
    ops = ("create-replacement", "replace", "delete-replaced")
    found = read_plan(plan(*(step(op, whole, whole) for op in ops), step("same", whole, whole)), "plan.json")
    assert [it.op for it in found.changed] == ["replace"]


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ([], "is no plan: it has no steps"),
        ({"deployment": {}}, "is no plan: it has no steps"),
        ({"steps": {}}, "steps is dict; expected a list"),
        ({"steps": [3]}, r"steps\[0\] is int; expected a map"),
        ({"steps": [{"op": "same"}]}, r"steps\[0\] lacks op or urn"),
        ({"steps": [], "diagnostics": "x", "config": []}, "2 problems"),
    ],
)
def test_what_is_no_plan_is_refused(document: Any, told: str) -> None:
    """With every problem, and how to make a plan."""
    with pytest.raises(InvalidFile, match=told):
        read_plan(document, "plan.json")


def test_a_plan_without_resources_is_one() -> None:
    """The CLI prints null for an empty list."""
    assert read_plan({"steps": None}, "plan.json").changed == []


def test_errors_make_a_plan_fail() -> None:
    """The CLI has no other sign of it, and begins the text with the severity."""
    found = read_plan(plan(diagnostics=[said("error", "error: no such bucket\n")]), "plan.json")
    assert found.failed
    assert [it.message for it in found.said] == ["no such bucket"]
    assert not read_plan(plan(diagnostics=[said("warning", "old")]), "plan.json").failed


def test_what_the_cli_says_around_an_error_is_left_out() -> None:
    """Its own `preview failed` stays only where nothing else says why."""
    refused = said("error", "error: Preview failed: LiveEndpoint 'digits': 1 problem\n  weights refused\n")
    again = said("error", "error: preview failed\n", "")
    found = read_plan(plan(diagnostics=[refused, again]), "plan.json")
    assert [it.message for it in found.said] == ["LiveEndpoint 'digits': 1 problem\n  weights refused"]
    assert [it.message for it in read_plan(plan(diagnostics=[again]), "plan.json").said] == ["preview failed"]


def test_policies_that_are_not_told_are_not_taken_as_kept() -> None:
    """The CLI's document has none."""
    assert read_plan({"steps": []}, "plan.json").policies is None
    assert read_plan({"steps": [], "policyViolations": []}, "plan.json").policies == ()


def test_secrets_and_unknowns_are_called_so() -> None:
    """Wherever they are in a value."""
    unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
    assert shown({"a": [ENCRYPTED, unknown, 1]}) == {"a": [SECRET, UNKNOWN, 1]}


def test_the_state_after_is_what_stays() -> None:
    """Deleted resources are in the state before alone; what is unknown is hidden as a secret is."""
    gone = step("delete", endpoint({"blue": 100}), None)
    made = step("create", None, {"urn": "new", "type": "t", "inputs": {"arn": "04da6b54-80e4-46f7-96ec-b56ff0331ba9"}})
    found = read_plan(plan(gone, {**made, "urn": "new"}), "plan.json")
    before, after = (found.state(before=it)["deployment"]["resources"] for it in (True, False))
    assert [it["type"] for it in before] == ["sluice:index:LiveEndpoint"]
    assert [it["type"] for it in after] == ["t"]
    assert isinstance(after[0]["outputs"]["arn"], dict)
