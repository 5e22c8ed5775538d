"""What was compared, part by part, each row with its figures as text."""

from collections.abc import Iterator
from dataclasses import dataclass

from sluice.evaluation.comparison import ComparedMetric
from sluice.evaluation.contract import Direction, Kind
from sluice.evaluation.display.figures import UNKNOWN, Measure, Scale, count
from sluice.evaluation.display.material import Shown
from sluice.evaluation.display.safe_text import cut, one_line
from sluice.evaluation.report import Estimate, Findings, MetricEstimate
from sluice.evaluation.verdict import Verdict

SIGNS = {Verdict.BETTER: "▲", Verdict.NOT_WORSE: "✓", Verdict.WORSE: "▼", Verdict.CANNOT_TELL: "?"}
"""What stands before a verdict, so that its colour is never alone."""
_LONGEST_NAME = 80


@dataclass(frozen=True)
class Row:
    """One figure of both versions."""

    name: str
    compared: ComparedMetric
    scale: Scale
    own: tuple[Estimate | None, Estimate | None] = (None, None)
    """What the reports of the incumbent and of the candidate tell by themselves."""

    @property
    def verdict(self) -> str:
        """`worse`."""
        return self.compared.verdict.value

    @property
    def sign(self) -> str:
        """One character that says the same."""
        return SIGNS[self.compared.verdict]

    @property
    def incumbent(self) -> str:
        """`99.0 %`."""
        return self.scale.value(self.compared.incumbent, self._value_width)

    @property
    def candidate(self) -> str:
        """`94.0 %`."""
        return self.scale.value(self.compared.candidate, self._value_width)

    @property
    def difference(self) -> str:
        """`-5.0 pp`."""
        if self.compared.estimate is None:
            return UNKNOWN
        return self.scale.with_change_unit(self.scale.change(self.compared.estimate, self._width))

    @property
    def interval(self) -> str:
        """`-8.0 to -2.0`, in the unit of the difference."""
        low, high = self.compared.low, self.compared.high
        if low is None and high is None:
            return UNKNOWN
        return f"{self.scale.change(low, self._width)} to {self.scale.change(high, self._width)}"

    @property
    def confidence(self) -> str:
        """`95 %`."""
        return percent(self.compared.confidence)

    @property
    def limit(self) -> float | None:
        """Returns the worst difference that is tolerated, signed; of ratios, a ratio. None: none is agreed."""
        margin = self.compared.margin
        if margin is None or self.scale.is_ratio:
            return margin
        return -margin if self.compared.direction is Direction.HIGHER else margin

    @property
    def tolerated(self) -> str:
        """`-2 pp`, or that nothing is agreed."""
        return "none agreed" if self.limit is None else self.scale.set_change(self.limit)

    @property
    def examples(self) -> str:
        """`1,240`."""
        return count(self.compared.examples)

    @property
    def smallest_effect(self) -> str:
        """`6.0 pp`."""
        return self.scale.size(self.compared.smallest_effect)

    @property
    def _width(self) -> float | None:
        low, high = self.compared.low, self.compared.high
        return None if low is None or high is None else high - low

    @property
    def _value_width(self) -> float | None:
        return None if self.scale.is_ratio else self._width


@dataclass(frozen=True)
class Part:
    """Rows that belong together."""

    title: str
    rows: tuple[Row, ...]


def parts(shown: Shown) -> list[Part]:
    """Returns everything that was compared, in the order of its weight; parts without rows are left out."""
    found = {
        "Metrics": (*_metrics(shown), _error_rate(shown)),
        "Slices": tuple(_slices(shown)),
        "Adversarial set": tuple(_adversarial(shown)),
        "Latency": tuple(_latency(shown)),
        "Cost": tuple(_cost(shown)),
    }
    return [Part(title, rows) for title, rows in found.items() if rows]


def all_rows(shown: Shown) -> list[Row]:
    """Returns the rows of all parts."""
    return [row for part in parts(shown) for row in part.rows]


def scale_of(kind: Kind, unit: str | None) -> Scale:
    """Returns how a metric of the contract is written. Of a share, the unit is percent."""
    return Scale(Measure.SHARE) if kind is Kind.BINARY else Scale(Measure.NUMBER, label(unit or ""))


def label(text: str) -> str:
    """Returns a name in one line, safe to print and not too long."""
    return cut(one_line(text), _LONGEST_NAME)


def percent(share: float) -> str:
    """Returns a share that somebody set: `97.5 %`."""
    return Scale(Measure.SHARE).set_value(share)


def of_slice(side: Findings, slice_name: str, metric: str) -> MetricEstimate | None:
    """Returns the figure of a part of the set; None where the report does not have it."""
    return side.slices[slice_name].metrics.get(metric) if slice_name in side.slices else None


def _metrics(shown: Shown) -> Iterator[Row]:
    for name, it in shown.comparison.metrics.items():
        yield _row(name, it, shown.incumbent.metrics.get(name), shown.candidate.metrics.get(name))


def _error_rate(shown: Shown) -> Row:
    own = shown.incumbent.error_rate, shown.candidate.error_rate
    return Row("error rate", shown.comparison.error_rate, Scale(Measure.SHARE), own)


def _slices(shown: Shown) -> Iterator[Row]:
    for name, it in shown.comparison.slices.items():
        part, _, metric = name.rpartition(" ")
        yield _row(name, it, of_slice(shown.incumbent, part, metric), of_slice(shown.candidate, part, metric))


def _adversarial(shown: Shown) -> Iterator[Row]:
    old, new = ({} if it.adversarial is None else it.adversarial.metrics for it in (shown.incumbent, shown.candidate))
    for name, it in shown.comparison.adversarial.items():
        yield _row(f"adversarial {name}", it, old.get(name), new.get(name))


def _latency(shown: Shown) -> Iterator[Row]:
    old, new = shown.incumbent.latency_ms, shown.candidate.latency_ms
    for name, it in shown.comparison.latency_ms.items():
        yield Row(label(f"latency {name}"), it, Scale(Measure.DURATION), (old.get(name), new.get(name)))


def _cost(shown: Shown) -> Iterator[Row]:
    if shown.comparison.cost is None:
        return
    old, new = shown.incumbent.cost, shown.candidate.cost
    told = new or old
    unit = told.currency if told else shown.comparison.cost.unit or ""
    own = None if old is None else old.per_request, None if new is None else new.per_request
    yield Row("cost per request", shown.comparison.cost, Scale(Measure.MONEY, label(unit)), own)


def _row(name: str, it: ComparedMetric, old: MetricEstimate | None, new: MetricEstimate | None) -> Row:
    told = new or old
    scale = scale_of(told.kind if told else Kind.SCORE, (told.unit if told else None) or it.unit)
    return Row(label(name), it, scale, (old, new))
