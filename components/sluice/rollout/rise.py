"""The question that every gate is asked, and what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sluice.rollout import ladder
from sluice.rollout.cohorts import Cohort
from sluice.rollout.terms import Terms


class Outcome(StrEnum):
    """What a gate found. Only a pass is a pass."""

    PASS = "pass"
    FAIL = "fail"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True)
class Verdict:
    """What a gate says of a rise, with its figures."""

    gate: str
    outcome: Outcome
    text: str
    """For a person: `soaked 3.2 of 24 h`."""
    hard: bool = False
    """Whether a force leaves it as it is."""
    always: bool = False
    """Whether it refuses even where gates are not enforced."""

    @property
    def passes(self) -> bool:
        return self.outcome is Outcome.PASS


@dataclass(frozen=True)
class Latch:
    """An unacknowledged rollback."""

    version: str
    """The digest of the version that was rolled back."""
    at: datetime
    reason: str


@dataclass(frozen=True)
class Shadow:
    """What a version did with copies of requests."""

    version: str
    """The digest of the version in the shadow."""
    since: datetime
    until: datetime
    requests: int
    outcome: Outcome
    """Of the comparison with the incumbent's answers."""
    text: str
    """Its figures: `agreement 99.2 % of 51,204`."""


@dataclass(frozen=True)
class Evidence:
    """What is known of an endpoint, as it was read just now."""

    now: datetime
    recorded_at: datetime | None = None
    """When the newest entry of the journal was made. None: there is none."""
    recorded: Mapping[str, float] | None = None
    """Traffic in percent as the journal has it. None: the journal has none, or could not be read."""
    stage_since: Mapping[str, datetime] = field(default_factory=dict)
    """By slot, since when its share and its version are what they are."""
    cohorts: Mapping[str, Cohort] = field(default_factory=dict)
    """By slot, over the present stage. What could not be measured is not in it."""
    measured_until: datetime | None = None
    """The end of the last period that is complete in all cohorts. None: nothing was measured."""
    alarms: tuple[str, ...] | None = None
    """Names of the endpoint's alarms in ALARM. None: nobody could ask."""
    latch: Latch | None = None
    shadows: Mapping[str, Shadow] = field(default_factory=dict)
    """By a version's digest."""


@dataclass(frozen=True)
class Rise:
    """A candidate's traffic is to go up."""

    endpoint: str
    slot: str
    version: str
    """The digest of the version in the slot."""
    baseline: str
    """The slot that it is compared with."""
    live: Mapping[str, float]
    """Percent of traffic by slot, before."""
    wanted: float
    """Percent of traffic of the slot, after."""
    terms: Terms
    evidence: Evidence

    @property
    def percent(self) -> float:
        """The slot's traffic before."""
        return self.live.get(self.slot, 0.0)

    @property
    def serves(self) -> bool:
        """Whether anybody's requests have been answered by it in this stage."""
        return ladder.rising(0.0, self.percent)

    @property
    def candidate_cohort(self) -> Cohort | None:
        """What its users met; None when nothing is known of this very version."""
        found = self.evidence.cohorts.get(self.slot)
        return found if found is not None and found.version == self.version else None

    @property
    def baseline_cohort(self) -> Cohort | None:
        """What the baseline's users met."""
        return self.evidence.cohorts.get(self.baseline)

    @property
    def both(self) -> tuple[Cohort, Cohort] | None:
        """Candidate and baseline, where both were asked something."""
        pair = self.candidate_cohort, self.baseline_cohort
        if pair[0] is None or pair[1] is None or not pair[0].requests or not pair[1].requests:
            return None
        return pair[0], pair[1]

    def missing(self) -> str:
        """Returns what keeps the two cohorts from being compared."""
        for slot, cohort in ((self.slot, self.candidate_cohort), (self.baseline, self.baseline_cohort)):
            if cohort is None:
                return f"there are no metrics of {slot}"
            if not cohort.requests:
                return f"{slot} has answered no request in this stage"
        return "both cohorts are there"


@dataclass(frozen=True)
class Answers:
    """Makes a gate's verdicts, so that its file says only what it finds."""

    gate: str
    hard: bool = False
    always: bool = False

    def passed(self, text: str) -> Verdict:
        return Verdict(self.gate, Outcome.PASS, text, self.hard, self.always)

    def failed(self, text: str) -> Verdict:
        return Verdict(self.gate, Outcome.FAIL, text, self.hard, self.always)

    def cannot_tell(self, text: str) -> Verdict:
        return Verdict(self.gate, Outcome.CANNOT_TELL, text, self.hard, self.always)

    def unasked(self) -> Verdict:
        """Returns the verdict on what nobody's requests went to: there is nothing to hold against it."""
        return self.passed("serves nobody yet")
