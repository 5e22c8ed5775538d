"""The absolute bounds of a contract, beside what the candidate's report tells."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from sluice.evaluation.contract import Contract, Direction
from sluice.evaluation.criteria import Outcome, outcome_of, worse_end
from sluice.evaluation.display.figures import Measure, Scale, count
from sluice.evaluation.display.material import Shown
from sluice.evaluation.display.rows import label, of_slice, percent, scale_of
from sluice.evaluation.report import Estimate, Findings, Report


class Reach(StrEnum):
    """Where a figure is beside its bound. Only the first passes."""

    REACHED = "reached"
    """The whole interval is on the right side."""
    NOT_CERTAIN = "not certain"
    """The figure is on the right side, its interval is not."""
    MISSED = "missed"
    UNKNOWN = "not known"


_REACH = {Outcome.MET: Reach.REACHED, Outcome.NOT_MET: Reach.MISSED, Outcome.CANNOT_TELL: Reach.NOT_CERTAIN}
REACH_SIGNS = {Reach.REACHED: "✓", Reach.NOT_CERTAIN: "?", Reach.MISSED: "▼", Reach.UNKNOWN: "?"}


@dataclass(frozen=True)
class Bounded:
    """A figure of the candidate and the worst value that the contract admits."""

    name: str
    scale: Scale
    estimate: Estimate | None
    """None: the report does not have it."""
    bound: float
    direction: Direction

    @property
    def reach(self) -> Reach:
        """Returns where it is, as the gate before a deployment sees it."""
        it = self.estimate
        if it is None or it.value is None:
            return Reach.UNKNOWN
        alone = self.scale.measure is not Measure.DURATION
        end = worse_end(it, self.direction)
        return _REACH[outcome_of(it.value, end, self.bound, self.direction, alone=alone)]

    @property
    def sign(self) -> str:
        """One character that says the same."""
        return REACH_SIGNS[self.reach]

    @property
    def allowed(self) -> str:
        """`at least 97 %`."""
        word = "at least" if self.direction is Direction.HIGHER else "at most"
        return f"{word} {self.scale.set_value(self.bound)}"

    @property
    def value(self) -> str:
        """`94.0 %`."""
        return value_of(self.scale, self.estimate)

    @property
    def interval(self) -> str:
        """`91.9 to 95.7`."""
        return interval_of(self.scale, self.estimate)

    @property
    def confidence(self) -> str:
        """`95 %`."""
        return "" if self.estimate is None else percent(self.estimate.confidence)

    @property
    def examples(self) -> str:
        """`1,240`."""
        return count(0 if self.estimate is None else self.estimate.examples)


def value_of(scale: Scale, estimate: Estimate | None) -> str:
    """Returns an estimate's figure as text."""
    return scale.value(None) if estimate is None else scale.value(estimate.value, _width(estimate))


def interval_of(scale: Scale, estimate: Estimate | None) -> str:
    """Returns an estimate's interval as text, without unit: `91.9 to 95.7`."""
    if estimate is None or estimate.low is None or estimate.high is None:
        return scale.value(None)
    width = _width(estimate)
    return f"{scale.number(estimate.low, width)} to {scale.number(estimate.high, width)}"


def bounded(shown: Shown) -> list[Bounded]:
    """Returns each bound that the contract sets with what is known of the candidate; none without a contract."""
    if shown.contract is None:
        return []
    contract = shown.contract
    return [
        *_metrics(contract, shown.candidate),
        *_error_rate(contract, shown.candidate),
        *_slices(contract, shown.candidate),
        *_adversarial(contract, shown.candidate),
        *_latency(contract, shown.candidate),
        *_cost(contract, shown.candidate),
    ]


def _metrics(contract: Contract, one: Findings) -> Iterator[Bounded]:
    for name, it in contract.metrics.items():
        if it.bound is not None:
            scale = scale_of(it.kind, it.unit)
            yield Bounded(label(name), scale, one.metrics.get(name), it.bound, it.direction)


def _error_rate(contract: Contract, one: Findings) -> Iterator[Bounded]:
    if contract.error_rate is not None and contract.error_rate.bound is not None:
        scale, bound = Scale(Measure.SHARE), contract.error_rate.bound
        yield Bounded("error rate", scale, one.error_rate, bound, Direction.LOWER)


def _slices(contract: Contract, one: Findings) -> Iterator[Bounded]:
    for it in contract.slices or []:
        if it.bound is None:
            continue
        metric = contract.metrics[it.metric]
        found, scale = of_slice(one, it.slice, it.metric), scale_of(metric.kind, metric.unit)
        yield Bounded(label(f"{it.slice} {it.metric}"), scale, found, it.bound, metric.direction)


def _adversarial(contract: Contract, one: Report) -> Iterator[Bounded]:
    if contract.adversarial is None:
        return
    found = {} if one.adversarial is None else one.adversarial.metrics
    for name, it in contract.adversarial.metrics.items():
        if it.bound is not None:
            scale, text = scale_of(it.kind, it.unit), label(f"adversarial {name}")
            yield Bounded(text, scale, found.get(name), it.bound, it.direction)


def _latency(contract: Contract, one: Findings) -> Iterator[Bounded]:
    for name, it in (contract.latency or {}).items():
        if it.bound_ms is not None:
            found, scale = one.latency_ms.get(name), Scale(Measure.DURATION)
            yield Bounded(label(f"latency {name}"), scale, found, it.bound_ms, Direction.LOWER)


def _cost(contract: Contract, one: Findings) -> Iterator[Bounded]:
    if contract.cost is not None:
        scale = Scale(Measure.MONEY, label(contract.cost.currency))
        found = None if one.cost is None else one.cost.per_request
        yield Bounded("cost per request", scale, found, contract.cost.per_request, Direction.LOWER)


def _width(estimate: Estimate) -> float | None:
    return None if estimate.low is None or estimate.high is None else estimate.high - estimate.low
