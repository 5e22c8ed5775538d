"""What IAM policies allow, wherever a resource has one."""

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from kit import listed, statements
from rule import Resource

POLICY_TYPES = (
    "aws:iam/policy:Policy",
    "aws:iam/rolePolicy:RolePolicy",
    "aws:iam/userPolicy:UserPolicy",
    "aws:iam/groupPolicy:GroupPolicy",
    "aws:iam/role:Role",
)
UNSCOPED = (
    *("autoscaling:Describe*", "cloudwatch:DescribeAlarms", "cloudwatch:GetMetric*", "cloudwatch:ListMetrics"),
    *("cloudwatch:PutMetricData", "ec2:*NetworkInterface*", "ec2:Describe*", "ecr:GetAuthorizationToken"),
    *("logs:DescribeLogGroups", "sagemaker:List*", "sts:GetCallerIdentity", "xray:Put*", "xray:Get*"),
    *("application-autoscaling:Describe*", "kms:ListKeys", "kms:ListAliases", "s3:ListAllMyBuckets"),
)
"""Actions that IAM cannot confine to a resource, from AWS's service authorization reference, as far as serving asks."""


def policies(resource: Resource) -> Iterator[tuple[str, Any]]:
    """Yields path and document of every policy that a resource gives."""
    yield "policy", resource.props.get("policy")
    for index, inline in enumerate(listed(resource.props.get("inlinePolicies"))):
        if isinstance(inline, Mapping):
            yield f"inlinePolicies[{index}].policy", inline.get("policy")


def allowed(resource: Resource) -> Iterator[tuple[str, Mapping[str, Any], list[str]]]:
    """Yields, of every allowing statement, where it is, the statement and its actions in lower case."""
    for path, policy in policies(resource):
        for sid, statement in statements(policy):
            actions = [it.lower() for it in listed(statement.get("Action")) if isinstance(it, str)]
            yield f"{path}.Statement.{sid}", statement, actions


def is_on_everything(statement: Mapping[str, Any]) -> bool:
    """Returns whether a statement is about every resource, whatever the circumstances."""
    everywhere = "*" in listed(statement.get("Resource")) or "NotResource" in statement
    return everywhere and not statement.get("Condition")


def can_be_scoped(action: str) -> bool:
    """Returns whether an action, in lower case, can be confined to a resource."""
    return not any(fnmatchcase(action, pattern.lower()) for pattern in UNSCOPED)
