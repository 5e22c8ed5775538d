"""Who may force a rise is named."""

from collections.abc import Iterator

from kit import at, is_given
from rule import Concern, Finding, Resource, ResourceRule, Settings


def check(resource: Resource, _: Settings) -> Iterator[Finding]:
    if is_given(resource.props.get("force")) and not is_given(at(resource.props, "rollout.mayForce")):
        yield Finding(resource, "rollout.mayForce", "missing, and force is set")


RULE = ResourceRule(
    id="named-approvers",
    concern=Concern.ROLLOUT,
    types=("sluice:index:LiveEndpoint",),
    reason="Whoever passes a gate answers for it, so it must be known who may.",
    fix="list in mayForce of rollout who may, or take force out",
    production=True,
    check=check,
)
