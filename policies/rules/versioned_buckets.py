"""Buckets keep what is overwritten or deleted."""

from collections.abc import Iterator, Sequence

from buckets import buckets
from kit import at, told
from rule import UNKNOWN, Concern, Finding, Resource, Settings, StackRule


def check(stack: Sequence[Resource], _: Settings) -> Iterator[Finding]:
    for bucket in buckets(stack):
        statuses = [at(it.props, "versioningConfiguration.status") for it in bucket.all("BucketVersioning")]
        statuses += ["Enabled"] if at(bucket.resource.props, "versioning.enabled") is True else []
        if not statuses:
            yield Finding(bucket.resource, "BucketVersioning", "missing")
        for status in statuses:
            if status not in ("Enabled", UNKNOWN):
                yield Finding(bucket.resource, "versioningConfiguration.status", told(status))


RULE = StackRule(
    id="versioned-buckets",
    concern=Concern.SECURITY,
    types=("aws:s3/*",),
    reason="What was overwritten by mistake, or by somebody else, can be had back.",
    fix="declare a BucketVersioning with status 'Enabled'",
    covers=("CKV_AWS_21",),
    check=check,
)
