"""Tables are encrypted with a key of your own, and can be restored to any second."""

from collections.abc import Iterator

from kit import missing, unless
from rule import Concern, Finding, Resource, ResourceRule, Settings


def check(resource: Resource, _: Settings) -> Iterator[Finding]:
    yield from unless(resource, "pointInTimeRecovery.enabled", True)
    yield from unless(resource, "serverSideEncryption.enabled", True)
    yield from missing(resource, "serverSideEncryption.kmsKeyArn")


RULE = ResourceRule(
    id="restorable-tables",
    concern=Concern.SECURITY,
    types=("aws:dynamodb/table:Table",),
    reason="The journal of all movements of traffic is such a table: gates and rollbacks judge by it.",
    fix="set pointInTimeRecovery.enabled, and serverSideEncryption with a kmsKeyArn; RolloutJournal does",
    covers=("CKV_AWS_28", "CKV_AWS_119"),
    check=check,
)
