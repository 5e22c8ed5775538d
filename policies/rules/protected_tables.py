"""Nobody deletes a table by mistake."""

from collections.abc import Iterator

from kit import unless
from rule import Concern, Finding, Resource, ResourceRule, Settings


def check(resource: Resource, _: Settings) -> Iterator[Finding]:
    yield from unless(resource, "deletionProtectionEnabled", True)


RULE = ResourceRule(
    id="protected-tables",
    concern=Concern.ROLLBACK,
    types=("aws:dynamodb/table:Table",),
    reason="Without the journal nobody knows what to go back to, nor what was gone back from.",
    fix="set deletionProtectionEnabled; RolloutJournal does unless forceDestroy is set",
    production=True,
    check=check,
)
