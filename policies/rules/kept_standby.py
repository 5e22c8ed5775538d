"""A slot that lost its traffic stays as it is for long enough to go back to it."""

from collections.abc import Iterator

from kit import HOURS, number
from rule import Concern, Finding, Resource, ResourceRule, Settings


def check(resource: Resource, settings: Settings) -> Iterator[Finding]:
    hours = number(resource.props.get("standbyHours"))
    if hours is not None and hours < settings["minHours"]:
        yield Finding(resource, "standbyHours", f"{hours:g}")


RULE = ResourceRule(
    id="kept-standby",
    concern=Concern.ROLLBACK,
    types=("sluice:index:LiveEndpoint",),
    reason="Going back to a fleet that runs takes seconds; to one that has to be made, it takes as long as making it.",
    fix="set standbyHours to the setting `minHours` or more; omitted, it is 72",
    settings={"minHours": {**HOURS, "default": 48, "description": "The fewest hours."}},
    production=True,
    check=check,
)
