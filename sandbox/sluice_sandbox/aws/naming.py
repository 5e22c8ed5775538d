"""
From Pulumi's names to AWS's and back.

botocore's shapes say what a request consists of, and a member's name is the property's in another case: `ModelDataUrl`
is `modelDataUrl`, `KMSMasterKeyID` is `kmsMasterKeyId`. What is named differently a table says.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from sluice.provider.properties import UNKNOWN

Names = Mapping[str, str]
"""From a property's path (without indices) to the member's name, for those that differ in more than case."""

_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z0-9]+|[A-Z]+|\d+")


@lru_cache(maxsize=4096)
def property_name(member: str) -> str:
    """Returns the property for an API member: `kmsMasterKeyId` for `KMSMasterKeyID`."""
    first, *others = _WORD.findall(member)
    return str(first.lower() + "".join(word.capitalize() for word in others))


def to_api(shape: Shape, value: Any, names: Names, path: str = "") -> Any:
    """
    Returns a property's value as the API wants it.

    Properties that the shape does not have are left out; `unmapped` finds them. Numbers become what the shape says.
    """
    if value is None or value is UNKNOWN:
        return value
    value = _alone(shape, value)
    if isinstance(shape, StructureShape) and isinstance(value, Mapping):
        members = _members(shape, names, path)
        return {
            members[key]: to_api(shape.members[members[key]], item, names, _join(path, key))
            for key, item in value.items()
            if key in members and item is not None
        }
    if isinstance(shape, ListShape) and isinstance(value, list | tuple):
        return [to_api(shape.member, item, names, path) for item in value]
    if isinstance(shape, MapShape) and isinstance(value, Mapping):
        return {key: to_api(shape.value, item, names, path) for key, item in value.items()}
    if shape.type_name in ("integer", "long") and isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def from_api(shape: Shape, value: Any, names: Names, path: str = "") -> Any:
    """Returns what the API says as a property's value; members without a value are left out."""
    if isinstance(shape, StructureShape) and isinstance(value, Mapping):
        properties = {member: key for key, member in _members(shape, names, path).items()}
        told = {
            member: from_api(shape.members[member], item, names, _join(path, properties[member]))
            for member, item in value.items()
            if item is not None and member in properties
        }
        return {
            properties[member]: [item] if _is_one_of_many(shape, member, properties[member]) else item
            for member, item in told.items()
        }
    if isinstance(shape, ListShape) and isinstance(value, list | tuple):
        return [from_api(shape.member, item, names, path) for item in value]
    if isinstance(shape, MapShape) and isinstance(value, Mapping):
        return {key: from_api(shape.value, item, names, path) for key, item in value.items()}
    return value


def unmapped(shape: Shape, value: Any, names: Names, path: str = "", shown: str = "") -> list[str]:
    """Returns the paths of properties that the shape does not have; `shown` is the present path with indices."""
    value = _alone(shape, value)
    if isinstance(shape, StructureShape) and isinstance(value, Mapping):
        members = _members(shape, names, path)
        found = []
        for key, item in value.items():
            if key not in members:
                found.append(_join(shown, key))
            else:
                found += unmapped(shape.members[members[key]], item, names, _join(path, key), _join(shown, key))
        return found
    if isinstance(shape, ListShape) and isinstance(value, list | tuple):
        items = [(item, f"{shown}[{index}]") for index, item in enumerate(value)]
        return [problem for item, where in items for problem in unmapped(shape.member, item, names, path, where)]
    return []


def property_path(shape: Shape, path: str, names: Names) -> str:
    """Returns the property for a path in a request as `shapes.violations` gives it: `rules[0].id` for `rules[0].iD`."""
    shown = plain = ""
    for part in path.split("."):
        name, bracket, index = part.partition("[")
        if isinstance(shape, StructureShape):
            properties = {_small(member): key for key, member in _members(shape, names, plain).items()}
            member = next((member for member in shape.members if _small(member) == name), None)
            name, shape = properties.get(name, name), shape.members[member] if member else shape
        elif isinstance(shape, MapShape):
            shape = shape.value
        shown, plain = _join(shown, name + bracket + index), _join(plain, name)
        for _ in range(part.count("[")):
            shape = shape.member if isinstance(shape, ListShape) else shape
    return shown


def _members(shape: StructureShape, names: Names, path: str) -> dict[str, str]:
    """Returns from property to member for one structure."""
    renamed = {member: key.rpartition(".")[2] for key, member in names.items() if key.rpartition(".")[0] == path}
    return {renamed.get(member, property_name(member)): member for member in shape.members}


def _alone(shape: Shape, value: Any) -> Any:
    """Returns the one item of a list where the API takes no more than one, and so no list."""
    one = isinstance(shape, StructureShape) and isinstance(value, list | tuple) and len(value) == 1
    return value[0] if one else value


def _is_one_of_many(shape: StructureShape, member: str, key: str) -> bool:
    """True where a property is a list, as its name says, and the API's member is a single structure."""
    return isinstance(shape.members[member], StructureShape) and key == f"{property_name(member)}s"


def _small(member: str) -> str:
    # As AWS does in its messages.
    return member[:1].lower() + member[1:]


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
