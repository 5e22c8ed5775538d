"""What SageMaker may do for an endpoint."""

import json
from typing import Any

from sluice import execution_role

ACCOUNT, REGION, DIGEST = "111122223333", "eu-west-1", "@sha256:" + "a" * 64
IMAGE = f"444455556666.dkr.ecr.us-east-1.amazonaws.com/team/digits{DIGEST}"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/k"
LOOKS = ("DhcpOptions", "NetworkInterfaces", "SecurityGroups", "Subnets", "Vpcs")
UNNAMEABLE = {"cloudwatch:PutMetricData", "ecr:GetAuthorizationToken", *(f"ec2:Describe{it}" for it in LOOKS)}
"""Actions for which AWS knows no resource: all others are for one that is named."""


def statements(**changes: Any) -> dict[str, dict[str, Any]]:
    arguments: dict[str, Any] = {
        "partition": "aws",
        "account": ACCOUNT,
        "region": REGION,
        "endpoint_name": "search-dev",
        "artifact_urls": ["s3://store/m/v2/model.tar.gz", "s3://store/m/v1/model.tar.gz"],
        "images": [IMAGE, IMAGE],
        "key_arn": KEY,
    }
    document = json.loads(execution_role.permissions(**{**arguments, **changes}))
    return {statement["Sid"]: statement for statement in document["Statement"]}


def test_only_sagemaker_for_this_account_may_take_the_role() -> None:
    """No other account can make SageMaker act with it."""
    (statement,) = json.loads(execution_role.trust("aws", ACCOUNT, REGION))["Statement"]
    assert statement == {
        "Effect": "Allow",
        "Principal": {"Service": "sagemaker.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {
            "StringEquals": {"aws:SourceAccount": ACCOUNT},
            "ArnLike": {"aws:SourceArn": f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:*"},
        },
    }


def test_every_resource_that_can_be_named_is() -> None:
    """A wildcard stands alone only with the actions that take nothing else, and no action is one."""
    for statement in statements(alarms=["errors"], subnets=["subnet-1"], security_groups=["sg-1"]).values():
        assert not any("*" in action for action in statement["Action"])
        if "*" in statement["Resource"]:
            assert set(statement["Action"]) <= UNNAMEABLE


def test_the_role_reads_these_artifacts_alone() -> None:
    """Each artifact is named to its last character; nothing can be written, listed or deleted."""
    assert statements()["ReadArtifacts"]["Resource"] == [
        "arn:aws:s3:::store/m/v1/model.tar.gz",
        "arn:aws:s3:::store/m/v2/model.tar.gz",
    ]
    s3 = {action for statement in statements().values() for action in statement["Action"] if action.startswith("s3:")}
    assert s3 == {"s3:GetObject"}


def test_the_role_writes_the_logs_of_this_endpoint_alone() -> None:
    """The log group is the endpoint's; it is made by the component, so that the role cannot make any."""
    group = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/sagemaker/Endpoints/search-dev"
    assert statements()["WriteLogs"]["Resource"] == [group, f"{group}:*"]
    assert "logs:CreateLogGroup" not in statements()["WriteLogs"]["Action"]


def test_metrics_go_to_the_namespace_of_endpoints_alone() -> None:
    """What has no resource has a condition."""
    assert statements()["PublishMetrics"]["Condition"] == {
        "StringEquals": {"cloudwatch:namespace": "/aws/sagemaker/Endpoints"}
    }


def test_the_role_decrypts_with_the_key_of_the_artifacts_alone() -> None:
    """Without a key it may use none."""
    assert statements()["DecryptArtifacts"]["Action"] == ["kms:Decrypt"]
    assert statements()["DecryptArtifacts"]["Resource"] == [KEY]
    assert "DecryptArtifacts" not in statements(key_arn=None)


def test_the_role_pulls_these_images_alone() -> None:
    """Each repository once, where it is; an image of another registry needs no permission of ours."""
    assert statements()["PullImages"]["Resource"] == ["arn:aws:ecr:us-east-1:444455556666:repository/team/digits"]
    elsewhere = statements(images=[f"ghcr.io/team/digits{DIGEST}"])
    assert not {"PullImages", "LogInToRegistry"} & elsewhere.keys()


def test_the_role_sees_the_alarms_of_its_deployments_alone() -> None:
    """SageMaker looks at them as the role; it may change none, and without any it sees none."""
    seen = statements(alarms=["search-dev-green-errors", "search-dev-blue-errors", "search-dev-blue-errors"])
    assert seen["DescribeAlarms"]["Action"] == ["cloudwatch:DescribeAlarms"]
    assert seen["DescribeAlarms"]["Resource"] == [
        f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:search-dev-blue-errors",
        f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:search-dev-green-errors",
    ]
    assert "DescribeAlarms" not in statements()


def test_every_arn_is_of_the_partition_that_the_stack_is_in() -> None:
    """In China and in the government's clouds ARNs begin differently."""
    image = f"444455556666.dkr.ecr.cn-north-1.amazonaws.com.cn/digits{DIGEST}"
    document = json.dumps(statements(partition="aws-cn", images=[image], key_arn="arn:aws-cn:kms:x", alarms=["errors"]))
    assert "arn:aws-cn:cloudwatch" in document
    assert "arn:aws-cn:ecr:cn-north-1:444455556666:repository/digits" in document
    assert "arn:aws:" not in document + execution_role.trust("aws-cn", ACCOUNT, REGION)


def test_containers_in_a_vpc_are_connected_to_its_subnets_alone() -> None:
    """As SageMaker's documentation asks for it; outside of a VPC the role has nothing to do with networks."""
    found = statements(subnets=["subnet-1"], security_groups=["sg-1"])
    assert found["Connect"]["Resource"] == [
        f"arn:aws:ec2:{REGION}:{ACCOUNT}:network-interface/*",
        f"arn:aws:ec2:{REGION}:{ACCOUNT}:security-group/sg-1",
        f"arn:aws:ec2:{REGION}:{ACCOUNT}:subnet/subnet-1",
    ]
    actions = {action for it in found.values() for action in it["Action"] if action.startswith("ec2:")}
    assert len(actions) == 9
    assert not any(action.startswith("ec2:") for it in statements().values() for action in it["Action"])
