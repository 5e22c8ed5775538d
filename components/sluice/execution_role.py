"""What SageMaker may do on an endpoint's behalf: no more than serving it takes."""

import json
import re
from collections.abc import Sequence
from typing import Any

Statement = dict[str, Any]
_ECR_IMAGE = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(\.cn)?/(?P<repository>[^@:]+)[@:]"
)


def trust(partition: str, account: str, region: str) -> str:
    """Returns who may take the role: SageMaker, for this account's own resources."""
    return document(
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
    subnets: Sequence[str] = (),
    security_groups: Sequence[str] = (),
) -> str:
    """
    Returns what the role may do: read these artifacts, images and alarms, and write this endpoint's logs and metrics.

    The alarms are those of its deployments, by name: SageMaker looks at them as the role. In a VPC it connects the
    containers as the role, to these subnets.
    """
    logs = f"arn:{partition}:logs:{region}:{account}:log-group:/aws/sagemaker/Endpoints/{endpoint_name}"
    statements = [
        allow("ReadArtifacts", ["s3:GetObject"], sorted({_object_arn(partition, url) for url in artifact_urls})),
        allow(
            "WriteLogs", ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"], [logs, f"{logs}:*"]
        ),
        {
            **allow("PublishMetrics", ["cloudwatch:PutMetricData"], ["*"]),
            "Condition": {"StringEquals": {"cloudwatch:namespace": "/aws/sagemaker/Endpoints"}},
        },
    ]
    if key_arn is not None:
        statements.append(allow("DecryptArtifacts", ["kms:Decrypt"], [key_arn]))
    if alarms:
        # Metric alarms alone: AWS describes composite ones only to who may describe every alarm of the account.
        watched = sorted({f"arn:{partition}:cloudwatch:{region}:{account}:alarm:{alarm}" for alarm in alarms})
        statements.append(allow("DescribeAlarms", ["cloudwatch:DescribeAlarms"], watched))
    statements += [*pulling(partition, images), *connecting(partition, account, region, subnets, security_groups)]
    return document(*statements)


def pulling(partition: str, images: Sequence[str]) -> list[Statement]:
    """Returns what pulling images from ECR takes; of another registry, nothing."""
    repositories = sorted({arn for image in images if (arn := repository_arn(partition, image)) is not None})
    if not repositories:
        return []
    pull = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    # A token cannot be had for one repository alone; what it opens, the next statement says.
    return [allow("LogInToRegistry", ["ecr:GetAuthorizationToken"], ["*"]), allow("PullImages", pull, repositories)]


def connecting(
    partition: str, account: str, region: str, subnets: Sequence[str], security_groups: Sequence[str]
) -> list[Statement]:
    """
    Returns what connecting containers to a VPC takes; without subnets, nothing.

    Source: "If you specify a private VPC", https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html
    """
    if not subnets:
        return []
    here = f"arn:{partition}:ec2:{region}:{account}"
    interfaces = f"{here}:network-interface/*"
    named = [f"{here}:subnet/{it}" for it in subnets] + [f"{here}:security-group/{it}" for it in security_groups]
    look = ("DhcpOptions", "NetworkInterfaces", "SecurityGroups", "Subnets", "Vpcs")
    manage = ["CreateNetworkInterfacePermission", "DeleteNetworkInterface", "DeleteNetworkInterfacePermission"]
    return [
        allow("Connect", ["ec2:CreateNetworkInterface"], sorted([interfaces, *named])),
        allow("Disconnect", [f"ec2:{it}" for it in manage], [interfaces]),
        # AWS confines looking at networks to nothing.
        allow("LookAtNetwork", [f"ec2:Describe{it}" for it in look], ["*"]),
    ]


def repository_arn(partition: str, image: str) -> str | None:
    """Returns the ECR repository that an image comes from, or None for another registry's."""
    match = _ECR_IMAGE.match(image)
    if match is None:
        return None
    return f"arn:{partition}:ecr:{match['region']}:{match['account']}:repository/{match['repository']}"


def _object_arn(partition: str, url: str) -> str:
    return f"arn:{partition}:s3:::{url.removeprefix('s3://')}"


def allow(sid: str, actions: list[str], resources: list[str]) -> Statement:
    """Returns a statement that allows these actions on these resources."""
    return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resources}


def document(*statements: Statement) -> str:
    """Returns a policy of these statements."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
