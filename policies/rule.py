"""
The form of a policy: `rules/` has one a file, under the name `RULE`.

Nothing here or there needs Pulumi: a rule looks at plain values, and can be imported and called by anyone.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any


class Unknown(Enum):
    """In a preview, what AWS will choose. It is no objection: the update looks again when the value is there."""

    UNKNOWN = "unknown"


UNKNOWN = Unknown.UNKNOWN


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


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it must be."""

    resource: Resource
    path: str
    """The property, for example `containers[0].image`."""
    found: str
    """What follows the path and `is`, for example `missing`."""


@dataclass(frozen=True, kw_only=True)
class _Rule:
    id: str
    """What a person calls it, in kebab case."""
    reason: str
    """Why it must be so, in a sentence."""
    fix: str
    """What to change, as an instruction."""

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z]+(-[a-z]+)*", self.id) or not self.reason or not self.fix:
            raise ValueError(f"rule {self.id!r}: needs an id in kebab case, a reason and a fix")

    def message(self, finding: Finding) -> str:
        """Returns what to tell about a finding: resource, property, what was found, what to change."""
        resource = finding.resource
        return f"{resource.type} '{resource.name}': {finding.path} is {finding.found}; {self.fix}"


@dataclass(frozen=True, kw_only=True)
class ResourceRule(_Rule):
    """A policy on single resources. It is asked before a resource is made."""

    check: Callable[[Resource], Iterable[Finding]]


@dataclass(frozen=True, kw_only=True)
class StackRule(_Rule):
    """A policy on how resources fit together. It is asked when all are planned, and again when all are made."""

    check: Callable[[Sequence[Resource]], Iterable[Finding]]


Rule = ResourceRule | StackRule
