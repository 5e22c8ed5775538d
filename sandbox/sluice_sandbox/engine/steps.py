"""The steps of a deployment, named and drawn as Pulumi does."""

from dataclasses import dataclass, field
from enum import StrEnum

from sluice_sandbox.engine.diff import Changes
from sluice_sandbox.engine.state import Resource


class Op(StrEnum):
    """What happens to a resource."""

    SAME = "same"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    REPLACE = "replace"
    CREATE_REPLACEMENT = "create-replacement"
    DELETE_REPLACED = "delete-replaced"
    READ = "read"
    READ_REPLACEMENT = "read-replacement"
    READ_DISCARD = "discard"
    DISCARD_REPLACED = "discard-replaced"
    REFRESH = "refresh"
    REMOVE_PENDING_REPLACE = "remove-pending-replace"

    @property
    def prefix(self) -> str:
        """The two characters before the type in a diff."""
        return _PREFIXES[self]

    @property
    def past(self) -> str:
        """What is said when it is done."""
        return _PAST.get(self, f"{self.value}d")


_PREFIXES = {
    Op.SAME: "  ",
    Op.CREATE: "+ ",
    Op.UPDATE: "~ ",
    Op.DELETE: "- ",
    Op.REPLACE: "+-",
    Op.CREATE_REPLACEMENT: "++",
    Op.DELETE_REPLACED: "--",
    Op.READ: "> ",
    Op.READ_REPLACEMENT: ">>",
    Op.READ_DISCARD: "< ",
    Op.DISCARD_REPLACED: "<<",
    Op.REFRESH: "~ ",
    Op.REMOVE_PENDING_REPLACE: "~ ",
}
_PAST = {
    Op.READ: "read",
    Op.READ_DISCARD: "discarded",
    Op.DISCARD_REPLACED: "discarded",
    Op.REFRESH: "refreshed",
    Op.DELETE_REPLACED: "deleted",
    Op.CREATE_REPLACEMENT: "created replacement",
    Op.REMOVE_PENDING_REPLACE: "removed",
}


@dataclass
class Step:
    """One change to one resource."""

    op: Op
    urn: str
    old: Resource | None = None
    new: Resource | None = None
    changes: Changes = field(default_factory=dict)
    changed_keys: tuple[str, ...] = ()
    replace_keys: tuple[str, ...] = ()
    keeps_old: bool = False
    """For a replacement: the old resource lives until everything that depends on it has moved."""

    @property
    def resource(self) -> Resource:
        """The resource as last known."""
        known = self.new or self.old
        assert known is not None
        return known
