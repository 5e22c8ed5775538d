"""Brings a state that knows resources by former names to the names of now."""

from collections.abc import Sequence

from sluice_sandbox.engine import urn as urns
from sluice_sandbox.engine.state import Resource
from sluice_sandbox.errors import SandboxError


def renamed(resources: Sequence[Resource]) -> list[Resource]:
    """
    Returns the resources without aliases, each mention of a former name replaced by the present one.

    A resource whose parent was renamed is renamed with it, even if the program has not come to it yet: a later run
    would not find it otherwise. Raises SandboxError when two resources claim one former name.
    """
    if not any(resource.aliases for resource in resources):
        return list(resources)
    names = _new_names(resources)

    def fix(urn: str) -> str:
        return names.get(urn, urn)

    return [
        resource.copy(
            urn=fix(resource.urn),
            aliases=[],
            parent=fix(resource.parent),
            provider=_fixed_reference(resource.provider, names),
            dependencies=[fix(urn) for urn in resource.dependencies],
            property_dependencies={key: [fix(urn) for urn in on] for key, on in resource.property_dependencies.items()},
            deleted_with=fix(resource.deleted_with),
        )
        for resource in resources
    ]


def _new_names(resources: Sequence[Resource]) -> dict[str, str]:
    names: dict[str, str] = {}
    for resource in resources:
        for former in resource.aliases:
            if names.setdefault(former, resource.urn) != resource.urn:
                raise SandboxError(f"both {names[former]} and {resource.urn} have the alias {former}; drop one of them")
        parent = names.get(resource.parent, "")
        if parent and urns.type_of(parent) != urns.STACK_TYPE:
            type_, name = urns.type_of(resource.urn), urns.name_of(resource.urn)
            names[resource.urn] = urns.under(parent, type_, name)
    return names


def _fixed_reference(reference: str, names: dict[str, str]) -> str:
    if not reference:
        return ""
    urn, identity = urns.split_reference(reference)
    return f"{names.get(urn, urn)}::{identity}"
