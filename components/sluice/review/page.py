"""Everything on the page, and the verdict over it."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from sluice.review.cost import Cost
from sluice.review.declared import Declared, Setting, settings_changed
from sluice.review.evidence import Compared, compared
from sluice.review.gates import Gates, gates
from sluice.review.plan import Plan
from sluice.review.traffic import Traffic, traffic
from sluice.review.versions import VersionChange, version_changes

_KEPT_TYPES = frozenset(
    {"sluice:index:LiveEndpoint", "aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2", "aws:dynamodb/table:Table"}
)
"""What holds users or records: losing one is never a detail."""


class Outcome(StrEnum):
    """What a reviewer is told first."""

    REFUSED = "must not be deployed"
    ATTENTION = "needs attention"
    READY = "may be deployed"
    UNCHANGED = "changes nothing"


@dataclass(frozen=True)
class Review:
    """One deployment, as a reviewer sees it."""

    stack: str
    base: str | None
    """The ref that it is compared with. None: only with what is deployed."""
    plan: Plan
    traffic: Sequence[Traffic]
    gates: Sequence[Gates]
    versions: Sequence[VersionChange]
    compared: Sequence[Compared]
    settings: Sequence[Setting]
    cost: Cost | None
    problems: Sequence[str]
    """What could not be read, and is therefore not on the page."""

    @property
    def outcome(self) -> Outcome:
        if any(self.refusals):
            return Outcome.REFUSED
        if any(self.warnings):
            return Outcome.ATTENTION
        return Outcome.READY if self.plan.changed or self.settings else Outcome.UNCHANGED

    @property
    def refusals(self) -> list[str]:
        """Why it must not be deployed."""
        return list(_refusals(self))

    @property
    def warnings(self) -> list[str]:
        """What speaks against it without stopping it."""
        return list(_warnings(self))

    def document(self) -> dict[str, Any]:
        """Returns it for a program."""
        return {
            "stack": self.stack,
            "base": self.base,
            "outcome": self.outcome.value,
            "refusals": self.refusals,
            "warnings": self.warnings,
            "traffic": [{**asdict(it), "sentences": it.sentences} for it in self.traffic],
            "gates": [asdict(it) for it in self.gates],
            "versions": [_version_document(it) for it in self.versions],
            "comparisons": [_compared_document(it) for it in self.compared],
            "settings": [asdict(it) for it in self.settings],
            "policies": None if self.plan.policies is None else [asdict(it) for it in self.plan.policies],
            "cost": None if self.cost is None else {**asdict(self.cost), "difference": self.cost.difference},
            "resources": [
                {"op": it.op, "type": it.type, "name": it.name, "urn": it.urn, "changes": dict(it.changes)}
                for it in self.plan.changed
            ],
            "problems": list(self.problems),
        }


def review(
    stack: str, plan: Plan, now: Declared, base: Declared | None, base_name: str | None, cost: Cost | None
) -> Review:
    """Returns what a reviewer must see of a plan; `base` is what was declared at the ref `base_name`."""
    named = base_name or "the base"
    found = traffic(plan, base, named)
    versions = version_changes(found, now, base, named)
    return Review(
        stack=stack,
        base=base_name,
        plan=plan,
        traffic=found,
        gates=gates(plan, found),
        versions=versions,
        compared=[compared(it.before, it.after) for it in versions if it.is_candidate],
        settings=[] if base is None else settings_changed(base, now),
        cost=cost,
        problems=(*_incomplete(plan), *now.problems, *(() if base is None else base.problems)),
    )


def _incomplete(plan: Plan) -> Iterator[str]:
    if plan.left_out:
        yield (
            f"the plan leaves out {plan.left_out:,} resources that stay as they are, so neither policies nor prices "
            "were asked; make it with: pulumi preview --json --show-sames"
        )


def _refusals(it: Review) -> Iterator[str]:
    endpoints = {each.urn for each in it.traffic}
    for each in it.gates:
        yield from (f"{each.endpoint}: {reason}" for reason in each.refused)
    for said in it.plan.said:
        if said.severity == "error" and said.urn not in endpoints:
            name = said.urn.rpartition("::")[2]
            yield f"{name}: {said.message}" if name else said.message
    for result in it.plan.policies or ():
        if result.stops:
            yield f"the policy {result.policy} does not hold for {result.urn.rpartition('::')[2] or 'the stack'}"
    if it.plan.failed and not it.plan.said:
        yield "the preview failed, and does not say why"


def _warnings(it: Review) -> Iterator[str]:
    for each in it.gates:
        yield from (f"{each.endpoint}: {line}" for line in each.warned)
    for moved in it.traffic if it.plan.from_nothing else ():
        for share in moved.rising if moved.against else ():
            yield f"no gate was asked whether {share.slot} may rise: nothing is deployed, as far as this plan knows"
    for change in it.versions:
        if change.rewritten:
            yield f"{change.after.locked.label} is not what it was: a version that is released is not edited"
    yield from (each.sentence for each in it.compared if not each.passes)
    for step in it.plan.changed:
        if step.type in _KEPT_TYPES and step.op in ("delete", "replace"):
            yield f"{step.type} {step.name} is {step.op}d"
    advisory = [result for result in it.plan.policies or () if not result.stops and result.waived is None]
    for policy in dict.fromkeys(result.policy for result in advisory):
        yield f"the policy {policy} advises against it"
    yield from it.problems


def _version_document(it: VersionChange) -> dict[str, Any]:
    one, other = it.before.locked, it.after.locked
    return {
        "before": {"version": one.label, "digest": one.version_digest},
        "after": {"version": other.label, "digest": other.version_digest},
        "why": it.why,
        "parts": [asdict(part) for part in it.parts],
    }


def _compared_document(it: Compared) -> dict[str, Any]:
    return {
        "incumbent": it.incumbent,
        "candidate": it.candidate,
        "passes": it.passes,
        "problem": it.problem,
        "figures": {name: figure.model_dump(mode="json") for name, figure in it.figures.items()},
    }
