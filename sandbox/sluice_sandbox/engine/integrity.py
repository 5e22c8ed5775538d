"""What must hold of every state, as the Pulumi CLI checks it."""

from collections import defaultdict
from collections.abc import Iterable

from sluice_sandbox.engine import urn as urns
from sluice_sandbox.engine.state import Resource
from sluice_sandbox.errors import StateDamaged


def verify(resources: Iterable[Resource]) -> None:
    """
    Raises StateDamaged unless every resource comes after all that it needs.

    Also: URNs and types are there, only custom resources have ids, providers exist, and of several resources with one
    URN at most one is not waiting for its deletion.
    """
    seen: dict[str, list[Resource]] = defaultdict(list)
    providers: set[str] = set()
    for resource in resources:
        _verify_alone(resource)
        if resource.provider and resource.provider not in providers and not resource.pending_replacement:
            raise StateDamaged(f"{resource.urn} refers to the unknown provider {resource.provider}")
        for dependency in resource.all_dependencies():
            if dependency not in seen:
                raise StateDamaged(f"{resource.urn} needs {dependency}, which does not come before it")
        if urns.is_provider(resource.type):
            providers.add(resource.reference)
        seen[resource.urn].append(resource)
    for urn, same in seen.items():
        if sum(not resource.delete for resource in same) > 1:
            raise StateDamaged(f"{urn} is there more than once")


def _verify_alone(resource: Resource) -> None:
    if not resource.urn or not resource.type:
        raise StateDamaged(f"a resource lacks its URN or type: {resource.urn or resource.type!r}")
    if resource.id and not resource.custom:
        raise StateDamaged(f"{resource.urn} is a component and yet has the id {resource.id!r}")
