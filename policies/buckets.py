"""The buckets that hold model checkpoints, and the resources that are settings or content of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rule import Resource


@dataclass(frozen=True)
class CheckpointBucket:
    """A bucket of the component CheckpointStore, or one that is tagged as such."""

    resource: Resource
    companions: Sequence[Resource]
    """What names the bucket in its property `bucket`."""

    def all(self, *kinds: str) -> list[Resource]:
        """Returns the companions of these kinds, such as `BucketAcl`."""
        return [resource for resource in self.companions if kind(resource) in kinds]


def checkpoint_buckets(stack: Sequence[Resource]) -> Iterator[CheckpointBucket]:
    """Yields the checkpoint buckets of a stack."""
    for bucket in stack:
        if kind(bucket) == "Bucket" and _holds_checkpoints(bucket):
            yield CheckpointBucket(bucket, [resource for resource in stack if _names(resource, bucket)])


def kind(resource: Resource) -> str:
    """Returns `BucketAcl` for `aws:s3/bucketAcl:BucketAcl` or the old `BucketAclV2`; nothing for what is not S3."""
    package, _, name = resource.type.rpartition(":")
    return name.removesuffix("V2").removesuffix("v2") if package.startswith("aws:s3/") else ""


def _holds_checkpoints(bucket: Resource) -> bool:
    tags = {**_tags(bucket, "tagsAll"), **_tags(bucket, "tags")}
    # A bucket that is only looked up here has its settings in the stack that made it.
    if tags.get("sluice:stack", _stack_of(bucket)) != _stack_of(bucket):
        return False
    return tags.get("sluice:component") == "CheckpointStore" or "sluice:index:CheckpointStore$" in bucket.urn


def _names(resource: Resource, bucket: Resource) -> bool:
    named, name = resource.props.get("bucket"), bucket.props.get("bucket")
    if not kind(resource) or kind(resource) == "Bucket":
        return False
    if isinstance(named, str) and isinstance(name, str):
        return named == name
    # Before the bucket is there its name is not known, but who will take it is.
    return bucket.urn in resource.uses.get("bucket", ())


def _tags(bucket: Resource, key: str) -> dict[str, object]:
    tags = bucket.props.get(key)
    return tags if isinstance(tags, dict) else {}


def _stack_of(resource: Resource) -> str:
    return resource.urn.removeprefix("urn:pulumi:").partition("::")[0]
