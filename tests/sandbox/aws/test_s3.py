"""S3: buckets and what they are set to."""

from collections.abc import Callable
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from sluice_sandbox.harness import Sandbox
from tests.sandbox.aws.documents import document
from tests.sandbox.aws.life_cycle import CONFIG, Case, Client, LifeCycle, Props

Setting = Callable[..., pulumi.CustomResource]


def _buckets(props: Props) -> tuple[aws.s3.Bucket, Props]:
    """Declares two buckets; returns the first, or the other when the properties say `elsewhere`, and the rest."""
    buckets = [aws.s3.Bucket(name, force_destroy=True) for name in ("one", "other")]
    rest = dict(props)
    return buckets[rest.pop("elsewhere", 0)], rest


def _setting(make: Setting) -> Callable[[Props], pulumi.CustomResource]:
    def declare(props: Props) -> pulumi.CustomResource:
        bucket, rest = _buckets(props)
        return make("it", bucket=bucket.bucket, **rest)

    return declare


def _policy(props: Props) -> pulumi.CustomResource:
    bucket, rest = _buckets(props)
    text = bucket.arn.apply(lambda arn: document(rest["action"], f"{arn}/*", principal="*", effect="Deny"))
    return aws.s3.BucketPolicy("it", bucket=bucket.bucket, policy=text)


def _logging(props: Props) -> pulumi.CustomResource:
    bucket, rest = _buckets(props)
    logs = aws.s3.Bucket("logs", force_destroy=True)
    writer = {"Service": "logging.s3.amazonaws.com"}
    text = logs.arn.apply(lambda arn: document("s3:PutObject", f"{arn}/*", principal=writer))
    allowed = aws.s3.BucketPolicy("logs", bucket=logs.bucket, policy=text)
    options = pulumi.ResourceOptions(depends_on=[allowed])
    return aws.s3.BucketLogging("it", bucket=bucket.bucket, target_bucket=logs.bucket, opts=options, **rest)


def _rules(days: int) -> Props:
    aged = {
        "id": "old",
        "status": "Enabled",
        "filter": {"prefix": "v1/"},
        "transitions": [{"days": days, "storage_class": "GLACIER"}],
        "noncurrent_version_expiration": {"noncurrent_days": 30, "newer_noncurrent_versions": 2},
        "noncurrent_version_transitions": [{"noncurrent_days": 10, "storage_class": "GLACIER_IR"}],
    }
    big = {
        "id": "big",
        "status": "Disabled",
        "filter": {"and_": {"prefix": "v2/", "object_size_greater_than": 500, "tags": {"team": "ml"}}},
        "expiration": {"days": days + 300},
    }
    unfinished = {
        "id": "unfinished",
        "status": "Enabled",
        "filter": {},
        "abort_incomplete_multipart_upload": {"days_after_initiation": 7},
    }
    return {"rules": [aged, big, unfinished]}


def _encrypted(**more: Any) -> Props:
    return {"rules": [{"apply_server_side_encryption_by_default": more, "bucket_key_enabled": True}]}


BLOCK = {"block_public_acls": True, "block_public_policy": True}
ENABLED = {"versioning_configuration": {"status": "Enabled"}}
OWNER = {"rule": {"object_ownership": "BucketOwnerEnforced"}}
AES: Any = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
EXPIRE: Any = {"ID": "all", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}


class TestLife(LifeCycle):
    cases = [
        Case(
            "aws:s3/bucket:Bucket",
            lambda props: aws.s3.Bucket("it", **props),
            {"tags": {"team": "ml"}},
            {"tags": {"team": "search", "draft": ""}, "force_destroy": True},
            {"bucket": "another-name"},
            lambda client, it: client("s3").put_bucket_tagging(
                Bucket=it.id, Tagging={"TagSet": [{"Key": "team", "Value": "thieves"}]}
            ),
            lambda client, it: client("s3").delete_bucket(Bucket=it.id),
        ),
        Case(
            "aws:s3/bucket:Bucket",
            lambda props: aws.s3.Bucket("it", **props),
            {"object_lock_enabled": True},
            replacing={},
            note="locked",
        ),
        Case(
            "aws:s3/bucketVersioning:BucketVersioning",
            _setting(aws.s3.BucketVersioning),
            ENABLED,
            {"versioning_configuration": {"status": "Suspended"}},
            {**ENABLED, "elsewhere": 1},
            lambda client, it: client("s3").put_bucket_versioning(
                Bucket=it.id, VersioningConfiguration={"Status": "Suspended"}
            ),
            resets=True,
        ),
        Case(
            "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
            _setting(aws.s3.BucketServerSideEncryptionConfiguration),
            _encrypted(sse_algorithm="aws:kms", kms_master_key_id="arn:aws:kms:eu-west-1:123456789012:key/k"),
            _encrypted(sse_algorithm="AES256"),
            {**_encrypted(sse_algorithm="aws:kms"), "elsewhere": 1},
            lambda client, it: client("s3").put_bucket_encryption(
                Bucket=it.id, ServerSideEncryptionConfiguration={"Rules": [AES]}
            ),
        ),
        Case(
            "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
            _setting(aws.s3.BucketPublicAccessBlock),
            BLOCK,
            {**BLOCK, "ignore_public_acls": True},
            {**BLOCK, "elsewhere": 1},
            lambda client, it: client("s3").put_public_access_block(
                Bucket=it.id, PublicAccessBlockConfiguration={"BlockPublicAcls": False, "BlockPublicPolicy": False}
            ),
            lambda client, it: client("s3").delete_public_access_block(Bucket=it.id),
        ),
        Case(
            "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
            _setting(aws.s3.BucketOwnershipControls),
            OWNER,
            {"rule": {"object_ownership": "BucketOwnerPreferred"}},
            {**OWNER, "elsewhere": 1},
            lambda client, it: client("s3").put_bucket_ownership_controls(
                Bucket=it.id, OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
            ),
            lambda client, it: client("s3").delete_bucket_ownership_controls(Bucket=it.id),
        ),
        Case(
            "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
            _setting(aws.s3.BucketLifecycleConfiguration),
            _rules(30),
            _rules(60),
            {**_rules(30), "elsewhere": 1},
            lambda client, it: client("s3").put_bucket_lifecycle_configuration(
                Bucket=it.id, LifecycleConfiguration={"Rules": [EXPIRE]}
            ),
            lambda client, it: client("s3").delete_bucket_lifecycle(Bucket=it.id),
        ),
        Case(
            "aws:s3/bucketPolicy:BucketPolicy",
            _policy,
            {"action": "s3:PutObject"},
            {"action": "s3:DeleteObject"},
            {"action": "s3:PutObject", "elsewhere": 1},
            lambda client, it: client("s3").put_bucket_policy(
                Bucket=it.id, Policy=document("s3:*", f"arn:aws:s3:::{it.id}/*", principal="*")
            ),
            lambda client, it: client("s3").delete_bucket_policy(Bucket=it.id),
        ),
        Case(
            "aws:s3/bucketLogging:BucketLogging",
            _logging,
            {"target_prefix": "one/"},
            {"target_prefix": "two/"},
            {"target_prefix": "one/", "elsewhere": 1},
            lambda client, it: client("s3").put_bucket_logging(
                Bucket=it.id,
                BucketLoggingStatus={
                    "LoggingEnabled": {"TargetBucket": it.outputs["targetBucket"], "TargetPrefix": "mine/"}
                },
            ),
            lambda client, it: client("s3").put_bucket_logging(Bucket=it.id, BucketLoggingStatus={}),
        ),
    ]


def _versioning(status: str, **more: Any) -> Callable[[], None]:
    def program() -> None:
        configuration: Any = {"status": status, **more}
        aws.s3.BucketVersioning("it", bucket="b", versioning_configuration=configuration)

    return program


def _lifecycle(**changed: Any) -> Callable[[], None]:
    def program() -> None:
        rule: Any = {"id": "r", "status": "Enabled", "filter": {"prefix": ""}, "expiration": {"days": 1}, **changed}
        aws.s3.BucketLifecycleConfiguration("it", bucket="b", rules=[rule])

    return program


def _encryption() -> None:
    rule: Any = {"apply_server_side_encryption_by_default": {"sse_algorithm": "rot13"}}
    aws.s3.BucketServerSideEncryptionConfiguration("it", bucket="b", rules=[rule])


def _bad_policy() -> None:
    aws.s3.BucketPolicy("it", bucket="b", policy="{")


@pytest.mark.parametrize(
    ("program", "path", "reason"),
    [
        (_versioning("On"), "versioningConfiguration.status", "is 'On'; AWS says: Member must satisfy enum value set"),
        (_versioning("Enabled", mfaDelete="No"), "versioningConfiguration.mfaDelete", "is 'No'"),
        (_versioning("Enabled", colour="red"), "versioningConfiguration.colour", "AWS has no such property"),
        (_lifecycle(status="enabled"), "rules[0].status", "is 'enabled'"),
        (
            _lifecycle(transitions=[{"days": 30, "storage_class": "ICE"}]),
            "rules[0].transitions[0].storageClass",
            "is 'ICE'",
        ),
        (_lifecycle(expiration={"weeks": 3}), "rules[0].expiration.weeks", "AWS has no such property"),
        (_encryption, "rules[0].applyServerSideEncryptionByDefault.sseAlgorithm", "is 'rot13'"),
        (_bad_policy, "policy", "is not JSON"),
    ],
)
def test_a_bad_setting_is_refused_in_the_preview(
    sandbox: Sandbox, program: Callable[[], None], path: str, reason: str
) -> None:
    """However deep it is: with the property's path, what was found and what is allowed."""
    errors = sandbox.stack(program, CONFIG).preview().errors()
    assert f"property {path}: {reason}" in errors


def test_a_bucket_that_is_not_empty_is_kept(sandbox: Sandbox, client: Client) -> None:
    """What others put into it goes with it only when the program says so."""
    options: dict[str, bool] = {}
    stack = sandbox.stack(lambda: aws.s3.Bucket("it", bucket="data", **options) and None, CONFIG)
    stack.up()
    client("s3").put_object(Bucket="data", Key="theirs", Body=b"x")
    with pytest.raises(Exception, match="BucketNotEmpty"):
        stack.destroy()
    options["force_destroy"] = True
    stack.up()
    stack.destroy()
    assert client("s3").list_buckets()["Buckets"] == []
