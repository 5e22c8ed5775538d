"""Holds functions to what their roles allow: what no policy of the role allows is refused."""

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote
from xml.sax.saxutils import escape

from moto.core.exceptions import ServiceException
from moto.iam.models import iam_backends

from sluice_sandbox.lambdas.role import access_key, allows, deeds
from sluice_sandbox.moto_patches.function_runs import ACCESS_KEY

Refusal = tuple[int, dict[str, str], str]


def refusal(headers: Mapping[str, str], path: str, body: bytes) -> Refusal | None:
    """Returns AWS's answer to a request of a function's that its role does not allow, and None for any other."""
    authorization = headers.get("Authorization", "")
    if access_key(authorization) != ACCESS_KEY:
        return None
    role = _role(headers.get("X-Amz-Security-Token", ""))
    target = headers.get("X-Amz-Target", "")
    account = role.split(":")[4] if role.count(":") >= 5 else ""
    documents = list(_documents(role))
    refused = (it for it in deeds(authorization, target, path, body, account) if not allows(documents, it))
    if (asked := next(refused, None)) is None:
        return None
    on = f" on resource: {asked.resource}" if asked.resource else ""
    said = (
        f"User: {role} is not authorized to perform: {asked.action}{on} because no identity-based policy allows the "
        f"{asked.action} action"
    )
    return _told(said, query=b"Action=" in body)


def _told(said: str, query: bool) -> Refusal:
    if query:
        error = f"<Error><Type>Sender</Type><Code>AccessDenied</Code><Message>{escape(said)}</Message></Error>"
        return 403, {"Content-Type": "text/xml"}, f"<ErrorResponse>{error}<RequestId>0</RequestId></ErrorResponse>"
    code = "AccessDeniedException"
    body = json.dumps({"__type": code, "message": said, "Message": said})
    return 403, {"Content-Type": "application/json", "x-amzn-errortype": code}, body


def _role(token: str) -> str:
    try:
        return base64.b64decode(token).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _documents(role_arn: str) -> Iterator[Mapping[str, Any]]:
    if role_arn.count(":") < 5:
        return
    try:
        role = iam_backends[role_arn.split(":")[4]]["aws"].get_role_by_arn(role_arn)
    except ServiceException:
        return
    managed = [
        version.document
        for policy in role.managed_policies.values()
        for version in policy.versions
        if version.version_id == policy.default_version_id
    ]
    for document in [*role.policies.values(), *managed]:
        yield json.loads(unquote(document))
