"""Plans that nobody made, for tests of what is told of them."""

from typing import Any

from sluice.review.cost import Cost
from sluice.review.declared import Declared
from sluice.review.page import Review, review
from sluice.review.plan import read_plan

NAME = "digits"
TYPE = "sluice:index:LiveEndpoint"
VERSIONS = {"blue": "digits@1 sha256:aaaaaaaaaaaa", "green": "digits@2 sha256:bbbbbbbbbbbb"}


def urn(type_: str = TYPE, name: str = NAME) -> str:
    return f"urn:pulumi:prod::shop::sluice:index:ModelEndpoint${type_}::{name}"


def endpoint(weights: dict[str, float], **inputs: Any) -> dict[str, Any]:
    """Returns an endpoint's state."""
    given = {"name": NAME, "weights": weights, "versions": VERSIONS, "baseline": "blue", **inputs}
    return {"urn": urn(), "type": TYPE, "inputs": given, "outputs": given}


def step(op: str, old: dict[str, Any] | None, new: dict[str, Any] | None, **more: Any) -> dict[str, Any]:
    return {"op": op, "urn": urn(), "oldState": old, "newState": new, **more}


def movement(before: dict[str, float], after: dict[str, float]) -> dict[str, Any]:
    """Returns the step of an endpoint whose traffic moves."""
    changed = {
        f"weights.{slot}": {"kind": "update", "inputDiff": True} for slot in after if before.get(slot) != after[slot]
    }
    return step("update" if changed else "same", endpoint(before), endpoint(after), detailedDiff=changed)


def plan(*steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Returns a plan as the CLI prints it."""
    return {"steps": list(steps), "diagnostics": [], "policyViolations": [], "config": {}, **more}


def said(severity: str, message: str, about: str | None = None) -> dict[str, str]:
    return {"severity": severity, "message": message, "urn": urn() if about is None else about}


def reviewed(
    *steps: dict[str, Any],
    now: Declared | None = None,
    base: Declared | None = None,
    cost: Cost | None = None,
    **more: Any,
) -> Review:
    """Returns the review of a plan of these steps."""
    found = read_plan(plan(*steps, **more), "plan.json")
    return review("prod", found, now or Declared({}), base, None if base is None else "main", cost)
