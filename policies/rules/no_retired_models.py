"""No version is of a model that its provider has retired."""

from collections.abc import Iterator

from clock import as_date, today
from rule import Concern, Finding, Resource, ResourceRule, Settings
from versions_seen import fact, is_candidate


def check(resource: Resource, _: Settings) -> Iterator[Finding]:
    retires = as_date(fact(resource, "retires"))
    if is_candidate(resource) and retires is not None and retires <= today():
        yield Finding(resource, "metadata.sluice:retires", f"{retires.isoformat()}, which is past")


RULE = ResourceRule(
    id="no-retired-models",
    concern=Concern.EVIDENCE,
    types=("sluice:index:ModelPackage",),
    reason="The provider does not answer for it any more: every request fails.",
    fix="move to a model that is served; sluice lock names the replacement",
    check=check,
)
