"""An endpoint is deployed by one resource."""

from collections.abc import Iterator, Sequence

from endpoints import TYPES, endpoints, name_of
from rule import Concern, Finding, Resource, Settings, StackRule


def check(stack: Sequence[Resource], _: Settings) -> Iterator[Finding]:
    seen: dict[str, Resource] = {}
    # The one to keep comes first, in whatever order they were made.
    for endpoint in sorted(endpoints(stack), key=lambda it: (not it.type.startswith("sluice:"), it.name)):
        name = name_of(endpoint)
        other = seen.setdefault(name, endpoint) if name is not None else endpoint
        if other is not endpoint:
            yield Finding(endpoint, "name", f"{name!r}, which {other.type} '{other.name}' has too")


RULE = StackRule(
    id="single-deployer",
    concern=Concern.ROLLOUT,
    types=(*TYPES,),
    reason="Two resources that both say what runs undo each other's work, a rollback among it.",
    fix="leave the endpoint to LiveEndpoint alone, and take the other resource out of the program",
    check=check,
)
