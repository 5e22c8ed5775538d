"""What the policies of a function's role allow it."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import parse_qs

_SCOPE = re.compile(r"Credential=(?P<key>[^/]+)/\d+/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request")
_INVOCATION = re.compile(r"/functions/(?P<name>[^/]+)/invocations")
_IAM_NAMES = {"monitoring": "cloudwatch"}
_RESOURCES = {
    "cloudwatch": ("AlarmName", "cloudwatch:{region}:{account}:alarm:{name}"),
    "dynamodb": ("TableName", "dynamodb:{region}:{account}:table/{name}"),
    "sagemaker": ("EndpointName", "sagemaker:{region}:{account}:endpoint/{name}"),
    "sns": ("TopicArn", "{name}"),
    "sqs": ("QueueUrl", "sqs:{region}:{account}:{name}"),
}
"""Which member of a request names its resource, and the ARN that it makes."""
_TRANSACTED = {
    "ConditionCheck": "ConditionCheckItem",
    "Delete": "DeleteItem",
    "Put": "PutItem",
    "Update": "UpdateItem",
}


@dataclass(frozen=True)
class Deed:
    """What a request is about, in IAM's words."""

    action: str
    resource: str | None
    """None where the request does not tell; then any resource will do."""


def access_key(authorization: str) -> str | None:
    """Returns whose request it is."""
    scope = _SCOPE.search(authorization)
    return scope["key"] if scope else None


def deed(authorization: str, target: str, path: str, body: bytes, account: str) -> Deed | None:
    """
    Returns what a request is about, or None for one of a protocol that is not judged here.

    Those are the ones whose path tells what is asked, like S3's; of Lambda's, only invocations are told apart.
    """
    scope = _SCOPE.search(authorization)
    if scope is None:
        return None
    service, region = _IAM_NAMES.get(scope["service"], scope["service"]), scope["region"]
    invocation = _INVOCATION.search(path)
    if service == "lambda":
        resource = f"arn:aws:lambda:{region}:{account}:function:{invocation['name']}" if invocation else None
        return Deed("lambda:InvokeFunction", resource) if invocation else None
    members = _members(body)
    action = target.rpartition(".")[2] or members.get("Action")
    return Deed(f"{service}:{action}", _resource(service, region, account, members)) if action else None


def deeds(authorization: str, target: str, path: str, body: bytes, account: str) -> list[Deed]:
    """Returns what a request is about; a transaction of DynamoDB is allowed by what it consists of."""
    asked = deed(authorization, target, path, body, account)
    if asked is None or asked.action != "dynamodb:TransactWriteItems":
        return [] if asked is None else [asked]
    scope = _SCOPE.search(authorization)
    region = scope["region"] if scope else ""
    return [
        Deed(f"dynamodb:{_TRANSACTED[kind]}", _resource("dynamodb", region, account, write))
        for item in _members(body).get("TransactItems", [])
        for kind, write in item.items()
        if kind in _TRANSACTED
    ]


def allows(documents: Iterable[Mapping[str, Any]], asked: Deed) -> bool:
    """
    Returns whether a role's policies allow a deed: some statement does and none without conditions denies it.

    Conditions are not judged: a permission counts without them, and a denial under conditions does not.
    """
    statements = [it for document in documents for it in _listed(document.get("Statement"))]
    about = [it for it in statements if _acts(it, asked.action) and _concerns(it, asked.resource)]
    denied = any(it.get("Effect") == "Deny" and not it.get("Condition") for it in about)
    return not denied and any(it.get("Effect") == "Allow" for it in about)


def _acts(statement: Mapping[str, Any], action: str) -> bool:
    if "NotAction" in statement:
        return not _any(statement["NotAction"], action.lower(), fold=True)
    return _any(statement.get("Action"), action.lower(), fold=True)


def _concerns(statement: Mapping[str, Any], resource: str | None) -> bool:
    if resource is None:
        return True
    if "NotResource" in statement:
        return not _any(statement["NotResource"], resource)
    return _any(statement.get("Resource"), resource)


def _any(patterns: Any, value: str, fold: bool = False) -> bool:
    return any(fnmatchcase(value, pattern.lower() if fold else pattern) for pattern in map(str, _listed(patterns)))


def _resource(service: str, region: str, account: str, members: Mapping[str, Any]) -> str | None:
    member, pattern = _RESOURCES.get(service, ("", ""))
    name = members.get(member)
    if not isinstance(name, str):
        return None
    if service == "sqs":
        name = name.rpartition("/")[2]
    arn = name if name.startswith("arn:") else pattern.format(region=region, account=account, name=name)
    return arn if arn.startswith("arn:") else f"arn:aws:{arn}"


def _members(body: bytes) -> dict[str, Any]:
    text = body.decode("utf-8", "replace")
    if text.startswith("{"):
        try:
            found: dict[str, Any] = json.loads(text)
        except ValueError:
            return {}
        return found
    return {key: values[0] for key, values in parse_qs(text).items()}


def _listed(value: Any) -> list[Any]:
    return [] if value is None else list(value) if isinstance(value, list | tuple) else [value]
