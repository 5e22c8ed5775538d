"""S3: objects."""

import base64
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from sluice_sandbox.harness import Sandbox
from tests.sandbox.aws.life_cycle import CONFIG, Case, Client, LifeCycle, Props


def _object(props: Props) -> pulumi.CustomResource:
    bucket = aws.s3.Bucket("bucket", force_destroy=True)
    return aws.s3.BucketObjectv2("it", bucket=bucket.bucket, **props)


def _older(props: Props) -> pulumi.CustomResource:
    bucket = aws.s3.Bucket("bucket", force_destroy=True)
    return aws.s3.BucketObject("it", bucket=bucket.bucket, **props)


class TestLife(LifeCycle):
    cases = [
        Case(
            "aws:s3/bucketObjectv2:BucketObjectv2",
            _object,
            {"key": "v1/model.txt", "source": pulumi.StringAsset("one"), "tags": {"team": "ml"}},
            {"key": "v1/model.txt", "source": pulumi.StringAsset("two")},
            {"key": "v2/model.txt", "source": pulumi.StringAsset("one")},
            lambda client, it: client("s3").put_object_tagging(
                Bucket=it.outputs["bucket"], Key=it.outputs["key"], Tagging={"TagSet": [{"Key": "a", "Value": "b"}]}
            ),
            lambda client, it: client("s3").delete_object(Bucket=it.outputs["bucket"], Key=it.outputs["key"]),
        ),
        Case(
            "aws:s3/bucketObjectv2:BucketObjectv2",
            _object,
            {
                "key": "all",
                "content": "text",
                "cache_control": "no-cache",
                "content_disposition": "inline",
                "content_encoding": "utf-8",
                "content_language": "en",
                "content_type": "text/plain",
                "metadata": {"digest": "abc"},
                "server_side_encryption": "AES256",
                "storage_class": "STANDARD_IA",
                "checksum_algorithm": "SHA256",
            },
            {"key": "all", "content_base64": base64.b64encode(b"text").decode(), "content_type": "text/html"},
            note="described",
        ),
        Case(
            "aws:s3/bucketObjectv2:BucketObjectv2",
            _object,
            {"key": "tagged", "content": "text"},
            {"key": "tagged", "content": "text", "tags": {"team": "ml", "draft": ""}},
            note="tagged",
        ),
        Case(
            "aws:s3/bucketObject:BucketObject",
            _older,
            {"key": "it", "content": "one"},
            {"key": "it", "content": "two", "tags": {"team": "ml"}},
            {"key": "that", "content": "one"},
            note="by its older name",
        ),
    ]


def test_a_file_is_stored_as_it_is(sandbox: Sandbox, client: Client, tmp_path: Path) -> None:
    """Byte for byte, whatever its size; a file that changes is stored anew."""
    file = tmp_path / "weights.bin"

    def program() -> None:
        bucket = aws.s3.Bucket("bucket", bucket="data", force_destroy=True)
        aws.s3.BucketObjectv2("it", bucket=bucket.bucket, key="weights", source=pulumi.FileAsset(str(file)))

    stack = sandbox.stack(program, CONFIG)
    for content in (bytes(range(256)) * 4096, b"", b"\r\n"):
        file.write_bytes(content)
        stack.up()
        assert client("s3").get_object(Bucket="data", Key="weights")["Body"].read() == content
        assert not stack.up().changed


def _twice() -> None:
    aws.s3.BucketObjectv2("it", bucket="b", key="k", content="a", content_base64="YQ==")


def _archive() -> None:
    source: Any = pulumi.AssetArchive({"a": pulumi.StringAsset("a")})
    aws.s3.BucketObjectv2("it", bucket="b", key="k", source=source)


def _no_base64() -> None:
    aws.s3.BucketObjectv2("it", bucket="b", key="k", content_base64="!")


@pytest.mark.parametrize(
    ("program", "path", "reason"),
    [
        (_twice, "contentBase64", "is given together with content; an object has one content"),
        (_archive, "source", "is of the type AssetArchive; allowed: FileAsset, StringAsset"),
        (_no_base64, "contentBase64", "is not base64"),
    ],
)
def test_content_that_cannot_be_stored(sandbox: Sandbox, program: Any, path: str, reason: str) -> None:
    """It is refused, not stored as something else."""
    errors = sandbox.stack(program, CONFIG).preview().errors()
    assert f"property {path}: {reason}" in errors
