"""Whether a report meets a contract: one finding for each thing that the contract asks of a version by itself."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from sluice.evaluation.contract import Contract, ContractSet, Direction, Metric
from sluice.evaluation.report import Estimate, Findings, MetricEstimate, Report


class Outcome(StrEnum):
    """Where a figure is beside its bound. Only the first passes."""

    MET = "met"
    """The whole interval is on the right side."""
    NOT_MET = "not met"
    CANNOT_TELL = "cannot tell"
    """The figure is on the right side and its interval is not, or it is not known."""


@dataclass(frozen=True)
class Finding:
    """One thing that was asked, and whether it holds."""

    name: str
    """`accuracy`, `digit=8 accuracy`, `latency p95`."""
    outcome: Outcome
    text: str
    """The same in a sentence, with its figures."""


def judged(report: Report, contract: Contract) -> list[Finding]:
    """Returns what a contract asks of a version by itself; comparing it with another is `sluice compare`'s."""
    return [
        *_about("set", report.set, contract.set),
        *_evidence(report, contract),
        *_metrics(report, contract.metrics),
        *_error_rate(report, contract),
        *_slices(report, contract),
        *_latency(report, contract),
        *_cost(report, contract),
        *_adversarial(report, contract),
    ]


def outcome_of(value: float | None, end: float | None, bound: float, direction: Direction, *, alone: bool) -> Outcome:
    """
    Returns where a figure is beside its bound; `end` is the interval's worse end.

    `alone` says that a figure without an interval stands for itself, as the mean of equal numbers does.
    """
    if value is None:
        return Outcome.CANNOT_TELL
    if not _holds(value, bound, direction):
        return Outcome.NOT_MET
    if end is None:
        return Outcome.MET if alone else Outcome.CANNOT_TELL
    return Outcome.MET if _holds(end, bound, direction) else Outcome.CANNOT_TELL


def worse_end(estimate: Estimate, direction: Direction) -> float | None:
    """Returns the end of an interval that is the worse one."""
    return estimate.low if direction is Direction.HIGHER else estimate.high


def _holds(value: float, bound: float, direction: Direction) -> bool:
    return value >= bound if direction is Direction.HIGHER else value <= bound


def _about(name: str, found: ContractSet, wanted: ContractSet) -> Iterator[Finding]:
    if found.digest != wanted.digest:
        text = f"{name} is {found.name} {found.version} ({found.digest}); the contract names"
        yield Finding(name, Outcome.NOT_MET, f"{text} {wanted.name} {wanted.version} ({wanted.digest})")


def _evidence(report: Report, contract: Contract) -> Iterator[Finding]:
    least = contract.minimum
    for name, found, wanted in (
        ("examples", report.examples, least.examples),
        ("runs", report.calls.runs_least, least.runs),
    ):
        outcome = Outcome.MET if found >= wanted else Outcome.NOT_MET
        yield Finding(name, outcome, f"{name} {found:,}, at least {wanted:,}")


def _metrics(found: Findings, metrics: Mapping[str, Metric], prefix: str = "") -> Iterator[Finding]:
    for name, it in metrics.items():
        estimate = found.metrics.get(name)
        if estimate is None:
            yield Finding(prefix + name, Outcome.CANNOT_TELL, f"{prefix}{name} is not in the report")
        elif it.bound is not None:
            yield _bounded(prefix + name, estimate, it.bound, it.direction)


def _error_rate(report: Report, contract: Contract) -> Iterator[Finding]:
    if contract.error_rate is not None and contract.error_rate.bound is not None:
        yield _bounded("error_rate", report.error_rate, contract.error_rate.bound, Direction.LOWER)


def _slices(report: Report, contract: Contract) -> Iterator[Finding]:
    for it in contract.slices or []:
        name, part = f"{it.slice} {it.metric}", report.slices.get(it.slice)
        estimate: MetricEstimate | None = None if part is None else part.metrics.get(it.metric)
        if part is None or estimate is None:
            yield Finding(name, Outcome.CANNOT_TELL, f"{name} is not in the report; no example is of {it.slice}")
        elif part.examples < it.minimum_examples:
            text = f"{name} rests on {part.examples:,} examples, at least {it.minimum_examples:,}"
            yield Finding(name, Outcome.CANNOT_TELL, text)
        elif it.bound is not None:
            yield _bounded(name, estimate, it.bound, contract.metrics[it.metric].direction)


def _latency(report: Report, contract: Contract) -> Iterator[Finding]:
    for name, it in (contract.latency or {}).items():
        if it.bound_ms is not None:
            estimate = report.latency_ms[name]
            yield _bounded(f"latency {name}", estimate, it.bound_ms, Direction.LOWER, " ms", alone=False)


def _cost(report: Report, contract: Contract) -> Iterator[Finding]:
    if contract.cost is None:
        return
    wanted, found = contract.cost, report.cost
    if found is None:
        yield Finding("cost", Outcome.CANNOT_TELL, "cost is not known; the plan needs a price")
    elif found.currency != wanted.currency:
        text = f"cost is in {found.currency}; the contract's is in {wanted.currency}"
        yield Finding("cost", Outcome.CANNOT_TELL, text)
    else:
        yield _bounded("cost", found.per_request, wanted.per_request, Direction.LOWER, f" {wanted.currency}")


def _adversarial(report: Report, contract: Contract) -> Iterator[Finding]:
    if contract.adversarial is None:
        return
    if report.adversarial is None:
        yield Finding("adversarial", Outcome.CANNOT_TELL, "adversarial set was not asked")
        return
    yield from _about("adversarial set", report.adversarial.set, contract.adversarial.set)
    yield from _metrics(report.adversarial, contract.adversarial.metrics, "adversarial ")


def _bounded(
    name: str, it: Estimate, bound: float, direction: Direction, unit: str = "", *, alone: bool = True
) -> Finding:
    outcome = outcome_of(it.value, worse_end(it, direction), bound, direction, alone=alone)
    word = "at least" if direction is Direction.HIGHER else "at most"
    figure = "not known" if it.value is None else f"{it.value:.4g}{unit}"
    ends = "no interval" if it.low is None or it.high is None else f"{it.low:.4g} to {it.high:.4g}"
    why = ": its whole interval has to reach it" if outcome is Outcome.CANNOT_TELL else ""
    return Finding(name, outcome, f"{name} {figure} ({ends}, n = {it.examples:,}), {word} {bound:g}{unit}{why}")
