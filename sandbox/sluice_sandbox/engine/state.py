"""One resource as the checkpoint records it (Pulumi's `ResourceV3`)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields, replace
from typing import Any

from sluice_sandbox.engine import urn as urns
from sluice_sandbox.engine.values import Inputs

Translate = Callable[[str, Any], Any]


@dataclass(slots=True, eq=False)
class Resource:
    """
    A resource that a stack holds.

    Compared by identity: two of one URN exist while one replaces the other.
    """

    urn: str
    type: str
    custom: bool
    id: str = ""
    inputs: Inputs = field(default_factory=dict)
    outputs: Inputs = field(default_factory=dict)
    parent: str = ""
    provider: str = ""
    """Reference to the provider, `<urn>::<id>`."""
    dependencies: list[str] = field(default_factory=list)
    property_dependencies: dict[str, list[str]] = field(default_factory=dict)
    protect: bool = False
    external: bool = False
    """True for what was read, not made."""
    delete: bool = False
    """True for the old half of a replacement, until it is gone."""
    pending_replacement: bool = False
    """True between the deletion and the creation of a delete-before-replace."""
    init_errors: list[str] = field(default_factory=list)
    additional_secret_outputs: list[str] = field(default_factory=list)
    aliases: list[str] = field(default_factory=list)
    custom_timeouts: dict[str, float] = field(default_factory=dict)
    """Seconds for create, update and delete."""
    retain_on_delete: bool = False
    deleted_with: str = ""
    ignore_changes: list[str] = field(default_factory=list)
    replace_on_changes: list[str] = field(default_factory=list)
    hide_diff: list[Any] = field(default_factory=list)
    created: str = ""
    modified: str = ""
    source_position: str = ""
    rest: dict[str, Any] = field(default_factory=dict)
    """What the CLI recorded and the sandbox has no use for; kept."""

    @property
    def name(self) -> str:
        return urns.name_of(self.urn)

    @property
    def reference(self) -> str:
        """What resources write that this provider serves."""
        return f"{self.urn}::{self.id}"

    def copy(self, **changes: Any) -> "Resource":
        return replace(self, **changes)

    def all_dependencies(self) -> Iterator[str]:
        """Yields the URN of everything that must come before this resource, with repetitions."""
        if self.parent:
            yield self.parent
        if self.provider:
            yield urns.split_reference(self.provider)[0]
        yield from self.dependencies
        for depends in self.property_dependencies.values():
            yield from depends
        if self.deleted_with:
            yield self.deleted_with

    def to_json(self, seal: Translate) -> dict[str, Any]:
        """Returns the record; `seal(urn, properties)` encrypts the secrets in inputs and outputs."""
        record: dict[str, Any] = {}
        for name, key in _NAMES.items():
            value = getattr(self, name)
            if name in ("inputs", "outputs"):
                value = seal(self.urn, value)
            # Pulumi omits what is empty, but always says whether a resource is custom.
            if value or name == "custom":
                record[key] = value
        return {**record, **self.rest}

    @classmethod
    def from_json(cls, record: dict[str, Any], unseal: Translate) -> "Resource":
        """Returns the resource; `unseal(urn, properties)` decrypts. Raises KeyError without a URN or a type."""
        known = {_FIELDS[key]: value for key, value in record.items() if key in _FIELDS}
        known.setdefault("custom", False)
        for name in ("inputs", "outputs"):
            known[name] = unseal(record["urn"], known.get(name) or {})
        return cls(**known, rest={key: value for key, value in record.items() if key not in _FIELDS})


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


_NAMES = {field.name: _camel(field.name) for field in fields(Resource) if field.name != "rest"}
_FIELDS = {json: name for name, json in _NAMES.items()}


@dataclass(frozen=True)
class Operation:
    """A change that was begun and is not known to have ended."""

    resource: Resource
    type: str
    """`creating`, `updating`, `deleting` or `reading`."""
