"""Where it is logged who reads artifacts, and the key of log groups."""

import json
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from sluice import AccessLogArgs, CheckpointStore, CheckpointStoreArgs, LogStore, LogStoreArgs
from sluice_sandbox.errors import UpdateFailed
from sluice_sandbox.harness import SandboxStack
from tests.components.conftest import ClientOf, Deploy


def _deployed(deploy: Deploy, **args: Any) -> SandboxStack:
    def program() -> None:
        logs = LogStore("logs", LogStoreArgs(**args))
        log = AccessLogArgs(bucket=logs.bucket_name)
        store = CheckpointStore("models", CheckpointStoreArgs(versions=[], access_log=log))
        group = aws.cloudwatch.LogGroup("group", kms_key_id=logs.key_arn)
        for key, value in {"logs": logs.bucket_name, "key": logs.key_arn, "store": store.bucket_name}.items():
            pulumi.export(key, value)
        pulumi.export("group", group.name)

    return deploy(program)


def test_a_store_logs_who_reads_it(deploy: Deploy, client: ClientOf) -> None:
    """S3 takes the bucket as target, which it does only of one that it may write to."""
    outputs = _deployed(deploy).up().outputs
    logging = client("s3").get_bucket_logging(Bucket=outputs["store"])["LoggingEnabled"]
    assert logging["TargetBucket"] == outputs["logs"]


def test_only_s3_may_write_logs_and_only_for_this_account(deploy: Deploy, client: ClientOf) -> None:
    """And nobody comes without TLS."""
    outputs = _deployed(deploy).up().outputs
    document = json.loads(client("s3").get_bucket_policy(Bucket=outputs["logs"])["Policy"])
    (allowing,) = [it for it in document["Statement"] if it["Effect"] == "Allow"]
    assert allowing["Principal"] == {"Service": "logging.s3.amazonaws.com"}
    assert allowing["Condition"] == {"StringEquals": {"aws:SourceAccount": "123456789012"}}
    assert sum(it["Effect"] == "Deny" for it in document["Statement"]) == 2


def test_the_bucket_is_private_encrypted_and_forgets(deploy: Deploy, client: ClientOf) -> None:
    """With S3's own key, which is what log delivery takes; entries end when they are declared to."""
    outputs = _deployed(deploy, retention_days=30).up().outputs
    s3, bucket = client("s3"), {"Bucket": outputs["logs"]}
    (rule,) = s3.get_bucket_encryption(**bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    assert all(s3.get_public_access_block(**bucket)["PublicAccessBlockConfiguration"].values())
    rules = {it["ID"]: it for it in s3.get_bucket_lifecycle_configuration(**bucket)["Rules"]}
    assert rules["forget"]["Expiration"]["Days"] == 30


def test_log_groups_of_this_account_alone_may_use_the_key(deploy: Deploy, client: ClientOf) -> None:
    """The key is rotated, and CloudWatch Logs needs it for a group of this account and region."""
    outputs = _deployed(deploy).up().outputs
    kms = client("kms")
    assert kms.get_key_rotation_status(KeyId=outputs["key"])["KeyRotationEnabled"]
    document = json.loads(kms.get_key_policy(KeyId=outputs["key"], PolicyName="default")["Policy"])
    logs = next(it for it in document["Statement"] if it["Sid"] == "LogGroups")
    assert logs["Principal"] == {"Service": "logs.eu-west-1.amazonaws.com"}
    (arn,) = logs["Condition"]["ArnLike"].values()
    assert arn == "arn:aws:logs:eu-west-1:123456789012:log-group:*"
    (group,) = client("logs").describe_log_groups(logGroupNamePrefix=outputs["group"])["logGroups"]
    assert group["kmsKeyId"] == outputs["key"]


def test_days_that_there_are_not(deploy: Deploy) -> None:
    """It is refused at the preview, by the argument's name."""
    with pytest.raises(UpdateFailed, match=r"LogStore 'logs': 1 problem[\s\S]*retention_days is 0; allowed 1 or more"):
        _deployed(deploy, retention_days=0).up()
