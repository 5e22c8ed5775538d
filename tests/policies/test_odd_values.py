"""Every property of the good stack, as something that nobody foresaw."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from discovery import discover
from rule import UNKNOWN, Resource, Rule, StackRule
from tests.policies import good

RULES = list(discover())
STACK = good.stack()
ODD: dict[str, Any] = {
    "nothing": None,
    "a text": "x",
    "half of a JSON text": '{"Statement": [',
    "a JSON text": '{"Statement": [5, {"Effect": "Allow", "Principal": [5], "Action": {"a": 1}, "Resource": 7}]}',
    "a number": 5,
    "a truth": True,
    "an empty list": [],
    "a list of odd things": [None, 5, [], {}, UNKNOWN],
    "an empty map": {},
    "a map of odd things": {"a": None, "b": [5], "c": UNKNOWN},
}


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yields the path of every value within a value."""
    items: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield (*path, key)
        yield from _paths(item, (*path, key))


def _with(value: Any, path: Sequence[Any], odd: Any) -> Any:
    if not path:
        return odd
    copy = dict(value) if isinstance(value, Mapping) else list(value)
    copy[path[0]] = _with(value[path[0]], path[1:], odd)
    return copy


def _changed(odd: Any) -> Iterator[tuple[str, list[Resource], Resource]]:
    """Yields the good stack once for each of its properties, with that property being odd."""
    for index, resource in enumerate(STACK):
        for path in _paths(resource.props):
            changed = replace(resource, props=_with(resource.props, path, odd))
            yield f"{resource.name} {path}", [*STACK[:index], changed, *STACK[index + 1 :]], changed


def _found(rule: Rule, stack: Sequence[Resource], changed: Resource) -> list[str]:
    settings = rule.complete(None)
    if isinstance(rule, StackRule):
        return [rule.message(it) for it in rule.findings(stack, settings)] if rule.sees(changed.type) else []
    return [rule.message(it) for it in rule.findings(changed, settings)]


@pytest.mark.parametrize("name", ODD)
def test_no_policy_stumbles(name: str) -> None:
    """It may object, and it may not; it does not raise, which would stop every deployment."""
    for at, stack, changed in _changed(ODD[name]):
        for rule in RULES:
            try:
                _found(rule, stack, changed)
            except Exception as error:
                raise AssertionError(f"{rule.id} on {at}") from error


def test_what_is_not_known_yet_is_no_objection() -> None:
    """Neither on the whole nor in any of its parts: the update looks again when the value is there."""
    objections = [
        (at, message)
        for at, stack, changed in _changed(UNKNOWN)
        for rule in RULES
        for message in _found(rule, stack, changed)
    ]
    assert objections == []
