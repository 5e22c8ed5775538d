"""
The form of a policy: `rules/` has one a file, under the name `RULE`.

Nothing here or there needs Pulumi: a rule looks at plain values, and can be imported and called by anyone.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any


class Unknown(Enum):
    """In a preview, what AWS will choose. It is no objection: the update looks again when the value is there."""

    UNKNOWN = "unknown"


UNKNOWN = Unknown.UNKNOWN


class Level(Enum):
    """What becomes of a violation, in the words of Pulumi's own configuration of policies."""

    ADVISORY = "advisory"
    MANDATORY = "mandatory"
    REMEDIATE = "remediate"
    DISABLED = "disabled"


class Concern(Enum):
    """What a policy looks after."""

    EVIDENCE = "evidence"
    ROLLOUT = "rollout"
    ROLLBACK = "rollback"
    OWNERSHIP = "ownership and life"
    RETENTION = "retention"
    SECURITY = "security"
    COST = "cost"


Settings = Mapping[str, Any]
"""A policy's configuration, complete: what is not configured is as its schema says."""


Changes = Mapping[tuple[str, ...], Any]
"""From the keys that lead to a property to its value."""


@dataclass(frozen=True)
class Resource:
    """What a rule sees of a resource: in a resource rule what was asked for, in a stack rule what became of it."""

    type: str
    """For example `aws:s3/bucket:Bucket`."""
    name: str
    urn: str
    props: Mapping[str, Any]
    """Properties as Pulumi's schema names them, secrets in the clear, `UNKNOWN` for what is not known yet."""
    uses: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """From a property to the URNs of the resources that its value comes from. Stack rules only."""

    @property
    def stack(self) -> str:
        """The name of its stack."""
        return self.urn.removeprefix("urn:pulumi:").partition("::")[0]


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it must be."""

    resource: Resource
    path: str
    """The property, for example `containers[0].image`."""
    found: str
    """What follows the path and `is`, for example `missing`."""


PRODUCTION = ("prod", "prod-*", "*-prod", "production", "production-*", "*-production")
"""The stacks that rules for production look at, unless they are configured otherwise: patterns of their names."""
_STACKS = {
    "type": "array",
    "items": {"type": "string"},
    "default": list(PRODUCTION),
    "description": "The stacks that it is for: patterns of their names.",
}


@dataclass(frozen=True, kw_only=True)
class _Rule:
    id: str
    """What a person calls it, in kebab case."""
    concern: Concern
    description: str = ""
    """What must be so, in a sentence. Omitted: the first sentence of its module's docstring."""
    reason: str
    """Why it must be so, in a sentence."""
    fix: str
    """What to change, as an instruction."""
    level: Level = Level.MANDATORY
    """What a violation does where nothing is configured."""
    types: Sequence[str] = ("*",)
    """The types of the resources that it is about: patterns."""
    covers: Sequence[str] = ()
    """What others call what it asks: Checkov's and Security Hub's identifiers."""
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """What of it can be configured: JSON schemas by key, each with a default."""
    production: bool = False
    """Whether it is for production alone; the setting `stacks` says which stacks that is."""

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z]+(-[a-z]+)*", self.id) or not self.reason or not self.fix:
            raise ValueError(f"rule {self.id!r}: needs an id in kebab case, a reason and a fix")
        if bad := [key for key, schema in self.settings.items() if "default" not in schema]:
            raise ValueError(f"rule {self.id!r}: its settings {', '.join(bad)} need defaults")

    @property
    def schema(self) -> dict[str, Mapping[str, Any]]:
        """The JSON schemas of all its settings, by key."""
        return {**self.settings, **({"stacks": _STACKS} if self.production else {})}

    def complete(self, given: Mapping[str, Any] | None) -> dict[str, Any]:
        """Returns its settings: what is given, and defaults."""
        return {**{key: schema["default"] for key, schema in self.schema.items()}, **(given or {})}

    def sees(self, kind: str) -> bool:
        """Returns whether resources of a type are shown to it."""
        return _is_any(kind, tuple(self.types))

    def concerns(self, resource: Resource, settings: Settings) -> bool:
        """Returns whether it is about a resource, by its type and stack."""
        return self.sees(resource.type) and self.is_for(resource.stack, settings)

    def is_for(self, stack: str, settings: Settings) -> bool:
        """Returns whether it is about a stack."""
        return not self.production or _is_any(stack, tuple(settings["stacks"]))

    def message(self, finding: Finding) -> str:
        """Returns what to tell about a finding: resource, property, what was found, what to change."""
        resource = finding.resource
        return f"{resource.type} '{resource.name}': {finding.path} is {finding.found}; {self.fix}"


@dataclass(frozen=True, kw_only=True)
class ResourceRule(_Rule):
    """A policy on single resources. It is asked before a resource is made."""

    check: Callable[[Resource, Settings], Iterable[Finding]]
    remedy: Callable[[Resource, Settings], Changes] | None = None
    """Returns what to set, where that takes no person; nothing of a resource that is right. For level `remediate`."""

    def findings(self, resource: Resource, settings: Settings) -> Iterable[Finding]:
        """Returns what it objects to in a resource; nothing of one that it is not about."""
        return self.check(resource, settings) if self.concerns(resource, settings) else ()


@dataclass(frozen=True, kw_only=True)
class StackRule(_Rule):
    """
    A policy on how resources fit together. It is asked when all are planned, and again when all are made.

    It sees the resources of its `types`, and no others.
    """

    check: Callable[[Sequence[Resource], Settings], Iterable[Finding]]

    def findings(self, stack: Sequence[Resource], settings: Settings) -> Iterable[Finding]:
        """Returns what it objects to in a stack; nothing where the stack is not one that it is for."""
        shown = [resource for resource in stack if self.sees(resource.type)]
        return self.check(shown, settings) if shown and self.is_for(shown[0].stack, settings) else ()


Rule = ResourceRule | StackRule


def described(rule: Rule, docstring: str | None) -> Rule:
    """Returns a rule with its description. Raises ValueError where neither it nor the docstring has one."""
    text = rule.description or " ".join((docstring or "").strip().partition("\n\n")[0].split())
    if not text:
        raise ValueError(f"rule {rule.id!r}: needs a description, or a docstring in its module")
    return replace(rule, description=text)


@lru_cache(maxsize=65536)
def _is_any(text: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(text, pattern) for pattern in patterns)
