"""Who depends on whom."""

from collections.abc import Iterable, Sequence

from sluice_sandbox.engine.state import Resource


def dependents(root: Resource, resources: Iterable[Resource]) -> list[Resource]:
    """Returns what depends on the root, directly or not, in the order given; being its child alone does not count."""
    reached = {root.urn}
    found = []
    for resource in resources:
        needs = set(resource.all_dependencies()) - {resource.parent} | set(resource.dependencies)
        if resource is not root and reached & needs:
            reached.add(resource.urn)
            found.append(resource)
    return found


def layers(resources: Sequence[Resource]) -> list[list[Resource]]:
    """
    Returns resources in groups to be deleted one group after the other, each in parallel.

    A resource is in a later group than all that depend on it, its children among them.
    """
    # Of two resources with one URN, what depends on the name may depend on either.
    by_urn: dict[str, list[Resource]] = {}
    for resource in resources:
        by_urn.setdefault(resource.urn, []).append(resource)
    depth: dict[int, int] = {id(resource): 0 for resource in resources}
    # Everything comes after what it needs, so walking backwards has seen all dependents of a resource before itself.
    for resource in reversed(resources):
        for urn in resource.all_dependencies():
            for needed in by_urn.get(urn, ()):
                if needed is not resource:
                    depth[id(needed)] = max(depth[id(needed)], depth[id(resource)] + 1)
    groups: list[list[Resource]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for resource in resources:
        groups[depth[id(resource)]].append(resource)
    return groups
