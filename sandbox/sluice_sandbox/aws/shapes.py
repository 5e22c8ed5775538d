"""
Requests checked against AWS's own description of them.

botocore carries the shape of every request: required members, patterns, enums, ranges and lengths. Its client checks a
part of them, moto almost none, and AWS all.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape


@dataclass(frozen=True)
class Violation:
    """A value that AWS would refuse."""

    path: str
    """Where in the request, `productionVariants[0].initialInstanceCount`."""
    value: Any
    constraint: str
    """What must hold, in AWS's words."""

    def __str__(self) -> str:
        shown = "null" if self.value is None else self.value
        return f"Value '{shown}' at '{self.path}' failed to satisfy constraint: {self.constraint}"


def violations(shape: Shape, value: Any, path: str = "", ignore: Any = None) -> Iterator[Violation]:
    """Yields every violation; a value that is the `ignore` object is not known yet and may be anything."""
    if value is None or value is ignore:
        return
    if isinstance(shape, StructureShape):
        yield from _structure(shape, value, path, ignore)
    elif isinstance(shape, ListShape):
        yield from _list(shape, value, path, ignore)
    elif isinstance(shape, MapShape):
        yield from _map(shape, value, path, ignore)
    elif isinstance(shape, StringShape):
        yield from _string(shape, value, path)
    elif shape.type_name in ("integer", "long", "float", "double"):
        yield from _number(shape, value, path)
    elif shape.type_name == "boolean" and not isinstance(value, bool):
        yield Violation(path, value, "Member must be a boolean")


def message(found: list[Violation]) -> str:
    """Returns all violations in the one sentence that AWS makes of them."""
    noun = "validation error" if len(found) == 1 else "validation errors"
    return f"{len(found)} {noun} detected: {'; '.join(map(str, found))}"


def _structure(shape: StructureShape, value: Any, path: str, ignore: Any) -> Iterator[Violation]:
    if not isinstance(value, dict):
        yield Violation(path, value, "Member must be a structure")
        return
    for name in shape.required_members:
        if value.get(name) is None:
            yield Violation(_member(path, name), None, "Member must not be null")
    for name, item in value.items():
        member = shape.members.get(name)
        if member is None:
            yield Violation(_member(path, name), item, "Member must be one that the request has")
        else:
            yield from violations(member, item, _member(path, name), ignore)


def _list(shape: ListShape, value: Any, path: str, ignore: Any) -> Iterator[Violation]:
    if not isinstance(value, list | tuple):
        yield Violation(path, value, "Member must be a list")
        return
    yield from _length(shape, value, path)
    for index, item in enumerate(value):
        yield from violations(shape.member, item, f"{path}[{index}]", ignore)


def _map(shape: MapShape, value: Any, path: str, ignore: Any) -> Iterator[Violation]:
    if not isinstance(value, dict):
        yield Violation(path, value, "Member must be a map")
        return
    yield from _length(shape, value, path)
    for key, item in value.items():
        yield from violations(shape.key, key, f"{path}.key", ignore)
        yield from violations(shape.value, item, f"{path}.{key}", ignore)


def _string(shape: StringShape, value: Any, path: str) -> Iterator[Violation]:
    if not isinstance(value, str):
        yield Violation(path, value, "Member must be a string")
        return
    if shape.enum and value not in shape.enum:
        yield Violation(path, value, f"Member must satisfy enum value set: [{', '.join(shape.enum)}]")
    yield from _length(shape, value, path)
    pattern = shape.metadata.get("pattern")
    compiled = _compiled(pattern) if pattern else None
    if compiled is not None and not compiled.fullmatch(value):
        yield Violation(path, value, f"Member must satisfy regular expression pattern: {pattern}")


def _number(shape: Shape, value: Any, path: str) -> Iterator[Violation]:
    whole = shape.type_name in ("integer", "long")
    if isinstance(value, bool) or not isinstance(value, int | float) or (whole and int(value) != value):
        yield Violation(path, value, f"Member must be {'an integer' if whole else 'a number'}")
        return
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and value < low:
        yield Violation(path, value, f"Member must have value greater than or equal to {low}")
    if high is not None and value > high:
        yield Violation(path, value, f"Member must have value less than or equal to {high}")


def _length(shape: Shape, value: Any, path: str) -> Iterator[Violation]:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and len(value) < low:
        yield Violation(path, value, f"Member must have length greater than or equal to {low}")
    if high is not None and len(value) > high:
        yield Violation(path, value, f"Member must have length less than or equal to {high}")


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str] | None:
    # AWS writes Java's dialect. A few patterns, with Unicode classes, Python does not know; those stay unchecked.
    try:
        return re.compile(pattern)
    except re.error:
        return None


def _member(path: str, name: str) -> str:
    # AWS names members in its messages with a small first letter.
    small = name[:1].lower() + name[1:]
    return f"{path}.{small}" if path else small
