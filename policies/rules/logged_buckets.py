"""Who reads or writes a bucket is logged."""

from collections.abc import Iterator, Sequence

from buckets import buckets
from kit import is_given
from rule import Concern, Finding, Resource, Settings, StackRule


def check(stack: Sequence[Resource], _: Settings) -> Iterator[Finding]:
    for bucket in buckets(stack):
        logged = bucket.all("BucketLogging") or is_given(bucket.resource.props.get("loggings"))
        if not logged and not bucket.is_log:
            yield Finding(bucket.resource, "BucketLogging", "missing")


RULE = StackRule(
    id="logged-buckets",
    concern=Concern.SECURITY,
    types=("aws:s3/*",),
    reason="Who had the weights is asked after a leak, and cannot be found out then.",
    fix="declare a BucketLogging into a bucket for logs; accessLog of CheckpointStore",
    covers=("CKV_AWS_18",),
    check=check,
)
