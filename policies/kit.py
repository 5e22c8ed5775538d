"""What rules share: how properties are reached, and what is wrong with one."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from rule import UNKNOWN, Finding, Resource, Settings

DAYS = {"type": "integer", "minimum": 0}
HOURS = {"type": "number", "minimum": 0}
COUNT = {"type": "integer", "minimum": 0}
TEXTS = {"type": "array", "items": {"type": "string"}}


def at(value: Any, path: str) -> Any:
    """
    Returns what is at a path of keys, `a.b`; None where there is nothing, UNKNOWN where it is not known yet.

    A list of one item, as the Terraform schema has them for objects, is gone through.
    """
    for key in path.split("."):
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        if value is UNKNOWN:
            return UNKNOWN
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def is_given(value: Any) -> bool:
    """Returns whether there is a value; one that is not known yet will be there."""
    return value is UNKNOWN or value not in (None, "", [], {})


def missing(resource: Resource, *paths: str) -> Iterator[Finding]:
    """Yields a finding for every path at which nothing is given."""
    for path in paths:
        if not is_given(at(resource.props, path)):
            yield Finding(resource, path, "missing")


def unless(resource: Resource, path: str, *allowed: Any) -> Iterator[Finding]:
    """Yields a finding when what is at a path is known, and none of what is allowed."""
    value = at(resource.props, path)
    if value is UNKNOWN or any(value == it and isinstance(value, bool) == isinstance(it, bool) for it in allowed):
        return
    yield Finding(resource, path, told(value))


def is_unknown_in(value: Any) -> bool:
    """Returns whether any part of a value is not known yet."""
    if isinstance(value, Mapping):
        return any(is_unknown_in(it) for it in value.values())
    return value is UNKNOWN or (isinstance(value, list) and any(is_unknown_in(it) for it in value))


def told(value: Any) -> str:
    """Returns how a finding says a value."""
    if value is None:
        return "missing"
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, int | float) else repr(value)


def number(value: Any) -> float | None:
    """Returns a number, or None for what is none or not known yet."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def listed(value: Any) -> list[Any]:
    """Returns a list as it is, nothing for None, and one of anything else."""
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def of_type(stack: Iterable[Resource], *types: str) -> list[Resource]:
    """Returns a stack's resources of these types."""
    return [resource for resource in stack if resource.type in types]


def document(value: Any) -> Mapping[str, Any]:
    """Returns a policy document, from its text or as it is; an empty one for what is none or not known yet."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return {}  # AWS refuses it
    return value if isinstance(value, Mapping) else {}


def statements(value: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yields the `Sid`, or the position, of every allowing statement of a policy document, and the statement."""
    for index, statement in enumerate(listed(document(value).get("Statement"))):
        if isinstance(statement, Mapping) and statement.get("Effect") == "Allow":
            yield str(statement.get("Sid") or index), statement


def refers(resource: Resource, key: str, other: Resource, *names: str) -> bool:
    """
    Returns whether a property of a resource names another one.

    `names` are the properties of the other that would be its value. Where they are not known yet, it counts that the
    value comes from there.
    """
    value = resource.props.get(key)
    if isinstance(value, str) and any(other.props.get(name) == value for name in names):
        return True
    return not isinstance(value, str) and other.urn in resource.uses.get(key, ())


def tags_of(resource: Resource) -> Mapping[str, Any]:
    """Returns a resource's tags, with those that the provider gives to all."""
    found: dict[str, Any] = {}
    for key in ("tagsAll", "tags"):
        value = resource.props.get(key)
        if isinstance(value, Mapping):
            found |= value
    return found


def texts(settings: Settings, key: str) -> Sequence[str]:
    """Returns a setting that is a list of texts."""
    return tuple(settings[key])
