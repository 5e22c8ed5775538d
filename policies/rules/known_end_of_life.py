"""It is known until when a version is to live."""

from collections.abc import Iterator

from rule import Concern, Finding, Resource, ResourceRule, Settings
from versions_seen import is_candidate, without


def check(resource: Resource, _: Settings) -> Iterator[Finding]:
    if is_candidate(resource):
        yield from without(resource, "end-of-life")


RULE = ResourceRule(
    id="known-end-of-life",
    concern=Concern.OWNERSHIP,
    types=("sluice:index:ModelPackage",),
    reason="A date that nobody set is met by surprise: a provider retires a model, a licence ends, data grows old.",
    fix="set end_of_life of life in the manifest, and run: sluice lock <manifest>",
    check=check,
)
