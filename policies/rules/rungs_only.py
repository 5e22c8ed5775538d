"""A candidate's traffic is on a rung of the ladder."""

from collections.abc import Iterator

from rollouts import candidates, ladder_of
from rule import Concern, Finding, Resource, ResourceRule, Settings


def check(resource: Resource, _: Settings) -> Iterator[Finding]:
    rungs = ladder_of(resource)
    for slot, weight in candidates(resource):
        if rungs and weight not in (0, *rungs):
            yield Finding(
                resource, f"weights.{slot}", f"{weight:g} %; the ladder is {', '.join(f'{it:g}' for it in rungs)}"
            )


RULE = ResourceRule(
    id="rungs-only",
    concern=Concern.ROLLOUT,
    types=("sluice:index:LiveEndpoint",),
    reason="Between rungs there is no gate: the evidence that was gathered is about another share.",
    fix="declare the next rung; which one a rise may take, the gates of the endpoint say",
    check=check,
)
