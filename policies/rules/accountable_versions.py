"""A version says who owns it, and how to reach them."""

from collections.abc import Iterator

from rule import Concern, Finding, Resource, ResourceRule, Settings
from versions_seen import without


def check(resource: Resource, _: Settings) -> Iterator[Finding]:
    yield from without(resource, "owner", "contact")


RULE = ResourceRule(
    id="accountable-versions",
    concern=Concern.OWNERSHIP,
    types=("sluice:index:ModelPackage",),
    reason="A model outlives the memory of who made it.",
    fix="set owner in the manifest, and run: sluice lock <manifest>",
    check=check,
)
