"""Checkpoint buckets, and all in them, are encrypted with a KMS key."""

from collections.abc import Iterator, Sequence

from bucket_encryption import KMS, weak_defaults, weak_objects
from buckets import checkpoint_buckets
from rule import Concern, Finding, Resource, Settings, StackRule


def check(stack: Sequence[Resource], _: Settings) -> Iterator[Finding]:
    for bucket in checkpoint_buckets(stack):
        yield from weak_defaults(bucket, *KMS)
        yield from weak_objects(bucket, *KMS)


RULE = StackRule(
    id="encrypted-checkpoint-buckets",
    concern=Concern.SECURITY,
    types=("aws:s3/*",),
    reason="With a KMS key, who may read weights is decided, logged and can be revoked apart from the bucket.",
    fix="use the component CheckpointStore, or encrypt by default with sseAlgorithm 'aws:kms' and a key of your own",
    covers=("CKV_AWS_19", "CKV_AWS_145"),
    check=check,
)
