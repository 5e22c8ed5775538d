"""A version was evaluated on as many examples as its contract's margin takes."""

from collections.abc import Iterator
from typing import Any

from kit import COUNT
from rule import Concern, Finding, Resource, ResourceRule, Settings
from versions_seen import fact, is_candidate, without


def as_count(value: Any) -> int | None:
    return int(value) if isinstance(value, str) and value.isdigit() else None


def check(resource: Resource, settings: Settings) -> Iterator[Finding]:
    if not is_candidate(resource):
        return
    yield from without(resource, "report-examples", "contract-examples")
    had, wanted = (as_count(fact(resource, key)) for key in ("report-examples", "contract-examples"))
    if had is not None and had < max(wanted or 0, settings["minExamples"]):
        least = max(wanted or 0, settings["minExamples"])
        yield Finding(resource, "metadata.sluice:report-examples", f"{had}; it takes {least}")


RULE = ResourceRule(
    id="enough-examples",
    concern=Concern.EVIDENCE,
    types=("sluice:index:ModelPackage",),
    reason="On too few examples a version that is worse by the margin looks as good, by chance.",
    fix="enlarge the evaluation set; sluice plan-evaluation says how many examples a margin takes",
    settings={
        "minExamples": {**COUNT, "default": 100, "description": "The fewest examples, whatever the contract says."}
    },
    check=check,
)
