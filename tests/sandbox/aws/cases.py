"""One resource of each type: how it begins, what changes it in place, what replaces it, who meddles with it."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

from sluice_sandbox.engine.state import Resource

Props = dict[str, Any]
Meddle = Callable[[Any, Resource], object]
"""Changes a resource, given a client factory, behind everybody's back."""

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
)
IMAGE = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/digits@sha256:" + "ab" * 32


def policy(action: str) -> str:
    statement = {"Effect": "Allow", "Action": action, "Resource": "arn:aws:s3:::data/*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@dataclass(frozen=True)
class Case:
    """A type, and what is done to one of it."""

    name: str
    declare: Callable[[Props], pulumi.CustomResource]
    first: Props = field(default_factory=dict)
    changed: Props | None = None
    """Changes in place. None: nothing does."""
    replacing: Props | None = None
    """Needs a new one. None: nothing does."""
    meddle: Meddle | None = None
    """Changes what `first` declares. None: nothing can be changed."""
    lose: Meddle | None = None
    """Deletes it. None: it cannot be deleted by itself."""


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


def _role_policy(props: Props) -> pulumi.CustomResource:
    role = aws.iam.Role("role", assume_role_policy=TRUST)
    return aws.iam.RolePolicy("it", role=role.name, **props)


def _attachment(props: Props) -> pulumi.CustomResource:
    role = aws.iam.Role("role", assume_role_policy=TRUST)
    granted = aws.iam.Policy("granted", policy=policy("s3:GetObject"))
    return aws.iam.RolePolicyAttachment("it", role=role.name, policy_arn=granted.arn)


def _alias(props: Props) -> pulumi.CustomResource:
    keys = [aws.kms.Key(f"key{number}", deletion_window_in_days=7) for number in range(2)]
    return aws.kms.Alias("it", target_key_id=keys[props["key"]].key_id, name=props["name"])


def _model(name: str = "model") -> aws.sagemaker.Model:
    role = aws.iam.Role(f"{name}-role", assume_role_policy=TRUST)
    return aws.sagemaker.Model(name, execution_role_arn=role.arn, primary_container={"image": IMAGE})


def _variants(weight: float, model: pulumi.Input[str]) -> list[Any]:
    return [
        {
            "variant_name": "blue",
            "model_name": model,
            "instance_type": "ml.m5.large",
            "initial_instance_count": 1,
            "initial_variant_weight": weight,
        }
    ]


def _configuration(props: Props) -> pulumi.CustomResource:
    variants = _variants(props["weight"], _model().name)
    return aws.sagemaker.EndpointConfiguration("it", production_variants=variants, tags=props.get("tags"))


def _endpoint(props: Props) -> pulumi.CustomResource:
    model = _model()
    configurations = [
        aws.sagemaker.EndpointConfiguration(f"weight{weight}", production_variants=_variants(weight, model.name))
        for weight in (1, 2)
    ]
    chosen = configurations[props["configuration"]]
    return aws.sagemaker.Endpoint("it", endpoint_config_name=chosen.name, name=props.get("name"))


def _subscription(props: Props) -> pulumi.CustomResource:
    topic = aws.sns.Topic("topic")
    return aws.sns.TopicSubscription("it", topic=topic.arn, protocol="sqs", **props)


def _topic_policy(props: Props) -> pulumi.CustomResource:
    topic = aws.sns.Topic("topic")

    def document(arn: str) -> str:
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "cloudwatch.amazonaws.com"},
            "Action": props["action"],
            "Resource": arn,
        }
        return json.dumps({"Version": "2012-10-17", "Statement": [statement]})

    return aws.sns.TopicPolicy("it", arn=topic.arn, policy=topic.arn.apply(document))


def _attributes(**attributes: str) -> Meddle:
    return lambda client, it: [
        client("sns").set_topic_attributes(TopicArn=it.id, AttributeName=key, AttributeValue=value)
        for key, value in attributes.items()
    ]


ALARM: Props = {
    "namespace": "AWS/SageMaker",
    "metric_name": "Invocation5XXErrors",
    "statistic": "Sum",
    "period": 60,
    "evaluation_periods": 3,
    "comparison_operator": "GreaterThanThreshold",
    "threshold": 5.0,
}
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
    Case(
        "iam role",
        lambda props: aws.iam.Role("it", assume_role_policy=TRUST, **props),
        {"description": "one"},
        {"description": "two", "tags": {"team": "ml"}},
        {"description": "one", "path": "/ml/"},
        lambda client, it: client("iam").update_role(RoleName=it.id, Description="mine"),
        lambda client, it: client("iam").delete_role(RoleName=it.id),
    ),
    Case(
        "iam role policy",
        _role_policy,
        {"policy": policy("s3:GetObject")},
        {"policy": policy("s3:PutObject")},
        {"policy": policy("s3:GetObject"), "name": "other"},
        lambda client, it: client("iam").put_role_policy(
            RoleName=it.outputs["role"], PolicyName=it.outputs["name"], PolicyDocument=policy("s3:*")
        ),
        lambda client, it: client("iam").delete_role_policy(RoleName=it.outputs["role"], PolicyName=it.outputs["name"]),
    ),
    Case("iam policy attachment", _attachment),
    Case(
        "kms key",
        lambda props: aws.kms.Key("it", deletion_window_in_days=7, **props),
        {"description": "one", "enable_key_rotation": True},
        {"description": "two", "enable_key_rotation": False},
        {"description": "one", "enable_key_rotation": True, "multi_region": True},
        lambda client, it: client("kms").disable_key_rotation(KeyId=it.id),
    ),
    Case(
        "kms alias",
        _alias,
        {"key": 0, "name": "alias/models"},
        {"key": 1, "name": "alias/models"},
        {"key": 0, "name": "alias/others"},
        lose=lambda client, it: client("kms").delete_alias(AliasName="alias/models"),
    ),
    Case(
        "log group",
        lambda props: aws.cloudwatch.LogGroup("it", **props),
        {"retention_in_days": 7},
        {"retention_in_days": 30},
        {"retention_in_days": 7, "name": "/other"},
        lambda client, it: client("logs").put_retention_policy(logGroupName=it.id, retentionInDays=1),
        lambda client, it: client("logs").delete_log_group(logGroupName=it.id),
    ),
    Case(
        "metric alarm",
        lambda props: aws.cloudwatch.MetricAlarm("it", **props),
        ALARM,
        {**ALARM, "threshold": 7.0, "dimensions": {"EndpointName": "digits"}},
        {**ALARM, "name": "other"},
        lambda client, it: client("cloudwatch").put_metric_alarm(
            AlarmName=it.id,
            Namespace="AWS/SageMaker",
            MetricName="Invocation5XXErrors",
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=3,
            ComparisonOperator="GreaterThanThreshold",
            Threshold=1000,
        ),
        lambda client, it: client("cloudwatch").delete_alarms(AlarmNames=[it.id]),
    ),
    Case(
        "sns topic",
        lambda props: aws.sns.Topic("it", **props),
        {"display_name": "Alerts"},
        {"display_name": "Alarms", "kms_master_key_id": "alias/aws/sns"},
        {"display_name": "Alerts", "name": "other"},
        _attributes(DisplayName="mine"),
        lambda client, it: client("sns").delete_topic(TopicArn=it.id),
    ),
    Case(
        "sns subscription",
        _subscription,
        {"endpoint": "arn:aws:sqs:eu-west-1:123456789012:one"},
        {"endpoint": "arn:aws:sqs:eu-west-1:123456789012:one", "raw_message_delivery": True},
        {"endpoint": "arn:aws:sqs:eu-west-1:123456789012:two"},
        lose=lambda client, it: client("sns").unsubscribe(SubscriptionArn=it.id),
    ),
    Case("sns topic policy", _topic_policy, {"action": "sns:Publish"}, {"action": "sns:Subscribe"}),
    Case(
        "sagemaker model",
        lambda props: aws.sagemaker.Model("it", execution_role_arn="arn:aws:iam::123456789012:role/digits", **props),
        {"primary_container": {"image": IMAGE, "environment": {"A": "1"}}},
        {"primary_container": {"image": IMAGE, "environment": {"A": "1"}}, "tags": {"team": "ml"}},
        {"primary_container": {"image": IMAGE, "environment": {"A": "2"}}},
        lose=lambda client, it: client("sagemaker").delete_model(ModelName=it.id),
    ),
    Case(
        "sagemaker endpoint configuration",
        _configuration,
        {"weight": 1.0},
        {"weight": 1.0, "tags": {"team": "ml"}},
        {"weight": 2.0},
        lose=lambda client, it: client("sagemaker").delete_endpoint_config(EndpointConfigName=it.id),
    ),
    Case(
        "sagemaker endpoint",
        _endpoint,
        {"configuration": 0},
        {"configuration": 1},
        {"configuration": 0, "name": "other"},
        lambda client, it: client("sagemaker").add_tags(
            ResourceArn=it.outputs["arn"], Tags=[{"Key": "team", "Value": "thieves"}]
        ),
        lambda client, it: client("sagemaker").delete_endpoint(EndpointName=it.id),
    ),
]
