"""What a version must achieve was agreed before it was evaluated."""

from collections.abc import Iterator

from clock import as_moment
from rule import Concern, Finding, Resource, ResourceRule, Settings
from versions_seen import fact, is_candidate, without


def check(resource: Resource, _: Settings) -> Iterator[Finding]:
    if is_candidate(resource):
        yield from without(resource, "contract", "contract-agreed", "report-begun")
        agreed, begun = as_moment(fact(resource, "contract-agreed")), as_moment(fact(resource, "report-begun"))
        if agreed is not None and begun is not None and begun < agreed:
            yield Finding(resource, "metadata.sluice:report-begun", f"{begun:%Y-%m-%d %H:%M}, before its contract")


RULE = ResourceRule(
    id="criteria-first",
    concern=Concern.EVIDENCE,
    types=("sluice:index:ModelPackage",),
    reason="Criteria that are written to a result are always met.",
    fix="agree on the contract first, then evaluate: sluice evaluate <manifest> --fresh",
    check=check,
)
