"""
Objects of S3: `s3://bucket/key`, or `s3://bucket/prefix/` with all that is below it.

The digest is S3's own SHA-256 of the whole object where it keeps one, so that nothing is downloaded; else the object
is read once. An ETag is a digest only of what was put in one piece and without KMS; then it is the MD5, too weak to
pin by, but enough to see that a version which was read once is still that one.
"""

import base64
import re
from dataclasses import dataclass
from typing import Any

from sluice.manifest.pins import FilePin, Pin
from sluice.sources import Context
from sluice.sources._aws import client, told
from sluice.sources.errors import NoSuchVersion, SourceError
from sluice.sources.hashing import content_digest, hash_stream

_URI = re.compile(r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/(?P<key>.+)", re.DOTALL)
_MD5 = re.compile(r"[0-9a-f]{32}")
_UNVERSIONED = "its bucket keeps no versions, so that the object can be overwritten; turn versioning on"


@dataclass(frozen=True)
class LockedObject:
    """An object as it was locked."""

    uri: str
    version: str | None
    """None where the bucket keeps no versions."""
    etag: str | None
    """The MD5 of the content, where S3 has it."""
    digest: str


def resolve(reference: str | LockedObject, context: Context) -> Pin:
    """Returns what an object, or all objects below a prefix, hold."""
    uri = reference if isinstance(reference, str) else reference.uri
    match = _URI.fullmatch(uri)
    if match is None:
        raise SourceError(f"{uri!r} is no place in S3; write s3://bucket/key, or s3://bucket/prefix/ for all below it")
    bucket, key = match["bucket"], match["key"]
    if key.endswith("/"):
        return _prefix(uri, bucket, key, context)
    locked = reference if isinstance(reference, LockedObject) else None
    file, version, etag = _object(bucket, key, key.rpartition("/")[2], context, locked)
    facts = {"etag": etag} if etag is not None else {}
    if version is None:
        facts["warning"] = _UNVERSIONED
    return Pin(
        source="s3", reference=uri, immutable=version or file.digest, digest=file.digest, files=[file], facts=facts
    )


def pinned(reference: str, pin: Pin) -> str | LockedObject:
    """Returns the very version of an object that was locked; a prefix has none, and stays what it is."""
    if reference.endswith("/"):
        return reference
    version = None if pin.immutable == pin.digest else pin.immutable
    return LockedObject(reference, version, pin.facts.get("etag"), pin.digest)


def _prefix(uri: str, bucket: str, prefix: str, context: Context) -> Pin:
    with told("S3", f"s3://{bucket}", f"objects below {prefix}", context.timeout):
        pages = client("s3", context.timeout).get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        keys = [item["Key"] for page in pages for item in page.get("Contents", []) if not item["Key"].endswith("/")]
    if not keys:
        raise NoSuchVersion("S3", f"s3://{bucket}", f"objects below {prefix}")
    files = [_object(bucket, key, key.removeprefix(prefix), context, None)[0] for key in sorted(keys)]
    digest = content_digest(files)
    return Pin(source="s3", reference=uri, immutable=digest, digest=digest, files=files)


def _object(
    bucket: str, key: str, name: str, context: Context, locked: LockedObject | None
) -> tuple[FilePin, str | None, str | None]:
    """Returns an object's content, its version, and its ETag where that is a digest."""
    where, what = f"s3://{bucket}", f"object {key}"
    asked = {"Bucket": bucket, "Key": key}
    if locked is not None and locked.version is not None:
        asked["VersionId"] = locked.version
        what += f" of version {locked.version}"
    s3 = client("s3", context.timeout)
    with told("S3", where, what, context.timeout):
        head = s3.head_object(**asked, ChecksumMode="ENABLED")
    version = head.get("VersionId")
    version = None if version == "null" else version
    etag = _md5(head)
    digest = _own_digest(head)
    if digest is None and locked is not None and etag is not None and etag == locked.etag:
        digest = locked.digest
    if digest is None:
        if version is not None:
            asked["VersionId"] = version
        with told("S3", where, what, context.timeout):
            body = s3.get_object(**asked)["Body"]
            digest, _ = hash_stream(body, f"s3://{bucket}/{key}", head["ContentLength"], context.progress)
    return FilePin(name=name, digest=digest, size=head["ContentLength"]), version, etag


def _own_digest(head: dict[str, Any]) -> str | None:
    checksum = head.get("ChecksumSHA256", "")
    # Of an object in parts S3 keeps the checksum of the checksums, with their number behind a hyphen.
    if not checksum or "-" in checksum or head.get("ChecksumType") == "COMPOSITE":
        return None
    return f"sha256:{base64.b64decode(checksum).hex()}"


def _md5(head: dict[str, Any]) -> str | None:
    etag = str(head.get("ETag", "")).strip('"')
    encrypted = head.get("ServerSideEncryption", "AES256") != "AES256" or "SSECustomerAlgorithm" in head
    return etag if _MD5.fullmatch(etag) and not encrypted else None
