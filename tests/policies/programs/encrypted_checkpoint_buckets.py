"""Programs whose checkpoint bucket is, and is not, encrypted with KMS."""

from typing import Any

import pulumi_aws as aws

from sluice import CheckpointStore
from tests.policies.programs import STORE, encrypted


def _bucket(**settings: Any) -> aws.s3.Bucket:
    return aws.s3.Bucket("it", tags=STORE, **settings)


def _inline(algorithm: str) -> None:
    default = {"apply_server_side_encryption_by_defaults": [{"sse_algorithm": algorithm}]}
    aws.s3.BucketV2("it", tags=STORE, server_side_encryption_configurations=[{"rules": [default]}])


def _object(algorithm: str | None) -> None:
    bucket = _bucket()
    encrypted(bucket)
    aws.s3.BucketObjectv2("it", bucket=bucket.bucket, key="k", content="c", server_side_encryption=algorithm)


PASSING = {
    "a CheckpointStore": lambda: CheckpointStore("it", {"versions": []}),
    "a key management service": lambda: encrypted(_bucket()),
    "two layers of it": lambda: encrypted(_bucket(), "aws:kms:dsse"),
    "a bucket with a name of its own": lambda: encrypted(_bucket(bucket="its-own")),
    "a setting of the bucket itself": lambda: _inline("aws:kms"),
    "an object that says nothing": lambda: _object(None),
    "an object with KMS": lambda: _object("aws:kms"),
    "a bucket without checkpoints": lambda: aws.s3.Bucket("it"),
    "the store of another stack": lambda: aws.s3.Bucket("it", tags={**STORE, "sluice:stack": "other"}),
}
FAILING = {
    "nothing": (_bucket, ["BucketServerSideEncryptionConfiguration is missing"]),
    "the encryption of another bucket": (
        lambda: (_bucket(bucket="its-own"), encrypted(aws.s3.Bucket("other"))),
        ["BucketServerSideEncryptionConfiguration is missing"],
    ),
    "a key that S3 keeps": (
        lambda: encrypted(_bucket(), "AES256"),
        ["rules[0].applyServerSideEncryptionByDefault.sseAlgorithm is 'AES256'"],
    ),
    "a setting of the bucket itself": (
        lambda: _inline("AES256"),
        ["[0].rules[0].applyServerSideEncryptionByDefaults[0].sseAlgorithm is 'AES256'"],
    ),
    "an object that goes its own way": (lambda: _object("AES256"), ["serverSideEncryption is 'AES256'"]),
}
