"""Buckets, those that hold model checkpoints among them, and the resources that are settings or content of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kit import tags_of
from rule import Resource


@dataclass(frozen=True)
class Bucket:
    """A bucket of this stack."""

    resource: Resource
    companions: Sequence[Resource]
    """What names the bucket in its property `bucket`."""
    is_log: bool = False
    """Whether the accesses to another bucket are logged in it."""

    def all(self, *kinds: str) -> list[Resource]:
        """Returns the companions of these kinds, such as `BucketAcl`."""
        return [resource for resource in self.companions if kind(resource) in kinds]

    @property
    def holds_checkpoints(self) -> bool:
        """Whether it is of the component CheckpointStore, or is tagged as such."""
        tagged = tags_of(self.resource).get("sluice:component") == "CheckpointStore"
        return tagged or "sluice:index:CheckpointStore$" in self.resource.urn


def buckets(stack: Sequence[Resource]) -> Iterator[Bucket]:
    """Yields the buckets of a stack, without those that it only looks up: their settings are where they are made."""
    by_kind: dict[str, list[Resource]] = {}
    for resource in stack:
        by_kind.setdefault(kind(resource), []).append(resource)
    companions = [it for name, found in by_kind.items() if name not in ("", "Bucket") for it in found]
    for bucket in by_kind.get("Bucket", []):
        if tags_of(bucket).get("sluice:stack", bucket.stack) == bucket.stack:
            logged = any(_is_named("targetBucket", it, bucket) for it in by_kind.get("BucketLogging", []))
            yield Bucket(bucket, [it for it in companions if _is_named("bucket", it, bucket)], logged)


def checkpoint_buckets(stack: Sequence[Resource]) -> Iterator[Bucket]:
    """Yields the checkpoint buckets of a stack."""
    return (bucket for bucket in buckets(stack) if bucket.holds_checkpoints)


def other_buckets(stack: Sequence[Resource]) -> Iterator[Bucket]:
    """Yields the buckets of a stack that hold no checkpoints."""
    return (bucket for bucket in buckets(stack) if not bucket.holds_checkpoints)


def kind(resource: Resource) -> str:
    """Returns `BucketAcl` for `aws:s3/bucketAcl:BucketAcl` or the old `BucketAclV2`; nothing for what is not S3."""
    package, _, name = resource.type.rpartition(":")
    return name.removesuffix("V2").removesuffix("v2") if package.startswith("aws:s3/") else ""


def _is_named(key: str, resource: Resource, bucket: Resource) -> bool:
    named, name = resource.props.get(key), bucket.props.get("bucket")
    if isinstance(named, str) and isinstance(name, str):
        return named == name
    # Before the bucket is there its name is not known, but who will take it is.
    return bucket.urn in resource.uses.get(key, ())
