"""Colours and short names, as Pulumi uses them."""

from sluice_sandbox.engine import urn as urns
from sluice_sandbox.engine.diff import Change, Kind
from sluice_sandbox.engine.steps import Op

STYLES = {
    Op.SAME: "",
    Op.CREATE: "green",
    Op.UPDATE: "yellow",
    Op.DELETE: "red",
    Op.REPLACE: "magenta",
    Op.CREATE_REPLACEMENT: "green",
    Op.DELETE_REPLACED: "red",
    Op.READ: "cyan",
    Op.READ_REPLACEMENT: "cyan",
    Op.READ_DISCARD: "cyan",
    Op.DISCARD_REPLACED: "cyan",
    Op.REFRESH: "yellow",
    Op.REMOVE_PENDING_REPLACE: "yellow",
}
MARKS = {Kind.ADD: "+", Kind.DELETE: "-", Kind.UPDATE: "~"}
_KIND_STYLES = {Kind.ADD: "green", Kind.DELETE: "red", Kind.UPDATE: "yellow"}


def style_of(change: Change) -> str:
    """Returns the colour of a property's change; what forces a replacement stands out."""
    return "magenta" if change.replaces else _KIND_STYLES[change.kind]


def short_type(urn: str) -> str:
    """Returns `aws:s3:Bucket` for `aws:s3/bucket:Bucket`."""
    package, module, name = (*urns.type_of(urn).split(":", 2), "", "")[:3]
    return f"{package}:{module.partition('/')[0]}:{name}"
