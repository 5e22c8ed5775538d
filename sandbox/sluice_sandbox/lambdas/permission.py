"""Whether a resource's policy lets an AWS service in."""

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any


def permits(
    statements: Iterable[Mapping[str, Any]], service: str, action: str, resource: str, source: Mapping[str, str]
) -> bool:
    """
    Returns whether a service may do something with a resource: some statement allows it, and none denies it.

    `source` holds condition keys in small letters: `aws:sourcearn`, `aws:sourceaccount`.
    """
    effects = [
        statement.get("Effect", "Allow")
        for statement in statements
        if _names(statement.get("Principal"), service)
        and _matches(statement.get("Action"), action, fold=True)
        and _matches(statement.get("Resource", "*"), resource)
        and all(_met(*condition, source) for condition in _conditions(statement))
    ]
    return "Allow" in effects and "Deny" not in effects


def _names(principal: Any, service: str) -> bool:
    if principal == "*":
        return True
    if not isinstance(principal, Mapping):
        return bool(principal == service)
    return service in _listed(principal.get("Service")) or "*" in _listed(principal.get("AWS"))


def _matches(patterns: Any, value: str, fold: bool = False) -> bool:
    value = value.lower() if fold else value
    return any(fnmatchcase(value, pattern.lower() if fold else pattern) for pattern in map(str, _listed(patterns)))


def _conditions(statement: Mapping[str, Any]) -> Iterable[tuple[str, str, list[str]]]:
    for operator, keys in (statement.get("Condition") or {}).items():
        for key, wanted in keys.items():
            yield operator, key.lower(), [str(item) for item in _listed(wanted)]


def _met(operator: str, key: str, wanted: list[str], source: Mapping[str, str]) -> bool:
    actual = source.get(key)
    if actual is None:
        return operator.endswith("IfExists")
    match operator.removesuffix("IfExists"):
        case "StringEquals":
            return actual in wanted
        case "StringNotEquals":
            return actual not in wanted
        case "StringLike" | "ArnLike" | "ArnEquals":
            return any(fnmatchcase(actual, pattern) for pattern in wanted)
        case "Bool":
            return actual.lower() in [item.lower() for item in wanted]
    return False


def _listed(value: Any) -> list[Any]:
    return [] if value is None else list(value) if isinstance(value, list | tuple) else [value]
