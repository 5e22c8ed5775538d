"""
What is to be done about an alarm that rang: pure, from the event, the journal and the endpoint as it is.

A step is decided, taken, and the next one decided from what is then. So a run that ended in between is taken up where
it was, and an event that comes twice, late, or behind another finds its work done.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from sluice.handlers.events import Ring
from sluice.rollout.journal import History, barred_by, open_rollbacks, stage_since
from sluice.rollout.movement import SAME, Kind, Movement, Number, Served, rollback_id

MOST_AGE = timedelta(hours=6)
"""An event older than this is given up: as long as Lambda keeps one."""
PASSING = frozenset({"Creating", "Updating", "SystemUpdating", "RollingBack"})
"""States that end by themselves; until then SageMaker takes no weights."""
_UNKNOWN = Served("unknown", "unknown")


class Step(StrEnum):
    """What to do next."""

    IGNORE = "ignore"
    """Nothing, for good."""
    ASK = "ask"
    """Find out whether the alarm still rings."""
    RECORD = "record"
    """Write the movement into the journal."""
    SHIFT = "shift"
    """Give the variants these weights."""
    WAIT = "wait"
    """Try again later."""
    TELL = "tell"
    """Tell people that it is done."""
    GIVE_UP = "give up"
    """Tell people that it cannot be done."""


@dataclass(frozen=True)
class Live:
    """An endpoint as SageMaker describes it."""

    status: str | None
    """None: there is none."""
    weights: Mapping[str, float]
    counts: Mapping[str, int]
    """Instances of each variant; serverless ones are not in it."""

    @property
    def busy(self) -> bool:
        return self.status in PASSING

    def shares(self) -> dict[str, Decimal]:
        """Returns percent of traffic by slot; nothing where nobody has any."""
        total = sum(self.weights.values())
        if total <= 0:
            return {}
        return {slot: Decimal(str(round(weight / total * 100, 6))) for slot, weight in self.weights.items()}

    def serves(self, slot: str) -> bool:
        """Whether a slot could answer requests."""
        return slot in self.weights and self.counts.get(slot, 1) > 0


@dataclass(frozen=True)
class Decision:
    """The next step, and why."""

    step: Step
    why: str
    movement: Movement | None = None
    """For RECORD what to write, for TELL what was written."""
    weights: Mapping[str, float] | None = None
    """For SHIFT."""


def decide(ring: Ring, history: History, live: Live, now: datetime, rings_on: bool | None = None) -> Decision:
    """Returns the next step; `rings_on` says whether the alarm is in ALARM now, once that was asked."""
    if ring.state != "ALARM":
        return Decision(Step.IGNORE, f"the alarm is {ring.state}")
    if ring.armed.endpoint != history.endpoint:
        return Decision(Step.IGNORE, f"the alarm is of {ring.armed.endpoint}, and this guards {history.endpoint}")
    entry = history.with_token(ring.token)
    return _begin(ring, history, live, now, rings_on) if entry is None else _finish(ring, entry, history, live, now)


def _begin(ring: Ring, history: History, live: Live, now: datetime, rings_on: bool | None) -> Decision:
    """Decides about a change of state that the journal does not know yet."""
    armed, slot = ring.armed, ring.armed.slot
    past = _past(ring, history, live)
    if past is not None:
        return Decision(Step.IGNORE, past)
    baseline = _baseline(ring, history)
    running = barred_by(history, armed.version.digest)
    if running is not None and history.last is not None and history.last.share(slot) <= SAME:
        # Another alarm's rollback has been recorded and is not done, or was undone by hand; who began it tells people.
        if (why := _hopeless(ring, live, baseline, now)) is not None:
            return Decision(Step.GIVE_UP, f"{why}; {running.id} is not done")
        if live.busy:
            return Decision(Step.WAIT, f"{running.id} is under way, the endpoint is {live.status}")
        return Decision(Step.SHIFT, f"{running.id} is not done", weights=_weights(live, slot, baseline))
    if (later := _later(ring, history, rings_on)) is not None:
        return later
    if (why := _hopeless(ring, live, baseline, now)) is not None:
        return Decision(Step.GIVE_UP, why)
    return Decision(Step.RECORD, f"{armed.version.label} in {slot}", movement=_movement(ring, history, live, now))


def _past(ring: Ring, history: History, live: Live) -> str | None:
    """Returns why there is nothing left to roll back, or None."""
    armed, last = ring.armed, history.last
    if live.status in (None, "Deleting"):
        return "the endpoint is gone"
    if live.shares().get(armed.slot, Decimal(0)) <= SAME:
        return f"{armed.slot} has no traffic"
    found = armed.version.digest if last is None or armed.slot not in last.versions else last.digest(armed.slot)
    if found != armed.version.digest:
        return f"{armed.slot} holds another version than the alarm was armed for"
    if armed.slot == _baseline(ring, history):
        return f"{armed.slot} is the baseline by now"
    return None


def _later(ring: Ring, history: History, rings_on: bool | None) -> Decision | None:
    """Returns what follows from movements that were made after the alarm rang; None where they change nothing."""
    armed = ring.armed
    since = stage_since(history, armed.slot)
    if since is None or since <= ring.at:
        return None
    for movement, moment in zip(history.movements, history.moments, strict=True):
        forced = movement.forced is not None and movement.share(armed.slot) > movement.was(armed.slot)
        known = history.rollback(movement.acknowledges or "")
        if moment > ring.at and (forced or (known is not None and armed.version.digest in known.fallen)):
            return Decision(Step.IGNORE, f"movement {movement.sequence} by {movement.actor} was declared later")
    if rings_on is None:
        return Decision(Step.ASK, "traffic was moved after the alarm rang")
    return None if rings_on else Decision(Step.IGNORE, "the present stage is younger than the alarm, which is over")


def _finish(ring: Ring, entry: Movement, history: History, live: Live, now: datetime) -> Decision:
    """Decides about a change of state whose movement is in the journal already."""
    mine = entry.evidence.get("request") == ring.request
    done = Decision(Step.TELL if mine else Step.IGNORE, f"{entry.rollback} is done", movement=entry)
    if entry.rollback not in {it.id for it in open_rollbacks(history)} or live.status in (None, "Deleting"):
        return done
    baseline = entry.baseline or ring.armed.baseline
    if live.busy:
        if not mine:
            return Decision(Step.IGNORE, f"{entry.rollback} is under way")
        why = _hopeless(ring, live, baseline, now)
        return Decision(Step.WAIT if why is None else Step.GIVE_UP, why or f"the endpoint is {live.status}")
    if _past(ring, history, live) is not None:
        return done
    if (why := _hopeless(ring, live, baseline, now)) is not None:
        return Decision(Step.GIVE_UP if mine else Step.IGNORE, why)
    return Decision(Step.SHIFT, f"{entry.rollback} is not done", weights=_weights(live, ring.armed.slot, baseline))


def _hopeless(ring: Ring, live: Live, baseline: str, now: datetime) -> str | None:
    """Returns why a machine must not go on trying, or None."""
    if now - ring.at > MOST_AGE:
        state = f", the endpoint is {live.status}" if live.status != "InService" else ""
        return f"the alarm rang more than {MOST_AGE // timedelta(hours=1)} hours ago{state}"
    if live.busy:
        return None
    if live.status in ("Failed", "UpdateRollbackFailed", "OutOfService"):
        return f"the endpoint is {live.status}, and SageMaker takes no weights"
    if not live.serves(baseline):
        return f"the baseline {baseline} has no instance that could answer"
    return None


def _baseline(ring: Ring, history: History) -> str:
    last = history.last
    return ring.armed.baseline if last is None or last.baseline is None else last.baseline


def _weights(live: Live, slot: str, baseline: str) -> dict[str, float]:
    """Returns new weights: the slot's go to the baseline, those of others stay as they are."""
    return {slot: 0.0, baseline: live.weights.get(baseline, 0.0) + live.weights[slot]}


def _movement(ring: Ring, history: History, live: Live, now: datetime) -> Movement:
    armed, last, baseline = ring.armed, history.last, _baseline(ring, history)
    before = live.shares()
    after = {**before, armed.slot: Decimal(0), baseline: before.get(baseline, Decimal(0)) + before[armed.slot]}
    known = {armed.slot: armed.version, armed.baseline: armed.fallback} | dict({} if last is None else last.versions)
    versions = {slot: known.get(slot, _UNKNOWN) for slot in after}
    evidence: dict[str, str | Number] = {"alarm": ring.alarm, "alarmAt": ring.at.isoformat(), "request": ring.request}
    evidence["alarmSaid"] = ring.reason
    figures = {"value": ring.value, "threshold": ring.threshold}
    return Movement(
        endpoint=armed.endpoint,
        sequence=history.next_sequence,
        at=now,
        actor=f"alarm {ring.alarm}",
        kind=Kind.ROLLBACK,
        versions=versions,
        before=before,
        after=after,
        baseline=baseline,
        reason=ring.why,
        token=ring.token,
        evidence={**evidence, **{name: Decimal(repr(it)) for name, it in figures.items() if it is not None}},
        # Two alarms may say the same of the same moment.
        rollback=rollback_id(armed.endpoint, now, versions, ring.token),
    )
