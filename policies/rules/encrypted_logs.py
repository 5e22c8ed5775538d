"""Logs are encrypted with a key of your own."""

from collections.abc import Iterator

from kit import missing
from rule import Concern, Finding, Resource, ResourceRule, Settings


def check(resource: Resource, _: Settings) -> Iterator[Finding]:
    yield from missing(resource, "kmsKeyId")


RULE = ResourceRule(
    id="encrypted-logs",
    concern=Concern.SECURITY,
    types=("aws:cloudwatch/logGroup:LogGroup",),
    reason="Containers log what they were asked, and who may read that is decided by the key.",
    fix="set kmsKeyId to a key whose policy lets logs.<region>.amazonaws.com use it; logKmsKeyArn of ModelEndpoint",
    covers=("CKV_AWS_158",),
    check=check,
)
