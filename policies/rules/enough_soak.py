"""A candidate stays on each rung, and in the shadow, for as long as this environment asks."""

from collections.abc import Iterator, Mapping

from kit import HOURS, at, number
from rule import Concern, Finding, Resource, ResourceRule, Settings


def check(resource: Resource, settings: Settings) -> Iterator[Finding]:
    hours, days = settings["minSoakHours"], settings["minShadowDays"]
    soaks = {"soakHours": at(resource.props, "rollout.soakHours")}
    rungs = at(resource.props, "rollout.soakHoursAt")
    soaks |= {f"soakHoursAt.{rung}": it for rung, it in rungs.items()} if isinstance(rungs, Mapping) else {}
    for key, value in soaks.items():
        if (soak := number(value)) is not None and soak < hours:
            yield Finding(resource, f"rollout.{key}", f"{soak:g} h; it takes {hours:g}")
    shadow = number(at(resource.props, "rollout.shadowDays"))
    if shadow is not None and shadow < days:
        yield Finding(resource, "rollout.shadowDays", f"{shadow:g}; it takes {days:g}")


RULE = ResourceRule(
    id="enough-soak",
    concern=Concern.ROLLOUT,
    types=("sluice:index:LiveEndpoint",),
    reason="Mistakes that show by the day, the night's batch or Monday's load, do not show in an hour.",
    fix="set soakHours, soakHoursAt and shadowDays to what the settings `minSoakHours` and `minShadowDays` ask",
    settings={
        "minSoakHours": {**HOURS, "default": 24, "description": "Hours on each rung."},
        "minShadowDays": {"type": "number", "minimum": 0, "default": 7, "description": "Days in the shadow."},
    },
    production=True,
    check=check,
)
