"""
Configuration of the pack: the file that `--policy-pack-config` takes, one for each environment in `config/`.

From a policy's name, or `all`, to its level or to an object of its settings with `enforcementLevel`. A setting is
checked against the policy's schema: type, enum, minimum, maximum, and the type of an array's items.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from problems import InvalidPolicyFile, read_json
from rule import Level, Rule, Settings

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


@dataclass(frozen=True)
class Configuration:
    """What a file says of levels and settings."""

    levels: Mapping[str, Level] = field(default_factory=dict)
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def level(self, rule: Rule) -> Level:
        """Returns a policy's level: its own, else that of all, else what it says itself."""
        return self.levels.get(rule.id, self.levels.get(ALL, rule.level))

    def of(self, rule: Rule) -> Settings:
        """Returns a policy's settings, complete."""
        return rule.complete(self.settings.get(rule.id))


def read_configuration(file: Path, rules: Sequence[Rule]) -> Configuration:
    """Returns what a file says. Raises InvalidPolicyFile with every unknown policy, level, setting and value."""
    given = read_json(file)
    if not isinstance(given, dict):
        raise InvalidPolicyFile(file, [f"is {type(given).__name__}; expected an object, from policies to levels"])
    if found := list(problems(given, rules)):
        raise InvalidPolicyFile(file, found)
    entries = {name: entry if isinstance(entry, dict) else {_LEVEL: entry} for name, entry in given.items()}
    return Configuration(
        {name: Level(entry[_LEVEL]) for name, entry in entries.items() if _LEVEL in entry},
        {name: {key: entry[key] for key in entry if key != _LEVEL} for name, entry in entries.items()},
    )


def problems(given: Mapping[str, Any], rules: Sequence[Rule]) -> Iterator[str]:
    """Yields what is wrong with a configuration."""
    known = {rule.id: rule for rule in rules}
    for name, entry in given.items():
        if name != ALL and name not in known:
            near = get_close_matches(name, known, 1)
            yield f"{name} is no policy" + (f"; did you mean {near[0]}?" if near else "; see docs/policies.md")
            continue
        settings = entry if isinstance(entry, dict) else {_LEVEL: entry}
        schema = {} if name == ALL else known[name].schema
        for key, value in settings.items():
            yield from _level(f"{name}", value) if key == _LEVEL else _setting(f"{name}.{key}", key, value, schema)


def _level(at: str, value: Any) -> Iterator[str]:
    allowed = [level.value for level in Level]
    if value not in allowed:
        yield f"{at} has the level {value!r}; allowed {', '.join(allowed)}"


def _setting(at: str, key: str, value: Any, schemas: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    if key not in schemas:
        yield f"{at} is unknown; allowed: {', '.join([_LEVEL, *schemas])}"
        return
    yield from _value(at, value, schemas[key])


def _value(at: str, value: Any, schema: Mapping[str, Any]) -> Iterator[str]:
    kind = schema.get("type", "")
    if kind in _TYPES and (not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != "boolean")):
        yield f"{at} is {value!r}; expected a value of type {kind}"
    elif "enum" in schema and value not in schema["enum"]:
        yield f"{at} is {value!r}; allowed {', '.join(map(repr, schema['enum']))}"
    elif "minimum" in schema and value < schema["minimum"]:
        yield f"{at} is {value!r}; allowed {schema['minimum']} or more"
    elif "maximum" in schema and value > schema["maximum"]:
        yield f"{at} is {value!r}; allowed {schema['maximum']} or less"
    elif kind == "array":
        for index, item in enumerate(value):
            yield from _value(f"{at}[{index}]", item, schema.get("items", {}))
    elif kind == "object" and isinstance(schema.get("additionalProperties"), dict):
        for key, item in value.items():
            yield from _value(f"{at}.{key}", item, schema["additionalProperties"])
