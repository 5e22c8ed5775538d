"""Times at which nothing may rise are declared."""

from collections.abc import Iterator

from kit import at, is_given
from rule import Concern, Finding, Resource, ResourceRule, Settings


def check(resource: Resource, _: Settings) -> Iterator[Finding]:
    if resource.props.get("rollout") is not None and not is_given(at(resource.props, "rollout.freezes")):
        yield Finding(resource, "rollout.freezes", "missing")


RULE = ResourceRule(
    id="declared-freezes",
    concern=Concern.ROLLOUT,
    types=("sluice:index:LiveEndpoint",),
    reason="A rise before the weekend is watched by nobody, and before the year's busiest day by everybody.",
    fix="declare freezes of rollout, for example every week: {time_zone: Europe/Berlin, windows: ['Fri 16:00 - "
    "Mon 08:00']}",
    production=True,
    check=check,
)
