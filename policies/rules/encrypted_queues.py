"""Messages of a queue are encrypted."""

from collections.abc import Iterator

from kit import missing
from rule import UNKNOWN, Concern, Finding, Resource, ResourceRule, Settings


def check(resource: Resource, _: Settings) -> Iterator[Finding]:
    if resource.props.get("sqsManagedSseEnabled") not in (True, UNKNOWN):
        yield from missing(resource, "kmsMasterKeyId")


RULE = ResourceRule(
    id="encrypted-queues",
    concern=Concern.SECURITY,
    types=("aws:sqs/queue:Queue",),
    reason="Messages wait in a queue for days.",
    fix="set sqsManagedSseEnabled, or kmsMasterKeyId",
    covers=("CKV_AWS_27",),
    check=check,
)
