"""All other buckets, and all in them, are encrypted too: with a KMS key, or S3's own where S3 writes its logs."""

from collections.abc import Iterator, Sequence

from bucket_encryption import KMS, weak_defaults, weak_objects
from buckets import other_buckets
from rule import Concern, Finding, Resource, Settings, StackRule


def check(stack: Sequence[Resource], _: Settings) -> Iterator[Finding]:
    for bucket in other_buckets(stack):
        # S3 delivers access logs to no bucket whose default is a KMS key.
        allowed = (*KMS, "AES256") if bucket.is_log else KMS
        yield from weak_defaults(bucket, *allowed)
        yield from weak_objects(bucket, *allowed)


RULE = StackRule(
    id="encrypted-buckets",
    concern=Concern.SECURITY,
    types=("aws:s3/*",),
    reason="Captured requests, reports and logs tell as much as weights do.",
    fix="encrypt by default with sseAlgorithm 'aws:kms' and a key of your own; 'AES256' in a bucket for access logs",
    covers=("CKV_AWS_19", "CKV_AWS_145"),
    check=check,
)
