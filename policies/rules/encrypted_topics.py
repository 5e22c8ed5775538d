"""Messages of a topic are encrypted."""

from collections.abc import Iterator

from kit import missing
from rule import Concern, Finding, Resource, ResourceRule, Settings


def check(resource: Resource, _: Settings) -> Iterator[Finding]:
    yield from missing(resource, "kmsMasterKeyId")


RULE = ResourceRule(
    id="encrypted-topics",
    concern=Concern.SECURITY,
    types=("aws:sns/topic:Topic",),
    reason="A message of an alarm says what is wrong with which system.",
    fix="set kmsMasterKeyId, to a key of your own where alarms publish: the service's own key does not let them",
    covers=("CKV_AWS_26",),
    check=check,
)
