"""What SageMaker may do for an endpoint, as IAM holds it."""

import json
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from sluice import EndpointRole, EndpointRoleArgs
from sluice_sandbox.errors import UpdateFailed
from sluice_sandbox.harness import SandboxStack
from tests.components.conftest import ClientOf, Deploy

IMAGE = f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/digits@sha256:{'a' * 64}"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000000"


def role(deploy: Deploy, **changes: Any) -> SandboxStack:
    """Returns a stack of a role for the endpoint `search`."""
    urls = ["s3://store/v1/model.tar.gz", "s3://store/v2/model.tar.gz"]
    given = {"endpoint": "search", "artifact_urls": urls, "images": [IMAGE, IMAGE], "key_arn": KEY, **changes}

    def program() -> None:
        pulumi.export("role", EndpointRole("serving", EndpointRoleArgs(**given)).role_arn)

    return deploy(program)


def test_the_role_is_this_endpoints_alone(deploy: Deploy, client: ClientOf) -> None:
    """IAM holds what the pure rules say, for this account, region, endpoint, artifacts, image, key and alarm."""
    name = role(deploy, alarms=["errors"]).up().outputs["role"].rpartition("/")[2]
    iam = client("iam")
    (trusted,) = iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]["Statement"]
    assert trusted["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "123456789012"},
        "ArnLike": {"aws:SourceArn": "arn:aws:sagemaker:eu-west-1:123456789012:*"},
    }
    (policy,) = iam.list_role_policies(RoleName=name)["PolicyNames"]
    document = iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
    document = json.loads(document) if isinstance(document, str) else document
    resources = {statement["Sid"]: statement["Resource"] for statement in document["Statement"]}
    logs = "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/sagemaker/Endpoints/search-test"
    assert resources == {
        "ReadArtifacts": ["arn:aws:s3:::store/v1/model.tar.gz", "arn:aws:s3:::store/v2/model.tar.gz"],
        "WriteLogs": [logs, f"{logs}:*"],
        "PublishMetrics": ["*"],
        "DecryptArtifacts": [KEY],
        "DescribeAlarms": ["arn:aws:cloudwatch:eu-west-1:123456789012:alarm:errors"],
        "LogInToRegistry": ["*"],
        "PullImages": ["arn:aws:ecr:eu-west-1:123456789012:repository/digits"],
    }


def test_who_knows_the_role_has_its_rights(deploy: Deploy) -> None:
    """What uses the ARN waits for the rights: SageMaker reads an artifact as the role when a model is made."""

    def program() -> None:
        args = EndpointRoleArgs(endpoint="search", artifact_urls=["s3://store/v1"], images=[IMAGE])
        made = EndpointRole("serving", args)
        aws.sagemaker.Model("m", execution_role_arn=made.role_arn, primary_container={"image": IMAGE})

    stack = deploy(program)
    stack.up()
    resources = stack.state().resources
    (policy,) = [it for it in resources if it.type.endswith(":RolePolicy")]
    (model,) = [it for it in resources if it.name == "m"]
    assert policy.urn in model.dependencies


def test_a_name_that_no_endpoint_can_have_is_refused(deploy: Deploy) -> None:
    """Before anything is made."""
    with pytest.raises(UpdateFailed, match="the endpoint would be called 'se_arch-test'"):
        role(deploy, endpoint="se_arch").up()
