"""The types that a project may declare for its configuration, checked as the CLI checks them."""

import re
from collections.abc import Iterator
from typing import Any

from sluice.errors import Problem
from sluice_sandbox.engine.yaml_file import kind

_INTEGER = re.compile(r"[+-]?\d+")


def type_problems(
    value: Any, declared: dict[str, Any], path: str, *, secret: bool = False, item: bool = False
) -> Iterator[Problem]:
    """
    Yields a problem for every part of a value that is not of the declared type.

    `declared` has a `type` and, for an array, `items`, which declare the same of each item. A `secret` is not told.
    """
    expected = declared.get("type")
    if expected == "array":
        if isinstance(value, list):
            items = declared.get("items") or {}
            for index, inner in enumerate(value):
                yield from type_problems(inner, items, f"{path}[{index}]", secret=secret, item=True)
            return
    elif expected is None or _is(value, expected, item):
        return
    found = "another type" if secret else kind(value)
    yield Problem(path, f"is {found}; {expected} is declared in Pulumi.yaml; change one of the two")


def _is(value: Any, expected: str, item: bool) -> bool:
    match expected:
        case "string":
            # A scalar of its own becomes a text; one within a list stays what it is.
            return isinstance(value, str) or not (item or isinstance(value, dict | list))
        case "integer":
            text = isinstance(value, str) and _INTEGER.fullmatch(value)
            whole = isinstance(value, float) and value.is_integer()
            return bool(text) or whole or (isinstance(value, int) and not isinstance(value, bool))
        case "boolean":
            return isinstance(value, bool) or value in ("true", "false")
        case "object":
            return isinstance(value, dict)
    return True
