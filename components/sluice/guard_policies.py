"""Who may do what around a guard: its function, its key, its topic. No Pulumi."""

import json
from typing import Any


def trust() -> str:
    """Returns who may take the function's role: Lambda."""
    return _document(
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"},
    )


def permissions(
    partition: str,
    account: str,
    region: str,
    endpoint: str,
    journal_arn: str,
    journal_key_arn: str | None,
    key_arn: str,
    topic_arn: str,
    retries_arn: str,
    dead_letters_arn: str,
    log_group_arn: str,
) -> str:
    """Returns what the function may do: look at this endpoint and shift its traffic, write its journal, tell people."""
    here = f"{region}:{account}"
    # SageMaker's ARNs have small letters, whatever the endpoint is called.
    endpoints = sorted({f"arn:{partition}:sagemaker:{here}:endpoint/{it}" for it in (endpoint, endpoint.lower())})
    shift = ["sagemaker:DescribeEndpoint", "sagemaker:UpdateEndpointWeightsAndCapacities"]
    journal = _allow("Journal", ["dynamodb:Query", "dynamodb:PutItem", "dynamodb:ConditionCheckItem"], [journal_arn])
    journal["Condition"] = {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": [endpoint]}}
    feed = ["sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
    decrypted = sorted({key_arn, *([journal_key_arn] if journal_key_arn else [])})
    return _document(
        _allow("Shift", shift, endpoints),
        journal,
        _allow("SeeAlarms", ["cloudwatch:DescribeAlarms"], [f"arn:{partition}:cloudwatch:{here}:alarm:{endpoint}-*"]),
        # CloudWatch has no resources for metrics.
        _allow("SeeMetrics", ["cloudwatch:GetMetricData"], ["*"]),
        _allow("Tell", ["sns:Publish"], [topic_arn]),
        _allow("Retry", feed, [retries_arn]),
        _allow("GiveUp", ["sqs:SendMessage"], [dead_letters_arn]),
        _allow("Log", ["logs:CreateLogStream", "logs:PutLogEvents"], [f"{log_group_arn}:*"]),
        _allow("Decrypt", ["kms:Decrypt"], decrypted),
        _allow("Encrypt", ["kms:GenerateDataKey"], [key_arn]),
    )


def key_policy(partition: str, account: str, region: str) -> str:
    """Returns who may use the key: the account's roles, alarms that publish to the topic, and this region's logs."""
    logs = f"arn:{partition}:logs:{region}:{account}:log-group:*"
    return _document(
        {
            "Sid": "Account",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:{partition}:iam::{account}:root"},
            "Action": "kms:*",
            "Resource": "*",
        },
        {
            "Sid": "Alarms",
            "Effect": "Allow",
            "Principal": {"Service": "cloudwatch.amazonaws.com"},
            "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
            "Resource": "*",
        },
        {
            "Sid": "Logs",
            "Effect": "Allow",
            "Principal": {"Service": f"logs.{region}.amazonaws.com"},
            "Action": ["kms:Decrypt*", "kms:Describe*", "kms:Encrypt*", "kms:GenerateDataKey*", "kms:ReEncrypt*"],
            "Resource": "*",
            "Condition": {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": logs}},
        },
    )


def topic_policy(topic_arn: str) -> str:
    """Returns who may publish to the topic besides the account's own roles: its alarms in this region."""
    _, partition, _, region, account, _ = topic_arn.split(":")
    return _document(
        {
            "Sid": "Alarms",
            "Effect": "Allow",
            "Principal": {"Service": "cloudwatch.amazonaws.com"},
            "Action": "sns:Publish",
            "Resource": topic_arn,
            "Condition": {
                "StringEquals": {"aws:SourceAccount": account},
                "ArnLike": {"aws:SourceArn": f"arn:{partition}:cloudwatch:{region}:{account}:alarm:*"},
            },
        }
    )


def _allow(sid: str, actions: list[str], resources: list[str]) -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resources}


def _document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
