"""
Whether an endpoint's traffic may change as somebody wants.

A fall is always allowed, and so is the baseline's own rise: it is where traffic goes back to. Every other rise passes
all gates or is refused. A force passes what evidence would have passed, and never a hard gate: a rung that was
skipped, a version that was rolled back, a clock that is wrong.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sluice.rollout import ladder
from sluice.rollout.gates import check_all
from sluice.rollout.rise import Evidence, Rise, Verdict
from sluice.rollout.terms import Terms


@dataclass(frozen=True)
class Change:
    """What becomes of an endpoint's traffic, in percent by slot."""

    endpoint: str
    before: Mapping[str, float]
    """What is live. Of an endpoint that is gone, what the journal has: to bring it back is no rise."""
    after: Mapping[str, float]
    versions: Mapping[str, str]
    """The digest of the version in each slot, after."""
    baseline: str
    """The slot that was the baseline before the change: a candidate does not become it by being called so."""
    baseline_version: str
    """The digest of the version that has served as the baseline; another one in its slot is a candidate."""
    first: bool = False
    """Whether the journal knows of no traffic at all yet: nobody is served worse than before."""


@dataclass(frozen=True)
class Force:
    """Somebody answers for a rise that evidence does not carry."""

    reason: str
    actor: str


@dataclass(frozen=True)
class Ruling:
    """What was found about one slot's rise."""

    slot: str
    before: float
    after: float
    verdicts: tuple[Verdict, ...]

    @property
    def unmet(self) -> tuple[Verdict, ...]:
        return tuple(verdict for verdict in self.verdicts if not verdict.passes)

    @property
    def step(self) -> str:
        return f"{self.slot} {self.before:g} → {self.after:g}"


@dataclass(frozen=True)
class Decision:
    """Whether a change is allowed, and why."""

    allowed: bool
    message: str
    """For a person, a line for each rise: `green 10 → 25 refused: soaked 3.2 of 24 h`. Empty when nothing rises."""
    rulings: tuple[Ruling, ...] = ()
    forced: bool = False
    """Whether it is allowed only by force, which the journal then records."""

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """What all gates said of all rises."""
        return tuple(verdict for ruling in self.rulings for verdict in ruling.verdicts)


def judge(change: Change, terms: Terms, evidence: Evidence, force: Force | None = None) -> Decision:
    """Returns whether traffic may change so."""
    rises = rises_of(change, terms, evidence)
    if not rises:
        return Decision(True, "")
    if change.first:
        return Decision(True, "first deployment: there is nothing to compare with")
    rulings = tuple(Ruling(rise.slot, rise.percent, rise.wanted, check_all(rise)) for rise in rises)
    objection = _objection(force, terms)
    told = [_told(ruling, terms, force, objection) for ruling in rulings]
    refused = any(_refused(ruling, terms, force, objection) for ruling in rulings)
    forced = not refused and terms.enforced and any(ruling.unmet for ruling in rulings)
    return Decision(not refused, "\n".join(told), rulings, forced)


def rises_of(change: Change, terms: Terms, evidence: Evidence) -> list[Rise]:
    """Returns the rises of a change that need a reason, in the order of slots."""
    return [
        Rise(
            endpoint=change.endpoint,
            slot=slot,
            version=change.versions.get(slot, ""),
            baseline=_compared_with(slot, change),
            live=change.before,
            wanted=percent,
            terms=terms,
            evidence=evidence,
        )
        for slot, percent in sorted(change.after.items())
        if ladder.rising(change.before.get(slot, 0.0), percent) and not _goes_back(slot, change)
    ]


def _goes_back(slot: str, change: Change) -> bool:
    return slot == change.baseline and change.versions.get(slot) == change.baseline_version


def _compared_with(slot: str, change: Change) -> str:
    """Returns the baseline, or, for a new version in its slot, who has the most traffic of the others."""
    if slot != change.baseline:
        return change.baseline
    others = {other: percent for other, percent in change.before.items() if other != slot}
    return max(others, key=lambda other: others[other], default=change.baseline)


def _objection(force: Force | None, terms: Terms) -> str | None:
    """Returns why a force counts for nothing."""
    if force is None:
        return None
    if not force.reason.strip():
        return "a force needs a reason, which the journal keeps"
    if terms.may_force is not None and force.actor not in terms.may_force:
        return f"{force.actor} may not force; who may: {', '.join(terms.may_force) or 'nobody'}"
    return None


def _refused(ruling: Ruling, terms: Terms, force: Force | None, objection: str | None) -> bool:
    if any(verdict.always for verdict in ruling.unmet):
        return True
    if not terms.enforced or not ruling.unmet:
        return False
    return force is None or objection is not None or any(verdict.hard for verdict in ruling.unmet)


def _told(ruling: Ruling, terms: Terms, force: Force | None, objection: str | None) -> str:
    # Several gates may miss the same thing.
    reasons = "; ".join(dict.fromkeys(verdict.text for verdict in ruling.unmet))
    if not ruling.unmet:
        return f"{ruling.step} allowed"
    if not terms.enforced and not any(verdict.always for verdict in ruling.unmet):
        return f"{ruling.step} allowed, gates are not enforced here: {reasons}"
    if force is None:
        return f"{ruling.step} refused: {reasons}"
    if objection is not None:
        return f"{ruling.step} refused: {objection}; {reasons}"
    hard = "; ".join(verdict.text for verdict in ruling.unmet if verdict.hard)
    if hard:
        return f"{ruling.step} refused, and no force passes this: {hard}"
    return f"{ruling.step} forced by {force.actor} ({force.reason.strip()}), passing over: {reasons}"
