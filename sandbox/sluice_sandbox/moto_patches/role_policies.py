"""What the policies of a role in this account's IAM say."""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from moto.core.exceptions import ServiceException
from moto.iam.models import iam_backends

from sluice_sandbox.lambdas.role import Deed, allows


def not_allowed(role: str, asked: Deed) -> str:
    """Returns how IAM says that a role may not do something."""
    on = f" on resource: {asked.resource}" if asked.resource else ""
    return (
        f"User: {role} is not authorized to perform: {asked.action}{on} because no identity-based policy allows the "
        f"{asked.action} action"
    )


def role_allows(role_arn: str, asked: Deed) -> bool:
    """Returns whether a role's policies allow a deed; a role that is not in this account's IAM is not judged."""
    return _found(role_arn) is None or allows(documents(role_arn), asked)


def _found(role_arn: str) -> Any:
    if role_arn.count(":") < 5:
        return None
    try:
        return iam_backends[role_arn.split(":")[4]]["aws"].get_role_by_arn(role_arn)
    except ServiceException:
        return None


def documents(role_arn: str) -> Iterator[Mapping[str, Any]]:
    """Yields a role's policies; none of a role that is not there."""
    role = _found(role_arn)
    if role is None:
        return
    managed = [
        version.document
        for policy in role.managed_policies.values()
        for version in policy.versions
        if version.version_id == policy.default_version_id
    ]
    for document in [*role.policies.values(), *managed]:
        yield json.loads(unquote(document))
