"""The component `LogStore`: where it is logged who reads artifacts, and what encrypts logs."""

import json
from collections.abc import Iterator
from typing import Any

import pulumi
import pulumi_aws as aws

from sluice.args import ArgsModel
from sluice.bucket_settings import abort_rule, refusals
from sluice.errors import InvalidInput, Problem
from sluice.tags import identity_tags

_DAYS = 400
_ABORT_DAYS = 7


class LogStoreArgs(ArgsModel):
    """How long it is known who did what."""

    retention_days: int | None = None
    """When entries of the access log are deleted. Omitted: 400, a year and some."""
    force_destroy: bool | None = None
    """Deletes all logs with the store. Omitted: false; a store that is not empty cannot be deleted."""
    tags: dict[str, pulumi.Input[str]] | None = None
    """Tags besides the component's own."""


class LogStore(pulumi.ComponentResource):
    """
    A private bucket for the access logs of this account's buckets, and a key for its log groups.

    S3 delivers logs to no bucket whose default is a KMS key, so the bucket is encrypted with S3's own.
    """

    bucket_name: pulumi.Output[str]
    """The bucket, for `accessLog` of CheckpointStore. Known once S3 may write to it."""
    key_arn: pulumi.Output[str]
    """The key, for `logKmsKeyArn` of ModelEndpoint: CloudWatch Logs may use it for this account's log groups."""

    def __init__(self, name: str, args: LogStoreArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        subject = f"LogStore {name!r}"
        args = LogStoreArgs.parse(subject, args)
        days = _DAYS if args.retention_days is None else args.retention_days
        if problems := list(_problems(days)):
            raise InvalidInput(subject, problems)
        super().__init__("sluice:index:LogStore", name, {}, opts)

        self._name, self._tags = name, identity_tags("LogStore", name, args.tags)
        invoke = pulumi.InvokeOptions(parent=self)
        self._partition = aws.get_partition_output(opts=invoke).partition
        self._account = aws.get_caller_identity_output(opts=invoke).account_id
        self._region = aws.get_region_output(opts=invoke).region
        self.key_arn = self._key()
        bucket = aws.s3.Bucket(name, force_destroy=bool(args.force_destroy), tags=self._tags, opts=self._child())
        settings = self._settings(bucket, days)
        # Who uses the name uses a bucket that is private, and that S3 may write to.
        self.bucket_name = pulumi.Output.all(bucket.bucket, *[it.id for it in settings]).apply(_first)
        self.register_outputs({"bucketName": self.bucket_name, "keyArn": self.key_arn})

    def _key(self) -> pulumi.Output[str]:
        policy = pulumi.Output.all(self._partition, self._account, self._region).apply(lambda it: _key_policy(*it))
        key = aws.kms.Key(
            self._name,
            description=f"Log groups, by {self._name}",
            enable_key_rotation=True,
            deletion_window_in_days=30,
            policy=policy,
            tags=self._tags,
            opts=self._child(),
        )
        aws.kms.Alias(self._name, target_key_id=key.key_id, opts=self._child())
        return key.arn

    def _settings(self, bucket: aws.s3.Bucket, days: int) -> list[pulumi.CustomResource]:
        name, options = self._name, self._child()
        default = {"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}
        policy = pulumi.Output.all(bucket.arn, self._account).apply(lambda it: _bucket_policy(*it))
        versioning = aws.s3.BucketVersioning(
            name, bucket=bucket.bucket, versioning_configuration={"status": "Enabled"}, opts=options
        )
        return [
            versioning,
            aws.s3.BucketServerSideEncryptionConfiguration(
                name,
                bucket=bucket.bucket,
                rules=[default],  # type: ignore[list-item]
                opts=options,
            ),
            aws.s3.BucketPublicAccessBlock(
                name,
                bucket=bucket.bucket,
                block_public_acls=True,
                block_public_policy=True,
                ignore_public_acls=True,
                restrict_public_buckets=True,
                opts=options,
            ),
            aws.s3.BucketOwnershipControls(
                name, bucket=bucket.bucket, rule={"object_ownership": "BucketOwnerEnforced"}, opts=options
            ),
            aws.s3.BucketPolicy(name, bucket=bucket.bucket, policy=policy, opts=options),
            aws.s3.BucketLifecycleConfiguration(
                name,
                bucket=bucket.bucket,
                rules=[abort_rule(_ABORT_DAYS), _expiry(days)],
                # What becomes of superseded objects means something only once they are kept.
                opts=self._child(depends_on=[versioning]),
            ),
        ]

    def _child(self, **options: Any) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self, **options)


def _expiry(days: int) -> aws.s3.BucketLifecycleConfigurationRuleArgs:
    return aws.s3.BucketLifecycleConfigurationRuleArgs(
        id="forget",
        status="Enabled",
        filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
        expiration=aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(days=days),
        noncurrent_version_expiration=aws.s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
            noncurrent_days=1
        ),
    )


def _bucket_policy(bucket_arn: str, account: str) -> str:
    """Returns that S3's log delivery may write for this account's buckets, and nobody without TLS may do anything."""
    delivery = {
        "Sid": "AccessLogs",
        "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": f"{bucket_arn}/*",
        "Condition": {"StringEquals": {"aws:SourceAccount": account}},
    }
    # The sandbox's S3 looks for who may deliver logs among statements whose principal has a kind: it comes first.
    return json.dumps({"Version": "2012-10-17", "Statement": [delivery, *refusals(bucket_arn)]})


def _key_policy(partition: str, account: str, region: str) -> str:
    """Returns that the account decides by IAM who uses the key, and CloudWatch Logs may for its log groups."""
    logs = {
        "Sid": "LogGroups",
        "Effect": "Allow",
        "Principal": {"Service": f"logs.{region}.amazonaws.com"},
        "Action": ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
        "Resource": "*",
        "Condition": {
            "ArnLike": {"kms:EncryptionContext:aws:logs:arn": f"arn:{partition}:logs:{region}:{account}:log-group:*"}
        },
    }
    own = {
        "Sid": "Account",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:{partition}:iam::{account}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [own, logs]})


def _problems(days: int) -> Iterator[Problem]:
    if days < 1:
        yield Problem("retention_days", f"is {days}; allowed 1 or more")


def _first(values: list[Any]) -> Any:
    return values[0]
