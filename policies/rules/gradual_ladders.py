"""A candidate's traffic begins small and grows in steps."""

from collections.abc import Iterator
from itertools import pairwise

from rollouts import ladder_of
from rule import Concern, Finding, Resource, ResourceRule, Settings


def check(resource: Resource, settings: Settings) -> Iterator[Finding]:
    rungs = ladder_of(resource)
    if rungs and rungs[0] > settings["firstRung"]:
        yield Finding(resource, "rollout.ladder[0]", f"{rungs[0]:g} %")
    for index, (lower, upper) in enumerate(pairwise(rungs), start=1):
        if upper - lower > settings["largestStep"]:
            yield Finding(resource, f"rollout.ladder[{index}]", f"{upper:g} %, after {lower:g} %")


RULE = ResourceRule(
    id="gradual-ladders",
    concern=Concern.ROLLOUT,
    types=("sluice:index:LiveEndpoint",),
    reason="From nothing to everything, every user meets the mistake at once.",
    fix="begin at the setting `firstRung` or below, and step by `largestStep` at most; omitted, the ladder is 1, "
    "5, 10, 25, 50, 100",
    settings={
        "firstRung": {"type": "number", "minimum": 0, "default": 5, "description": "Percent."},
        "largestStep": {"type": "number", "minimum": 0, "default": 50, "description": "Percentage points."},
    },
    production=True,
    check=check,
)
