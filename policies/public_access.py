"""What lets everybody in: canned ACLs, grants, and statements of a bucket policy."""

import json
from collections.abc import Iterable, Iterator, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

CANNED_ACLS = frozenset({"public-read", "public-read-write", "authenticated-read"})
"""`authenticated-read` lets in whoever has any AWS account."""
_GROUPS = ("/global/AllUsers", "/global/AuthenticatedUsers")
_RESTRICTING = frozenset(
    {
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceip",
        "aws:sourceowner",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "s3:dataaccesspointaccount",
        "s3:dataaccesspointarn",
    }
)
"""Condition keys that say who may come; others, such as `aws:SecureTransport`, say only how."""
_LONGEST_PUBLIC_PREFIX = {4: 7, 6: 31}
"""From the version of an address to the longest prefix with which S3 takes a network for everybody."""
_POSITIVE = frozenset({"stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike", "ipaddress"})


def public_grants(grants: Any) -> Iterator[tuple[int, str]]:
    """Yields index and group of the grants to everybody, in either of the forms that resources have."""
    for index, grant in enumerate(_listed(grants)):
        if isinstance(grant, dict):
            grantee = grant.get("grantee")
            uri = (grantee if isinstance(grantee, dict) else grant).get("uri")
            if isinstance(uri, str) and uri.endswith(_GROUPS):
                yield index, uri.rpartition("/")[2]


def public_statements(policy: Any) -> Iterator[str]:
    """Yields the `Sid`, or the position, of every statement of a policy that lets everybody do something."""
    if isinstance(policy, str):
        try:
            policy = json.loads(policy)
        except ValueError:
            return  # AWS refuses it
    statements = policy.get("Statement") if isinstance(policy, dict) else None
    for index, statement in enumerate(_listed(statements)):
        if isinstance(statement, dict) and _is_public(statement):
            yield str(statement.get("Sid") or index)


def _is_public(statement: Mapping[str, Any]) -> bool:
    if statement.get("Effect") != "Allow" or _restricted(statement.get("Condition")):
        return False
    principal = statement.get("Principal")
    named = _listed(principal.get("AWS")) if isinstance(principal, dict) else [principal]
    return "*" in named or "NotPrincipal" in statement


def _restricted(condition: Any) -> bool:
    if not isinstance(condition, dict):
        return False
    return any(_is_positive(operator) and _names_somebody(tests) for operator, tests in condition.items())


def _is_positive(operator: str) -> bool:
    # Of no values at all, all are as demanded.
    return operator.lower().rpartition(":")[2] in _POSITIVE and not operator.lower().startswith("forallvalues:")


def _names_somebody(tests: Any) -> bool:
    return isinstance(tests, dict) and any(
        key.lower() in _RESTRICTING and _all_fixed(_listed(values)) for key, values in tests.items()
    )


def _all_fixed(values: Iterable[Any]) -> bool:
    found = list(values)
    return bool(found) and all(_fixed(value) for value in found)


def _fixed(value: Any) -> bool:
    """Returns whether a value names somebody; an ARN does from its account on, whatever follows."""
    if not isinstance(value, str):
        return True  # not known yet
    if value.startswith("arn:"):
        account, _, rest = value.split(":", 4)[-1].partition(":")
        return not _wild(account) and (bool(account) or not _wild(rest.partition("/")[0]))
    if value.startswith("o-"):
        return not _wild(value.partition("/")[0])
    network = _network(value)
    return not _wild(value) if network is None else network.prefixlen > _LONGEST_PUBLIC_PREFIX[network.version]


def _network(value: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(value, strict=False)
    except ValueError:
        return None


def _wild(text: str) -> bool:
    return "*" in text or "?" in text


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
