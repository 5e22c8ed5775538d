"""A version says under which licence it may be used, and what it was made of."""

from collections.abc import Iterator

from rule import Concern, Finding, Resource, ResourceRule, Settings
from versions_seen import without


def check(resource: Resource, _: Settings) -> Iterator[Finding]:
    yield from without(resource, "licence", "weights-from", "data-from", "evaluation-set-digest")


RULE = ResourceRule(
    id="recorded-lineage",
    concern=Concern.EVIDENCE,
    types=("sluice:index:ModelPackage",),
    reason="Who asks where a model comes from, an auditor or a rights holder, asks about the one in production.",
    fix="set licence in the manifest, and run: sluice lock <manifest>",
    check=check,
)
