"""Checkpoint buckets, and all in them, are encrypted with a KMS key."""

from collections.abc import Iterator, Sequence
from typing import Any

from buckets import CheckpointBucket, checkpoint_buckets
from rule import UNKNOWN, Finding, Resource, StackRule

ALGORITHMS = ("aws:kms", "aws:kms:dsse")
COMPANION = "BucketServerSideEncryptionConfiguration"
INLINE = ("serverSideEncryptionConfiguration", "serverSideEncryptionConfigurations")
"""As Bucket and as the old BucketV2 name it."""


def check(stack: Sequence[Resource]) -> Iterator[Finding]:
    for bucket in checkpoint_buckets(stack):
        yield from _by_default(bucket)
        for stored in bucket.all("BucketObject", "ObjectCopy"):
            algorithm = stored.props.get("serverSideEncryption")
            if algorithm not in (*ALGORITHMS, None, UNKNOWN):
                yield Finding(stored, "serverSideEncryption", repr(algorithm))


def _by_default(bucket: CheckpointBucket) -> Iterator[Finding]:
    settings = [(setting, "rules", setting.props.get("rules")) for setting in bucket.all(COMPANION)]
    # What a resource of its own declares shows in the bucket too, when that is read again.
    settings = settings or [(bucket.resource, key, bucket.resource.props.get(key)) for key in INLINE]
    found = [(resource, *at) for resource, path, value in settings for at in _algorithms(path, value)]
    if not found:
        yield Finding(bucket.resource, COMPANION, "missing")
    for resource, path, algorithm in found:
        if algorithm not in (*ALGORITHMS, UNKNOWN):
            yield Finding(resource, path, repr(algorithm))


def _algorithms(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Yields path and value of every `sseAlgorithm`, and of every unknown that may have one."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _algorithms(f"{path}.{key}", item)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _algorithms(f"{path}[{index}]", item)
    elif path.endswith(".sseAlgorithm") or (value is UNKNOWN and not path.endswith(("Id", "Enabled"))):
        yield path, value


RULE = StackRule(
    id="encrypted-checkpoint-buckets",
    reason="With a KMS key, who may read weights is decided, logged and can be revoked apart from the bucket.",
    fix="use the component CheckpointStore, or encrypt by default with sseAlgorithm 'aws:kms' and a key of your own",
    check=check,
)
