"""Where an endpoint's rollout is: what serves, what may happen next, and what keeps it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sluice.provider import rollout_inputs
from sluice.provider.custom_type import Values
from sluice.provider.endpoint_gates import Gates, Ruling
from sluice.provider.endpoint_standby import USUAL_HOURS
from sluice.provider.endpoint_states import describe
from sluice.provider.endpoint_traffic import live_weights, percent, same
from sluice.provider.work import Work
from sluice.rollout import journal, ladder, steps
from sluice.rollout.journal import History, OpenRollback
from sluice.rollout.movement import Movement
from sluice.rollout.rise import Verdict


@dataclass(frozen=True)
class Candidate:
    """A slot that may rise."""

    slot: str
    percent: float
    next_rung: int
    traffic: Mapping[str, float]
    """Percent by slot that would be declared for it."""
    soaked_hours: float | None
    """How long it has had its share; None while it has none, or nobody knows."""
    soak_hours: float
    """How long it has to."""
    allowed: bool
    message: str
    """What the gates say of its next step, in one line."""
    verdicts: tuple[Verdict, ...]

    @property
    def passes(self) -> bool:
        """Whether every gate says yes, enforced or not."""
        return self.allowed and all(verdict.passes for verdict in self.verdicts)


@dataclass(frozen=True)
class EndpointStatus:
    """One endpoint, as it was found just now."""

    endpoint: str
    region: str
    state: str
    """What SageMaker calls it: `InService`; `missing` when there is none."""
    now: datetime
    versions: Mapping[str, str]
    """The label of the version in each slot."""
    live: Mapping[str, float]
    """Percent by slot."""
    declared: Mapping[str, float]
    baseline: str | None
    candidates: tuple[Candidate, ...]
    rollback: OpenRollback | None
    """The newest rollback that nobody has acknowledged."""
    standby_until: Mapping[str, datetime]
    """By slot that lost its traffic."""
    last: Movement | None
    """The newest entry of the journal; None without one."""
    journaled: bool

    @property
    def drifted(self) -> bool:
        """Whether live traffic is not what was declared last."""
        return not same(self.live, self.declared)


def status_of(work: Work, inputs: Values, outputs: Values) -> EndpointStatus:
    """Returns where an endpoint is, by the inputs and outputs of its LiveEndpoint. Raises SluiceError."""
    described = describe(work.client("sagemaker", inputs["region"]), inputs["name"])
    gates = Gates(work, inputs, inputs, described)
    journaled = rollout_inputs.is_journaled(inputs)
    history = gates.journal.read(gates.endpoint) if journaled else History(gates.endpoint)
    live = live_weights(described or {})
    recorded = None if history.last is None else history.last.baseline
    baseline = inputs.get("baseline") or recorded
    hours = timedelta(hours=inputs.get("standbyHours", USUAL_HOURS))
    candidates = [slot for slot in live if slot != baseline] if journaled and baseline in live else []
    return EndpointStatus(
        endpoint=gates.endpoint,
        region=inputs["region"],
        state="missing" if described is None else described["EndpointStatus"],
        now=gates.now,
        versions=inputs.get("versions") or {},
        live=live,
        declared=percent(inputs["weights"]),
        baseline=baseline,
        candidates=tuple(
            found for slot in candidates if (found := _candidate(gates, history, live, slot, str(baseline))) is not None
        ),
        rollback=journal.latch(history),
        standby_until={
            slot: datetime.fromisoformat(since) + hours for slot, since in (outputs.get("drained") or {}).items()
        },
        last=history.last,
        journaled=journaled,
    )


def _candidate(gates: Gates, history: History, live: Mapping[str, float], slot: str, baseline: str) -> Candidate | None:
    rung = ladder.next_rung(gates.terms.ladder, live[slot])
    if rung is None:
        return None
    wanted = steps.raised(live, slot, rung, baseline)
    asked = {**gates.new, "weights": wanted, "force": None}
    ruling: Ruling = Gates(gates.work, asked, gates.old, gates.described).rule(history)
    since = journal.stage_since(history, slot) if live[slot] else None
    return Candidate(
        slot=slot,
        percent=live[slot],
        next_rung=rung,
        traffic=wanted,
        soaked_hours=None if since is None else (gates.now - since).total_seconds() / 3600,
        soak_hours=gates.terms.soak_at(live[slot]),
        allowed=ruling.decision.allowed and not ruling.held,
        message=ruling.held or ruling.decision.message,
        verdicts=ruling.decision.verdicts,
    )
