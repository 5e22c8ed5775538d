"""
Configuration of a policy pack by a file, as the CLI's `--policy-pack-config` takes it.

A JSON object from a policy, or `all`, to its level or to an object of its settings with `enforcementLevel`.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pulumi_policy

from sluice.errors import InvalidFile, Problem

ALL = "all"
_LEVEL = "enforcementLevel"
_TYPES: dict[str, tuple[type, ...]] = {
    "array": (list,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "object": (dict,),
    "string": (str,),
}


def read(file: Path, policies: Sequence[pulumi_policy.Policy]) -> dict[str, dict[str, Any]]:
    """
    Returns what a file says, by policy.

    Raises InvalidFile for what is no object of levels and settings, and for policies and settings that there are not.
    """
    try:
        given = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidFile(str(file), [Problem("", f"cannot be read: {error}")]) from error
    if not isinstance(given, dict):
        raise InvalidFile(str(file), [Problem("", f"is {type(given).__name__}; expected an object, by policy")])
    if problems := list(_problems(given, {policy.name: policy for policy in policies})):
        raise InvalidFile(str(file), problems)
    return {name: entry if isinstance(entry, dict) else {_LEVEL: entry} for name, entry in given.items()}


def merged(own: Mapping[str, Any], given: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Returns a pack's own configuration with what a file says of it: of all, then of single policies."""
    entries: dict[str, dict[str, Any]] = {
        name: dict(entry) if isinstance(entry, dict) else {_LEVEL: entry} for name, entry in own.items()
    }
    if _LEVEL in given.get(ALL, {}):
        # What a file says of all goes before what the pack itself says of one.
        entries = {name: {**entry, _LEVEL: given[ALL][_LEVEL]} for name, entry in entries.items()}
    for name, entry in given.items():
        entries[name] = {**entries.get(name, {}), **entry}
    return entries


def _problems(given: Mapping[str, Any], policies: Mapping[str, pulumi_policy.Policy]) -> Iterator[Problem]:
    for name, entry in given.items():
        if name != ALL and name not in policies:
            yield Problem(name, f"is no policy of this pack; it has {', '.join(sorted(policies))}")
        elif not isinstance(entry, str | dict):
            yield Problem(name, f"is {entry!r}; expected a level, or an object with enforcementLevel and settings")
        elif isinstance(entry, dict):
            schema = policies[name].config_schema if name != ALL else None
            yield from _setting_problems(name, entry, schema.properties if schema else {})


def _setting_problems(
    name: str, entry: Mapping[str, Any], schemas: Mapping[str, Mapping[str, Any]]
) -> Iterator[Problem]:
    for key, value in entry.items():
        if key == _LEVEL:
            continue
        kind = schemas.get(key, {}).get("type", "")
        if key not in schemas:
            yield Problem(f"{name}.{key}", f"is unknown; allowed: {', '.join([_LEVEL, *schemas])}")
        elif kind in _TYPES and (
            not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != "boolean")
        ):
            yield Problem(f"{name}.{key}", f"is {value!r}; expected a value of type {kind}")
