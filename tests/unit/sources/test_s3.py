"""Objects of S3, on the sandbox's AWS."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from sluice.manifest.pins import Pin
from sluice.sources import Context, s3
from sluice.sources.errors import CredentialRefused, NoSuchVersion, SourceDown, SourceError, SourceSlow
from sluice_sandbox.aws.supervisor import Aws
from tests.unit.sources.aws import SECRET, client_of, environment
from tests.unit.sources.servers import answering, down, hanging

WEIGHTS = b"weights" * 1000
URI = "s3://models/digits/v1.tar.gz"


def sha256(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


@pytest.fixture
def store(sandbox_aws: Aws, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A client of an AWS with a bucket `models` that keeps versions."""
    environment(monkeypatch, sandbox_aws.endpoint)
    client = client_of(sandbox_aws)("s3")
    client.create_bucket(Bucket="models", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    client.put_bucket_versioning(Bucket="models", VersioningConfiguration={"Status": "Enabled"})
    return client


def put(store: Any, content: bytes = WEIGHTS, key: str = "digits/v1.tar.gz", **more: Any) -> str:
    version: str = store.put_object(Bucket="models", Key=key, Body=content, **more)["VersionId"]
    return version


class Downloads:
    """What was read, by its name."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def __call__(self, name: str, done: int, total: int | None) -> None:
        self.names.add(name)


@contextmanager
def watched(context: Context) -> Iterator[tuple[Context, Downloads]]:
    seen = Downloads()
    yield Context(context.root, context.timeout, seen), seen


def verified(pin: Pin, context: Context) -> Pin:
    return s3.resolve(s3.pinned(pin.reference, pin), context)


def test_s3s_own_checksum_saves_the_download(store: Any, context: Context) -> None:
    """The digest is that of the content, the version is the one that was put, and nothing is read."""
    version = put(store, ChecksumAlgorithm="SHA256")
    with watched(context) as (watching, seen):
        pin = s3.resolve(URI, watching)
    assert (pin.digest, pin.immutable, pin.files[0].size) == (sha256(WEIGHTS), version, len(WEIGHTS))
    assert seen.names == set()


def test_without_a_checksum_the_object_is_read_once(store: Any, context: Context) -> None:
    """Locking reads it; proving that the version is unchanged takes its ETag alone."""
    put(store)
    with watched(context) as (watching, seen):
        pin = s3.resolve(URI, watching)
        assert pin.digest == sha256(WEIGHTS)
        assert seen.names == {URI}
        seen.names.clear()
        assert verified(pin, watching).digest == pin.digest
    assert seen.names == set()


def test_a_checksum_of_checksums_is_no_digest(store: Any, context: Context) -> None:
    """What was put in parts has the digest of its content nevertheless, on locking and on proving."""
    begun = store.create_multipart_upload(Bucket="models", Key="digits/v1.tar.gz", ChecksumAlgorithm="SHA256")
    upload = {"Bucket": "models", "Key": "digits/v1.tar.gz", "UploadId": begun["UploadId"]}
    contents = [b"a" * 5 * 1024 * 1024, b"b"]
    parts = [
        {"PartNumber": number, "ETag": store.upload_part(**upload, PartNumber=number, Body=body)["ETag"]}
        for number, body in enumerate(contents, 1)
    ]
    store.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
    pin = s3.resolve(URI, context)
    assert pin.digest == sha256(b"".join(contents))
    assert "etag" not in pin.facts
    with watched(context) as (watching, seen):
        assert verified(pin, watching).digest == pin.digest
    assert seen.names == {URI}


def test_a_locked_version_is_the_locked_one_whatever_came_later(store: Any, context: Context) -> None:
    """Another version on top is no move; the reference means the new one, the pinned reference the old one."""
    put(store)
    pin = s3.resolve(URI, context)
    put(store, b"retrained")
    assert s3.resolve(URI, context).digest == sha256(b"retrained")
    assert verified(pin, context).digest == pin.digest
    store.delete_object(Bucket="models", Key="digits/v1.tar.gz")
    assert verified(pin, context).digest == pin.digest


def test_a_version_that_was_deleted_is_missed(store: Any, context: Context) -> None:
    """The message names the object and its version."""
    version = put(store)
    pin = s3.resolve(URI, context)
    store.delete_object(Bucket="models", Key="digits/v1.tar.gz", VersionId=version)
    with pytest.raises(NoSuchVersion, match=f"has no object digits/v1.tar.gz of version {version}"):
        verified(pin, context)


def test_a_bucket_without_versions_is_warned_of(store: Any, context: Context) -> None:
    """Its content is pinned, and that it was overwritten is seen."""
    store.create_bucket(Bucket="loose", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    store.put_object(Bucket="loose", Key="v1", Body=WEIGHTS)
    pin = s3.resolve("s3://loose/v1", context)
    assert pin.immutable == pin.digest
    assert "turn versioning on" in pin.facts["warning"]
    store.put_object(Bucket="loose", Key="v1", Body=b"other")
    assert verified(pin, context).digest == sha256(b"other")


def test_a_prefix_is_all_that_is_below_it(store: Any, context: Context) -> None:
    """Files are named from the prefix on; a file beside it does not count; one that was added does."""
    put(store, b"a", "adapter/config.json")
    put(store, b"b", "adapter/weights/1.bin", ChecksumAlgorithm="SHA256")
    put(store, b"c", "adapter-old/config.json")
    pin = s3.resolve("s3://models/adapter/", context)
    assert {file.name: file.digest for file in pin.files} == {
        "config.json": sha256(b"a"),
        "weights/1.bin": sha256(b"b"),
    }
    assert verified(pin, context) == pin
    put(store, b"d", "adapter/weights/2.bin")
    assert verified(pin, context).digest != pin.digest


@pytest.mark.parametrize("uri", ["s3://models/other.tar.gz", "s3://models/other/", "s3://nobodys/v1.tar.gz"])
def test_what_is_not_there_is_named(store: Any, context: Context, uri: str) -> None:
    """An object, a prefix without objects, a bucket."""
    with pytest.raises(NoSuchVersion, match="S3 at s3://"):
        s3.resolve(uri, context)


@pytest.mark.parametrize("uri", ["s3://models", "s3:///key", "s3://Models/key"])
def test_what_is_no_place_in_s3_is_refused(context: Context, uri: str) -> None:
    """The message says how to write one."""
    with pytest.raises(SourceError, match="write s3://bucket/key"):
        s3.resolve(uri, context)


def test_an_s3_that_is_down_says_so(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    environment(monkeypatch, down())
    with pytest.raises(SourceDown, match="S3 at s3://models does not answer") as error:
        s3.resolve(URI, context)
    assert SECRET not in str(error.value)


def test_an_s3_that_hangs_is_given_up(hasty: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the time that was given, not after the client's own retries."""
    with hanging() as endpoint:
        environment(monkeypatch, endpoint)
        with pytest.raises(SourceSlow, match=r"did not answer within 0\.5 s"):
            s3.resolve(URI, hasty)


def test_a_refused_credential_is_not_told(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says which variable to set, and nothing of what is in it."""
    with answering(403) as endpoint:
        environment(monkeypatch, endpoint)
        with pytest.raises(CredentialRefused, match="set AWS_PROFILE") as error:
            s3.resolve(URI, context)
    assert SECRET not in str(error.value)
