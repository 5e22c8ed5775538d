"""Holds functions to what their roles allow: what no policy of the role allows is refused."""

import base64
import binascii
import json
from collections.abc import Mapping
from xml.sax.saxutils import escape

from sluice_sandbox.lambdas.role import access_key, allows, deeds
from sluice_sandbox.moto_patches.function_runs import ACCESS_KEY
from sluice_sandbox.moto_patches.role_policies import documents, not_allowed

Refusal = tuple[int, dict[str, str], str]


def refusal(headers: Mapping[str, str], path: str, body: bytes) -> Refusal | None:
    """Returns AWS's answer to a request of a function's that its role does not allow, and None for any other."""
    authorization = headers.get("Authorization", "")
    if access_key(authorization) != ACCESS_KEY:
        return None
    role = _role(headers.get("X-Amz-Security-Token", ""))
    target = headers.get("X-Amz-Target", "")
    account = role.split(":")[4] if role.count(":") >= 5 else ""
    granted = list(documents(role))
    refused = (it for it in deeds(authorization, target, path, body, account) if not allows(granted, it))
    if (asked := next(refused, None)) is None:
        return None
    return _told(not_allowed(role, asked), query=b"Action=" in body)


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
