"""S3: buckets."""

from typing import Any

from sluice_sandbox.aws.clients import Clients
from sluice_sandbox.aws.resource_type import ResourceType, Values
from sluice_sandbox.aws.tagging import Tagging

_BATCH = 1000
_UNLOCKED = ("ObjectLockConfigurationNotFoundError",)


class _BucketTagging(Tagging):
    """A bucket's tags are read and written all at once, and having none is an error."""

    def read(self, aws: Clients, service: str, target: str, described: Any) -> dict[str, str] | None:
        answer = aws.find(service, "GetBucketTagging", ("NoSuchTagSet",), Bucket=target)
        return self.from_api((answer or {}).get("TagSet"))

    def change(self, aws: Clients, service: str, target: str, old: Any, new: Any) -> None:
        if new:
            aws.call(service, "PutBucketTagging", Bucket=target, Tagging={"TagSet": self.to_api(new)})
        else:
            aws.call(service, "DeleteBucketTagging", Bucket=target)


class Bucket(ResourceType):
    """A bucket. What it holds is deleted with it only when `forceDestroy` says so."""

    token = "aws:s3/bucket:Bucket"
    service = "s3"
    create_operation, read_operation, delete_operation = "CreateBucket", "HeadBucket", "DeleteBucket"
    identity = autonamed = "bucket"
    names = {"objectLockEnabled": "ObjectLockEnabledForBucket"}
    extra_inputs = untold = frozenset({"forceDestroy"})
    mutable = ResourceType.mutable | extra_inputs
    missing = ("404", "NoSuchBucket")
    tagging = _BucketTagging(member="")

    def create(self, aws: Clients, inputs: Values, timeout: float) -> tuple[str, Values]:
        name = inputs["bucket"]
        request = self.request({key: inputs[key] for key in ("bucket", "objectLockEnabled") if key in inputs})
        if aws.region != "us-east-1":
            request["CreateBucketConfiguration"] = {"LocationConstraint": aws.region}
        aws.call(self.service, self.create_operation, **request)
        if inputs.get("tags"):
            self.tagging.change(aws, self.service, name, None, inputs["tags"])
        return name, self.read_existing(aws, name)

    def delete(self, aws: Clients, identity: str, outputs: Values, timeout: float) -> None:
        if outputs.get("forceDestroy"):
            empty(aws, identity)
        super().delete(aws, identity, outputs, timeout)

    def complete(self, aws: Clients, identity: str, outputs: Values, described: Values) -> Values:
        lock = aws.find(self.service, "GetObjectLockConfiguration", _UNLOCKED, Bucket=identity)
        told = {
            "bucket": identity,
            "arn": f"arn:aws:s3:::{identity}",
            "objectLockEnabled": lock is not None,
            "bucketDomainName": f"{identity}.s3.amazonaws.com",
            "bucketRegionalDomainName": f"{identity}.s3.{aws.region}.amazonaws.com",
            "bucketRegion": aws.region,
        }
        return super().complete(aws, identity, told, described)

    def input_names(self) -> frozenset[str]:
        # Everything else a bucket can have is a resource of its own.
        return frozenset({"bucket", "forceDestroy", "objectLockEnabled", "region", "tags"})


def empty(aws: Clients, bucket: str, key: str | None = None) -> None:
    """Deletes all versions of all objects, or of the one at a key."""
    while True:
        # A key is the first of those that begin with it, so it stands on the first page as long as it is there.
        page = aws.find("s3", "ListObjectVersions", ("NoSuchBucket",), Bucket=bucket, Prefix=key or "", MaxKeys=_BATCH)
        found = [*(page or {}).get("Versions", []), *(page or {}).get("DeleteMarkers", [])]
        found = [item for item in found if key is None or item["Key"] == key]
        if not found:
            return
        objects = [{"Key": item["Key"], "VersionId": item["VersionId"]} for item in found]
        aws.call("s3", "DeleteObjects", Bucket=bucket, Delete={"Objects": objects, "Quiet": True})
