"""For every rule, a module of its name: `PASSING` programs, and `FAILING` ones with what is to be found."""

import pulumi
import pulumi_aws as aws

STORE = {"sluice:component": "CheckpointStore"}
DIGEST = "ab" * 32
IMAGE = f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/digits@sha256:{DIGEST}"
ARTIFACT = f"s3://weights/models/digits/v1/{DIGEST}/model.tar.gz"
ROLE = "arn:aws:iam::123456789012:role/serves"


def encrypted(bucket: aws.s3.Bucket, algorithm: str = "aws:kms") -> None:
    default = {"sse_algorithm": algorithm}
    aws.s3.BucketServerSideEncryptionConfiguration(
        "it", bucket=bucket.bucket, rules=[{"apply_server_side_encryption_by_default": default}]
    )


def private(bucket: aws.s3.Bucket) -> None:
    aws.s3.BucketPublicAccessBlock(
        "it",
        bucket=bucket.bucket,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
    )


def chosen_by_aws(name: str = "later") -> pulumi.Output[str]:
    """Returns what a preview does not know."""
    return aws.sns.Topic(name).arn
