"""S3: objects."""

import base64
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import pulumi

from sluice_sandbox.aws.clients import Clients
from sluice_sandbox.aws.resource_type import Failure, ResourceType, Values
from sluice_sandbox.aws.tagging import Tagging
from sluice_sandbox.aws.types.s3_bucket import empty

_CONTENTS = ("source", "content", "contentBase64")
_TOLD = (
    "cacheControl",
    "contentDisposition",
    "contentEncoding",
    "contentLanguage",
    "contentType",
    "kmsKeyId",
    "metadata",
    "objectLockLegalHoldStatus",
    "objectLockMode",
    "objectLockRetainUntilDate",
    "serverSideEncryption",
    "websiteRedirect",
)
"""What is told of an object as it was asked for."""


class _ObjectTagging(Tagging):
    """An object's tags are read and written all at once."""

    def read(self, aws: Clients, service: str, target: str, described: Any) -> dict[str, str] | None:
        answer = aws.call(service, "GetObjectTagging", **_address(target))
        return self.from_api(answer["TagSet"])

    def change(self, aws: Clients, service: str, target: str, old: Any, new: Any) -> None:
        if new:
            aws.call(service, "PutObjectTagging", **_address(target), Tagging={"TagSet": self.to_api(new)})
        else:
            aws.call(service, "DeleteObjectTagging", **_address(target))


class BucketObjectv2(ResourceType):
    """An object: a file, or a text, at a key."""

    token = "aws:s3/bucketObjectv2:BucketObjectv2"
    service = "s3"
    create_operation, read_operation, delete_operation = "PutObject", "HeadObject", "DeleteObject"
    names = {"kmsKeyId": "SSEKMSKeyId", "websiteRedirect": "WebsiteRedirectLocation", "etag": "ETag"}
    computed = {
        "versionId": "VersionId",
        "checksumSha256": "ChecksumSHA256",
        "checksumSha1": "ChecksumSHA1",
        "checksumCrc32": "ChecksumCRC32",
        "checksumCrc32c": "ChecksumCRC32C",
    }
    extra_inputs = frozenset({"source", "sourceHash", "etag", "content", "contentBase64"})
    untold = frozenset({"source", "sourceHash", "content", "contentBase64", "checksumAlgorithm", "acl"})
    missing = ("404", "NoSuchKey", "NoSuchBucket")
    tagging = _ObjectTagging(member="")

    def check_more(self, inputs: Values) -> Iterator[Failure]:
        given = [key for key in _CONTENTS if inputs.get(key) is not None]
        if len(given) > 1:
            yield given[1], f"is given together with {given[0]}; an object has one content"
        source = inputs.get("source")
        if isinstance(source, pulumi.Archive | pulumi.RemoteAsset):
            yield "source", f"is of the type {type(source).__name__}; allowed: FileAsset, StringAsset"
        encoded = inputs.get("contentBase64")
        if isinstance(encoded, str) and not _is_base64(encoded):
            yield "contentBase64", "is not base64"

    def replaces(self, key: str) -> bool:
        return key in ("bucket", "key")

    def create(self, aws: Clients, inputs: Values, timeout: float) -> tuple[str, Values]:
        self._put(aws, inputs)
        identity = self.identity_of(inputs)
        return identity, self.read_existing(aws, identity)

    def update(self, aws: Clients, identity: str, old: Values, new: Values, timeout: float) -> Values:
        if {key: value for key, value in old.items() if key != "tags"} == {k: v for k, v in new.items() if k != "tags"}:
            self.tagging.change(aws, self.service, identity, old.get("tags"), new.get("tags"))
        else:
            self._put(aws, new)
        return self.read_existing(aws, identity)

    def delete(self, aws: Clients, identity: str, outputs: Values, timeout: float) -> None:
        address = _address(identity)
        if outputs.get("versionId"):
            empty(aws, address["Bucket"], address["Key"])
        else:
            aws.find(self.service, self.delete_operation, self.missing, **address)

    def identity_of(self, inputs: Values) -> str:
        return f"{inputs['bucket']}/{inputs['key']}"

    def key(self, identity: str) -> Values:
        return {**_address(identity), "ChecksumMode": "ENABLED"}

    def complete(self, aws: Clients, identity: str, outputs: Values, described: Values) -> Values:
        address = _address(identity)
        kept = {key: outputs.get(key) for key in (*_TOLD, *self.computed)}
        told = {
            **kept,
            "bucket": address["Bucket"],
            "key": address["Key"],
            "arn": f"arn:aws:s3:::{identity}",
            "etag": described["ETag"].strip('"'),
            "storageClass": described.get("StorageClass", "STANDARD"),
            "bucketKeyEnabled": bool(described.get("BucketKeyEnabled")),
        }
        return super().complete(aws, identity, told, described)

    def _put(self, aws: Clients, inputs: Values) -> None:
        request = self.request({key: value for key, value in inputs.items() if key not in self.extra_inputs})
        with _body(inputs) as body:
            aws.call(self.service, self.create_operation, **request, Body=body)
        if inputs.get("tags"):
            self.tagging.change(aws, self.service, self.identity_of(inputs), None, inputs["tags"])


class BucketObject(BucketObjectv2):
    """The same under its older name."""

    token = "aws:s3/bucketObject:BucketObject"
    computed = {"versionId": "VersionId"}
    refused = frozenset({"checksumAlgorithm"})


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text, validate=True)
    except ValueError:
        return False
    return True


def _address(identity: str) -> Values:
    bucket, _, key = identity.partition("/")
    return {"Bucket": bucket, "Key": key}


def _body(inputs: Values) -> BinaryIO:
    """Returns the content as a stream, so that a file is never wholly in memory."""
    source = inputs.get("source")
    if isinstance(source, pulumi.FileAsset):
        return Path(source.path).open("rb")
    if isinstance(source, pulumi.StringAsset):
        return io.BytesIO(source.text.encode())
    if inputs.get("contentBase64") is not None:
        return io.BytesIO(base64.b64decode(inputs["contentBase64"]))
    return io.BytesIO(str(inputs.get("content") or "").encode())
