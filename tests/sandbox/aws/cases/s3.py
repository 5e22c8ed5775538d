"""Buckets, what they are set to, and objects."""

import json
from collections.abc import Callable

import pulumi
import pulumi_aws as aws

from tests.sandbox.aws.cases.case import Case, Props


def _bucket() -> aws.s3.Bucket:
    return aws.s3.Bucket("bucket", force_destroy=True)


def _setting(make: Callable[..., pulumi.CustomResource]) -> Callable[[Props], pulumi.CustomResource]:
    return lambda props: make("it", bucket=_bucket().bucket, **props)


def _rules(days: int) -> Props:
    return {
        "rules": [
            {
                "id": "old",
                "status": "Enabled",
                "filter": {"prefix": "v1/"},
                "transitions": [{"days": days, "storage_class": "GLACIER"}],
                "noncurrent_version_expiration": {"noncurrent_days": 30, "newer_noncurrent_versions": 2},
            }
        ]
    }


def _encrypted(algorithm: str) -> Props:
    return {"rules": [{"apply_server_side_encryption_by_default": {"sse_algorithm": algorithm}}]}


def _bucket_policy(props: Props) -> pulumi.CustomResource:
    bucket = _bucket()

    def document(arn: str) -> str:
        statement = {"Effect": "Deny", "Principal": "*", "Action": props["action"], "Resource": f"{arn}/*"}
        return json.dumps({"Version": "2012-10-17", "Statement": [statement]})

    return aws.s3.BucketPolicy("it", bucket=bucket.bucket, policy=bucket.arn.apply(document))


def _logging(props: Props) -> pulumi.CustomResource:
    logs = aws.s3.Bucket("logs", force_destroy=True)
    document = logs.arn.apply(
        lambda arn: json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": "logging.s3.amazonaws.com"},
                        "Action": "s3:PutObject",
                        "Resource": f"{arn}/*",
                    }
                ],
            }
        )
    )
    allowed = aws.s3.BucketPolicy("logs", bucket=logs.bucket, policy=document)
    return aws.s3.BucketLogging(
        "it",
        bucket=_bucket().bucket,
        target_bucket=logs.bucket,
        opts=pulumi.ResourceOptions(depends_on=[allowed]),
        **props,
    )


CASES = [
    Case(
        "s3 bucket",
        lambda props: aws.s3.Bucket("it", **props),
        {"tags": {"team": "ml"}},
        {"tags": {"team": "search", "stage": "dev"}},
        {"bucket": "another-name"},
        lambda client, it: client("s3").put_bucket_tagging(
            Bucket=it.id, Tagging={"TagSet": [{"Key": "team", "Value": "thieves"}]}
        ),
        lambda client, it: client("s3").delete_bucket(Bucket=it.id),
    ),
    Case(
        "s3 versioning",
        _setting(aws.s3.BucketVersioning),
        {"versioning_configuration": {"status": "Enabled"}},
        {"versioning_configuration": {"status": "Suspended"}},
        meddle=lambda client, it: client("s3").put_bucket_versioning(
            Bucket=it.id, VersioningConfiguration={"Status": "Suspended"}
        ),
    ),
    Case(
        "s3 encryption",
        _setting(aws.s3.BucketServerSideEncryptionConfiguration),
        _encrypted("aws:kms"),
        _encrypted("AES256"),
        meddle=lambda client, it: client("s3").put_bucket_encryption(
            Bucket=it.id,
            ServerSideEncryptionConfiguration={
                "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
            },
        ),
    ),
    Case(
        "s3 public access block",
        _setting(aws.s3.BucketPublicAccessBlock),
        {"block_public_acls": True, "block_public_policy": True},
        {"block_public_acls": True, "block_public_policy": True, "ignore_public_acls": True},
        meddle=lambda client, it: client("s3").put_public_access_block(
            Bucket=it.id,
            PublicAccessBlockConfiguration={"BlockPublicAcls": False, "BlockPublicPolicy": False},
        ),
        lose=lambda client, it: client("s3").delete_public_access_block(Bucket=it.id),
    ),
    Case(
        "s3 ownership",
        _setting(aws.s3.BucketOwnershipControls),
        {"rule": {"object_ownership": "BucketOwnerEnforced"}},
        {"rule": {"object_ownership": "BucketOwnerPreferred"}},
        meddle=lambda client, it: client("s3").put_bucket_ownership_controls(
            Bucket=it.id, OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
        ),
        lose=lambda client, it: client("s3").delete_bucket_ownership_controls(Bucket=it.id),
    ),
    Case(
        "s3 lifecycle",
        _setting(aws.s3.BucketLifecycleConfiguration),
        _rules(30),
        _rules(60),
        meddle=lambda client, it: client("s3").put_bucket_lifecycle_configuration(
            Bucket=it.id,
            LifecycleConfiguration={
                "Rules": [{"ID": "all", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}]
            },
        ),
        lose=lambda client, it: client("s3").delete_bucket_lifecycle(Bucket=it.id),
    ),
    Case(
        "s3 bucket policy",
        _bucket_policy,
        {"action": "s3:PutObject"},
        {"action": "s3:DeleteObject"},
        lose=lambda client, it: client("s3").delete_bucket_policy(Bucket=it.id),
    ),
    Case("s3 logging", _logging, {"target_prefix": "one/"}, {"target_prefix": "two/"}),
    Case(
        "s3 object",
        _setting(aws.s3.BucketObjectv2),
        {"key": "v1/model.txt", "source": pulumi.StringAsset("one")},
        {"key": "v1/model.txt", "source": pulumi.StringAsset("two")},
        {"key": "v2/model.txt", "source": pulumi.StringAsset("one")},
        lose=lambda client, it: client("s3").delete_object(Bucket=it.outputs["bucket"], Key="v1/model.txt"),
    ),
]
