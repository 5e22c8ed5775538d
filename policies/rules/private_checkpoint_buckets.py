"""Checkpoint buckets are private, whichever of S3's ways to publish is tried."""

from collections.abc import Iterator, Sequence

from buckets import checkpoint_buckets
from public_buckets import opened, unblocked
from rule import Concern, Finding, Resource, Settings, StackRule


def check(stack: Sequence[Resource], _: Settings) -> Iterator[Finding]:
    for bucket in checkpoint_buckets(stack):
        yield from unblocked(bucket)
        yield from opened(bucket)


RULE = StackRule(
    id="private-checkpoint-buckets",
    concern=Concern.SECURITY,
    types=("aws:s3/*",),
    reason="Weights are what a model is: who reads them has it, and who writes them decides what it answers.",
    fix="use the component CheckpointStore, or block all public access with a BucketPublicAccessBlock whose four "
    "flags are true, and grant nothing to everybody",
    covers=("CKV_AWS_20", "CKV_AWS_53", "CKV_AWS_54", "CKV_AWS_55", "CKV_AWS_56"),
    check=check,
)
