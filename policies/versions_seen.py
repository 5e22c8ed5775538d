"""Model versions, as their entries in the Model Registry tell of them."""

from collections.abc import Mapping, Sequence
from typing import Any

from kit import of_type
from rule import UNKNOWN, Finding, Resource

PACKAGE = "sluice:index:ModelPackage"
REJECTED = "Rejected"


def is_candidate(package: Resource) -> bool:
    """Returns whether a version may be deployed, or may come to be."""
    return package.props.get("approvalStatus") != REJECTED


def fact(package: Resource, key: str) -> Any:
    """Returns what the metadata of a version says; None for nothing, UNKNOWN for what is not known yet."""
    metadata = package.props.get("metadata")
    if metadata is UNKNOWN:
        return UNKNOWN
    return metadata.get(f"sluice:{key}") if isinstance(metadata, Mapping) else None


def without(package: Resource, *keys: str) -> list[Finding]:
    """Returns a finding for every fact that the metadata of a version lacks."""
    return [Finding(package, f"metadata.sluice:{key}", "missing") for key in keys if fact(package, key) is None]


def model_of(label: object) -> str | None:
    """Returns `digits` of `digits@2`."""
    return label.rpartition("@")[0] if isinstance(label, str) and "@" in label else None


def others_of_its_model(package: Resource, stack: Sequence[Resource]) -> list[Resource]:
    """Returns the other versions of the same model that may be deployed."""
    model = model_of(fact(package, "version"))
    return [
        other
        for other in of_type(stack, PACKAGE)
        if other is not package and is_candidate(other) and model_of(fact(other, "version")) == model
    ]
