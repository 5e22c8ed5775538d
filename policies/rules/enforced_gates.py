"""An endpoint's traffic rises by gates that refuse."""

from collections.abc import Iterator

from kit import at
from rule import Concern, Finding, Resource, ResourceRule, Settings


def check(resource: Resource, _: Settings) -> Iterator[Finding]:
    rollout = resource.props.get("rollout")
    if rollout is None:
        yield Finding(resource, "rollout", "missing")
    elif at(rollout, "enforced") is False:
        yield Finding(resource, "rollout.enforced", "false")


RULE = ResourceRule(
    id="enforced-gates",
    concern=Concern.ROLLOUT,
    types=("sluice:index:LiveEndpoint",),
    reason="A gate that only warns lets a bad version through on the day that nobody reads warnings.",
    fix="declare rollout of the endpoint, and do not set enforced to false",
    production=True,
    check=check,
)
