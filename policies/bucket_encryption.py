"""How a bucket encrypts what is put into it."""

from collections.abc import Iterator
from typing import Any

from buckets import Bucket
from rule import UNKNOWN, Finding

KMS = ("aws:kms", "aws:kms:dsse")
COMPANION = "BucketServerSideEncryptionConfiguration"
INLINE = ("serverSideEncryptionConfiguration", "serverSideEncryptionConfigurations")
"""As Bucket and as the old BucketV2 name it."""


def weak_defaults(bucket: Bucket, *allowed: str) -> Iterator[Finding]:
    """Yields where a bucket's default is no encryption, or another than those allowed."""
    settings = [(setting, "rules", setting.props.get("rules")) for setting in bucket.all(COMPANION)]
    # What a resource of its own declares shows in the bucket too, when that is read again.
    settings = settings or [(bucket.resource, key, bucket.resource.props.get(key)) for key in INLINE]
    found = [(resource, *at) for resource, path, value in settings for at in _algorithms(path, value)]
    if not found:
        yield Finding(bucket.resource, COMPANION, "missing")
    for resource, path, algorithm in found:
        if algorithm not in (*allowed, UNKNOWN):
            yield Finding(resource, path, repr(algorithm))


def weak_objects(bucket: Bucket, *allowed: str) -> Iterator[Finding]:
    """Yields the objects of a bucket that are encrypted in another way than those allowed."""
    for stored in bucket.all("BucketObject", "ObjectCopy"):
        algorithm = stored.props.get("serverSideEncryption")
        if algorithm not in (*allowed, None, UNKNOWN):
            yield Finding(stored, "serverSideEncryption", repr(algorithm))


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
