"""IAM: roles, their policies, and policies of their own."""

from collections.abc import Callable

import pulumi
import pulumi_aws as aws
import pytest

from sluice_sandbox.harness import Sandbox
from tests.sandbox.aws.documents import TRUST, document
from tests.sandbox.aws.life_cycle import CONFIG, Case, Client, LifeCycle, Props

DATA = "arn:aws:s3:::data/*"
READS, WRITES, ALL = (document(f"s3:{action}", DATA) for action in ("GetObject", "PutObject", "*"))
BOUNDARY = "arn:aws:iam::aws:policy/PowerUserAccess"


def _role(props: Props) -> pulumi.CustomResource:
    return aws.iam.Role("it", **{"assume_role_policy": TRUST, **props})


def _role_policy(props: Props) -> pulumi.CustomResource:
    role = aws.iam.Role("role", assume_role_policy=TRUST)
    return aws.iam.RolePolicy("it", role=role.name, **props)


def _attachment(props: Props) -> pulumi.CustomResource:
    role = aws.iam.Role("role", assume_role_policy=TRUST)
    granted = [aws.iam.Policy(f"granted{number}", policy=READS) for number in range(2)]
    return aws.iam.RolePolicyAttachment("it", role=role.name, policy_arn=granted[props.get("other", 0)].arn)


class TestLife(LifeCycle):
    cases = [
        Case(
            "aws:iam/role:Role",
            _role,
            {"description": "one"},
            {
                "description": "two",
                "tags": {"team": "ml"},
                "max_session_duration": 7200,
                "permissions_boundary": BOUNDARY,
                "force_detach_policies": True,
            },
            {"description": "one", "path": "/ml/"},
            lambda client, it: client("iam").update_role(RoleName=it.id, Description="mine"),
            lambda client, it: client("iam").delete_role(RoleName=it.id),
        ),
        Case(
            "aws:iam/role:Role",
            _role,
            {},
            {"assume_role_policy": document("sts:AssumeRole", principal={"Service": "lambda.amazonaws.com"})},
            meddle=lambda client, it: client("iam").update_assume_role_policy(
                RoleName=it.id, PolicyDocument=document("sts:AssumeRole", principal={"AWS": "123456789012"})
            ),
            note="trusted",
        ),
        Case(
            "aws:iam/rolePolicy:RolePolicy",
            _role_policy,
            {"policy": READS},
            {"policy": WRITES},
            {"policy": READS, "name": "other"},
            lambda client, it: client("iam").put_role_policy(
                RoleName=it.outputs["role"], PolicyName=it.outputs["name"], PolicyDocument=ALL
            ),
            lambda client, it: client("iam").delete_role_policy(
                RoleName=it.outputs["role"], PolicyName=it.outputs["name"]
            ),
        ),
        Case(
            "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
            _attachment,
            replacing={"other": 1},
            lose=lambda client, it: client("iam").detach_role_policy(
                RoleName=it.outputs["role"], PolicyArn=it.outputs["policyArn"]
            ),
        ),
        Case(
            "aws:iam/policy:Policy",
            lambda props: aws.iam.Policy("it", **props),
            {"policy": READS, "description": "one"},
            {"policy": WRITES, "description": "one", "tags": {"team": "ml"}},
            {"policy": READS, "description": "two"},
            lambda client, it: client("iam").create_policy_version(
                PolicyArn=it.id, PolicyDocument=ALL, SetAsDefault=True
            ),
            lambda client, it: client("iam").delete_policy(PolicyArn=it.id),
        ),
    ]


def test_a_policy_has_room_for_every_change(sandbox: Sandbox, client: Client) -> None:
    """IAM keeps five versions; the oldest makes room for a sixth."""
    stack = sandbox.stack(lambda: None, CONFIG)
    for number in range(7):
        text = document("s3:GetObject", f"arn:aws:s3:::data/{number}")
        stack.declare(lambda text=text: aws.iam.Policy("it", name="it", policy=text) and None)
        stack.up()
    arn = "arn:aws:iam::123456789012:policy/it"
    assert len(client("iam").list_policy_versions(PolicyArn=arn)["Versions"]) == 5
    assert not stack.refresh().changed


def _no_json() -> None:
    aws.iam.Role("it", assume_role_policy="{")


def _no_statement() -> None:
    aws.iam.Policy("it", policy="{}")


def _too_long() -> None:
    aws.iam.Role("it", assume_role_policy=TRUST, max_session_duration=43201)


def _inline() -> None:
    aws.iam.Role("it", assume_role_policy=TRUST, managed_policy_arns=[BOUNDARY])


@pytest.mark.parametrize(
    ("program", "path", "reason"),
    [
        (_no_json, "assumeRolePolicy", "is not JSON"),
        (_no_statement, "policy", "has no Statement"),
        (_too_long, "maxSessionDuration", "is 43201; AWS says: Member must have value less than or equal to 43200"),
        (_inline, "managedPolicyArns", "the sandbox's AWS does not support this property"),
    ],
)
def test_what_iam_would_refuse(sandbox: Sandbox, program: Callable[[], None], path: str, reason: str) -> None:
    """A preview refuses it already."""
    assert f"property {path}: {reason}" in sandbox.stack(program, CONFIG).preview().errors()
