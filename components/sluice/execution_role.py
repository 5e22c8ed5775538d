"""What SageMaker may do on an endpoint's behalf: no more than serving it takes."""

import json
import re
from collections.abc import Sequence
from typing import Any

_ECR_IMAGE = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(\.cn)?/(?P<repository>[^@:]+)[@:]"
)


def trust(partition: str, account: str, region: str) -> str:
    """Returns who may take the role: SageMaker, for this account's own resources."""
    return _document(
        {
            "Effect": "Allow",
            "Principal": {"Service": "sagemaker.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {
                "StringEquals": {"aws:SourceAccount": account},
                "ArnLike": {"aws:SourceArn": f"arn:{partition}:sagemaker:{region}:{account}:*"},
            },
        }
    )


def permissions(
    partition: str,
    account: str,
    region: str,
    endpoint_name: str,
    artifact_urls: Sequence[str],
    images: Sequence[str],
    key_arn: str | None,
    alarms: Sequence[str] = (),
) -> str:
    """
    Returns what the role may do: read these artifacts, images and alarms, and write this endpoint's logs and metrics.

    The alarms are those of its deployments, by name: SageMaker looks at them as the role.
    """
    logs = f"arn:{partition}:logs:{region}:{account}:log-group:/aws/sagemaker/Endpoints/{endpoint_name}"
    statements = [
        _allow("ReadArtifacts", ["s3:GetObject"], sorted({_object_arn(partition, url) for url in artifact_urls})),
        _allow(
            "WriteLogs", ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"], [logs, f"{logs}:*"]
        ),
        {
            **_allow("PublishMetrics", ["cloudwatch:PutMetricData"], ["*"]),
            "Condition": {"StringEquals": {"cloudwatch:namespace": "/aws/sagemaker/Endpoints"}},
        },
    ]
    if key_arn is not None:
        statements.append(_allow("DecryptArtifacts", ["kms:Decrypt"], [key_arn]))
    if alarms:
        # Metric alarms alone: AWS describes composite ones only to who may describe every alarm of the account.
        watched = sorted({f"arn:{partition}:cloudwatch:{region}:{account}:alarm:{alarm}" for alarm in alarms})
        statements.append(_allow("DescribeAlarms", ["cloudwatch:DescribeAlarms"], watched))
    repositories = sorted({arn for image in images if (arn := repository_arn(partition, image)) is not None})
    if repositories:
        pull = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
        # A token cannot be had for one repository alone; what it opens, the next statement says.
        statements.append(_allow("LogInToRegistry", ["ecr:GetAuthorizationToken"], ["*"]))
        statements.append(_allow("PullImages", pull, repositories))
    return _document(*statements)


def repository_arn(partition: str, image: str) -> str | None:
    """Returns the ECR repository that an image comes from, or None for another registry's."""
    match = _ECR_IMAGE.match(image)
    if match is None:
        return None
    return f"arn:{partition}:ecr:{match['region']}:{match['account']}:repository/{match['repository']}"


def _object_arn(partition: str, url: str) -> str:
    return f"arn:{partition}:s3:::{url.removeprefix('s3://')}"


def _allow(sid: str, actions: list[str], resources: list[str]) -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resources}


def _document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
