"""Roles and keys."""

import pulumi
import pulumi_aws as aws

from tests.sandbox.aws.cases.case import TRUST, Case, Props, policy


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


CASES = [
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
]
