"""What S3 is told about a store's bucket."""

import json

import pulumi
import pulumi_aws as aws

from sluice.retention import LifecycleRule


def tls_only_policy(bucket_arn: str) -> str:
    """Returns a bucket policy that refuses whoever does not come over TLS 1.2 or newer."""
    return json.dumps({"Version": "2012-10-17", "Statement": refusals(bucket_arn)})


def refusals(bucket_arn: str) -> list[dict[str, object]]:
    """Returns the statements of a bucket policy that refuse whoever does not come over TLS 1.2 or newer."""
    return [
        _refusal("OnlyOverTls", bucket_arn, {"Bool": {"aws:SecureTransport": "false"}}),
        _refusal("OnlyOverModernTls", bucket_arn, {"NumericLessThan": {"s3:TlsVersion": "1.2"}}),
    ]


def encryption_rule(key_arn: pulumi.Input[str]) -> aws.s3.BucketServerSideEncryptionConfigurationRuleArgs:
    """Returns that everything is encrypted with a key, unless whoever puts it says otherwise."""
    return aws.s3.BucketServerSideEncryptionConfigurationRuleArgs(
        apply_server_side_encryption_by_default=aws.s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
            sse_algorithm="aws:kms", kms_master_key_id=key_arn
        ),
        bucket_key_enabled=True,
    )


def abort_rule(days: int) -> aws.s3.BucketLifecycleConfigurationRuleArgs:
    """Returns that uploads which nobody finished are cleared away; it touches no object."""
    return aws.s3.BucketLifecycleConfigurationRuleArgs(
        id="abort-unfinished-uploads",
        status="Enabled",
        filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
        abort_incomplete_multipart_upload=aws.s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
            days_after_initiation=days
        ),
    )


def version_rule(rule: LifecycleRule) -> aws.s3.BucketLifecycleConfigurationRuleArgs:
    """Returns how one version ages."""
    end = rule.delete_after_days
    return aws.s3.BucketLifecycleConfigurationRuleArgs(
        id=f"version-{rule.version}",
        status="Enabled",
        filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=rule.prefix),
        transitions=[
            aws.s3.BucketLifecycleConfigurationRuleTransitionArgs(
                days=rule.cold_after_days, storage_class=rule.cold_class.value
            )
        ],
        expiration=None if end is None else aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(days=end),
        noncurrent_version_expiration=aws.s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
            noncurrent_days=rule.superseded_after_days
        ),
    )


def _refusal(sid: str, bucket_arn: str, condition: dict[str, dict[str, str]]) -> dict[str, object]:
    return {
        "Sid": sid,
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [bucket_arn, f"{bucket_arn}/*"],
        "Condition": condition,
    }
