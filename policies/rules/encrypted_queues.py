"""Messages of a queue are encrypted."""

from collections.abc import Iterator

from kit import missing
from rule import UNKNOWN, Changes, Concern, Finding, Resource, ResourceRule, Settings


def check(resource: Resource, _: Settings) -> Iterator[Finding]:
    if resource.props.get("sqsManagedSseEnabled") not in (True, UNKNOWN):
        yield from missing(resource, "kmsMasterKeyId")


def remedy(resource: Resource, settings: Settings) -> Changes:
    """Lets SQS encrypt with a key of its own, which takes nothing of whoever sends or reads."""
    return {("sqsManagedSseEnabled",): True} if list(check(resource, settings)) else {}


RULE = ResourceRule(
    id="encrypted-queues",
    concern=Concern.SECURITY,
    types=("aws:sqs/queue:Queue",),
    reason="Messages wait in a queue for days.",
    fix="set sqsManagedSseEnabled, or kmsMasterKeyId",
    covers=("CKV_AWS_27",),
    remedy=remedy,
    check=check,
)
