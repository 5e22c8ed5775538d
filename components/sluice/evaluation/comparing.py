"""Compares two versions on the examples of one set, and says of each figure what is known: `sluice compare`."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import stats

from sluice.errors import InvalidInput, Problem
from sluice.evaluation.comparison import ChangedExample, ComparedMetric, ComparedSide, Comparison
from sluice.evaluation.contract import QUANTILES, Contract, Direction, Kind, Metric
from sluice.evaluation.report import ContractPin, Report
from sluice.evaluation.reporting import known
from sluice.evaluation.scores import Array, Scores
from sluice.evaluation.statistics import Difference, examples_needed, holm, judge_difference, judge_quantile, verdicts

MOST_CHANGED = 50
"""How many of the examples that lost are told."""


@dataclass(frozen=True)
class Evaluated:
    """One of the two versions: its report, and the scores that it was made of."""

    report: Report
    scores: Scores
    adversarial: Scores | None = None


@dataclass(frozen=True)
class _Asked:
    """One question, and what was found."""

    difference: Difference
    incumbent: float
    candidate: float
    margin: float | None
    direction: Direction
    unit: str | None = None


def compare(incumbent: Evaluated, candidate: Evaluated, contract: Contract, contract_digest: str) -> Comparison:
    """
    Returns the comparison of a candidate with an incumbent, sealed.

    What the contract has a margin for is one family of questions, and what it only wants told another; Holm's
    correction is over each. Raises InvalidInput for reports about different sets.
    """
    _check_sets(incumbent, candidate)
    old, new = _common(incumbent.scores, candidate.scores)
    found = {
        **{
            name: _metric(contract, metric, old.metrics[name], new.metrics[name])
            for name, metric in _shared(contract.metrics, old, new)
        },
        "error_rate": _error_rate(contract, old, new),
        **{f"latency {name}": _latency(contract, name, old, new) for name in QUANTILES},
        **_cost(contract, old, new),
        **_slices(contract, old, new),
        **_adversarial(contract, incumbent, candidate),
    }
    judged = _judged(found, contract)
    metrics = {name: judged[name] for name in contract.metrics if name in judged}
    slices = [f"{it.slice} {it.metric}" for it in contract.slices or [] if it.margin is not None]
    return Comparison(
        incumbent=_side(incumbent.report),
        candidate=_side(candidate.report),
        set=candidate.report.set,
        contract=ContractPin(name=contract.name, version=contract.version, digest=contract_digest),
        significance=contract.significance,
        power=contract.power,
        metrics=metrics,
        error_rate=judged["error_rate"],
        latency_ms={name: judged[f"latency {name}"] for name in QUANTILES},
        cost=judged.get("cost"),
        slices={name: judged[name] for name in slices if name in judged},
        adversarial={
            name.removeprefix("adversarial "): it for name, it in judged.items() if name.startswith("adversarial ")
        },
        worst=_worst(contract.metrics, old, new),
    ).sealed()


def _check_sets(incumbent: Evaluated, candidate: Evaluated) -> None:
    pairs = [("set", incumbent.report.set, candidate.report.set, incumbent.scores, candidate.scores)]
    one, other = incumbent.report.adversarial, candidate.report.adversarial
    if one is not None and other is not None and incumbent.adversarial and candidate.adversarial:
        pairs.append(("adversarial.set", one.set, other.set, incumbent.adversarial, candidate.adversarial))
    problems = [
        Problem(
            path,
            f"is {first.name} {first.version} ({first.digest}) for the incumbent and {second.name} {second.version} "
            f"({second.digest}) for the candidate, with {len(set(old.examples) & set(new.examples)):,} examples in "
            "common by id; evaluate both on one set",
        )
        for path, first, second, old, new in pairs
        if first.digest != second.digest
    ]
    if problems:
        raise InvalidInput(f"{incumbent.report.version} and {candidate.report.version}", problems)


def _shared(metrics: Mapping[str, Metric], old: Scores, new: Scores) -> list[tuple[str, Metric]]:
    """Returns the metrics, in order. Raises InvalidInput for one that a report was not made for."""
    missing = [
        Problem(f"metrics.{name}", f"is not in the scores of the {which}; run: sluice evaluate")
        for name in metrics
        for which, scores in (("incumbent", old), ("candidate", new))
        if name not in scores.metrics
    ]
    if missing:
        raise InvalidInput("the contract", missing)
    return list(metrics.items())


def _metric(contract: Contract, metric: Metric, old: Array, new: Array, margin: float | None = None) -> _Asked:
    margin = metric.margin if margin is None else margin
    return _mean(contract, old, new, metric.kind, metric.direction, margin, metric.unit)


def _mean(
    contract: Contract,
    old: Array,
    new: Array,
    kind: Kind,
    direction: Direction,
    margin: float | None,
    unit: str | None,
) -> _Asked:
    difference = judge_difference(
        old, new, kind=kind, direction=direction, margin=margin, alpha=contract.significance, power=contract.power
    )
    both = ~np.isnan(old).all(axis=1) & ~np.isnan(new).all(axis=1)
    return _Asked(difference, _mean_of(old[both]), _mean_of(new[both]), margin, direction, unit)


def _error_rate(contract: Contract, old: Scores, new: Scores) -> _Asked:
    margin = None if contract.error_rate is None else contract.error_rate.margin
    return _mean(contract, old.failed, new.failed, Kind.BINARY, Direction.LOWER, margin, "share of calls")


def _latency(contract: Contract, name: str, old: Scores, new: Scores) -> _Asked:
    agreed = (contract.latency or {}).get(name)
    ratio = None if agreed is None else agreed.max_ratio
    one, other, q = old.answered_latency_ms, new.answered_latency_ms, QUANTILES[name]
    difference = judge_quantile(one, other, q, max_ratio=ratio, alpha=contract.significance, power=contract.power)
    return _Asked(difference, _quantile(one, q), _quantile(other, q), ratio, Direction.LOWER, "ms")


def _cost(contract: Contract, old: Scores, new: Scores) -> dict[str, _Asked]:
    if np.isnan(old.cost).all() or np.isnan(new.cost).all():
        return {}
    unit = contract.cost.currency if contract.cost is not None else None
    return {"cost": _mean(contract, old.cost, new.cost, Kind.SCORE, Direction.LOWER, None, unit)}


def _slices(contract: Contract, old: Scores, new: Scores) -> dict[str, _Asked]:
    found = {}
    for it in contract.slices or []:
        if it.margin is not None:
            rows = new.of_slice(*it.slice.split("=", 1))
            metric = contract.metrics[it.metric]
            one, other = old.metrics[it.metric][rows], new.metrics[it.metric][rows]
            found[f"{it.slice} {it.metric}"] = _metric(contract, metric, one, other, it.margin)
    return found


def _adversarial(contract: Contract, incumbent: Evaluated, candidate: Evaluated) -> dict[str, _Asked]:
    if contract.adversarial is None or incumbent.adversarial is None or candidate.adversarial is None:
        return {}
    old, new = _common(incumbent.adversarial, candidate.adversarial)
    metrics = _shared(contract.adversarial.metrics, old, new)
    return {
        f"adversarial {name}": _metric(contract, metric, old.metrics[name], new.metrics[name])
        for name, metric in metrics
    }


def _judged(found: Mapping[str, _Asked], contract: Contract) -> dict[str, ComparedMetric]:
    judged: dict[str, ComparedMetric] = {}
    for has_margin in (True, False):
        family = {name: it for name, it in found.items() if (it.margin is not None) is has_margin}
        differences = {name: it.difference for name, it in family.items()}
        told = verdicts(differences, contract.significance)
        corrected = {
            "p_better": holm({name: it.p_better for name, it in differences.items()}),
            "p_worse": holm({name: it.p_worse for name, it in differences.items()}),
            "p_not_worse": holm(
                {name: it.p_not_worse for name, it in differences.items() if it.p_not_worse is not None}
            ),
        }
        for name, it in family.items():
            chances = {key: known(values[name]) for key, values in corrected.items() if name in values}
            judged[name] = _compared(it, told[name], chances, contract)
    return judged


def _compared(it: _Asked, verdict: Any, chances: dict[str, float | None], contract: Contract) -> ComparedMetric:
    found = it.difference
    return ComparedMetric(
        verdict=verdict,
        incumbent=known(it.incumbent),
        candidate=known(it.candidate),
        estimate=known(found.estimate),
        low=known(found.low),
        high=known(found.high),
        confidence=found.confidence,
        margin=it.margin,
        direction=it.direction,
        unit=it.unit,
        method=found.method,
        examples=found.examples,
        smallest_effect=known(found.smallest_effect),
        examples_needed=needed(found, it.margin, contract, is_ratio=it.unit == "ms"),
        **chances,
    )


def needed(found: Difference, margin: float | None, contract: Contract, *, is_ratio: bool) -> int | None:
    """
    Returns how many examples see the margin, by the spread that so many examples showed. None: it cannot be told.

    The spread is what makes the smallest effect what it is; a ratio's is that of its logarithm.
    """
    if margin is None or math.isnan(found.smallest_effect):
        return None
    reached, wanted = found.smallest_effect, margin
    if is_ratio:
        reached, wanted = math.log(reached), math.log(margin)
    if wanted <= 0:
        return None
    reach = float(stats.norm.isf(contract.significance / 2) + stats.norm.ppf(contract.power))
    deviation = reached * math.sqrt(found.examples) / reach
    return examples_needed(wanted, deviation, alpha=contract.significance, power=contract.power)


def _common(old: Scores, new: Scores) -> tuple[Scores, Scores]:
    """Returns both with the rows of the examples that both have, in the candidate's order."""
    shared = set(old.examples)
    names = [name for name in new.examples if name in shared]
    return _rows(old, names), _rows(new, names)


def _rows(scores: Scores, names: list[str]) -> Scores:
    at = {name: index for index, name in enumerate(scores.examples)}
    rows = [at[name] for name in names]
    arrays = {key: getattr(scores, key)[rows] for key in ("failed", "latency_ms", "cost", "tokens_in", "tokens_out")}
    return replace(
        scores,
        examples=tuple(names),
        slices=tuple(scores.slices[row] for row in rows),
        metrics={name: array[rows] for name, array in scores.metrics.items()},
        outputs=tuple(scores.outputs[row] for row in rows),
        errors=tuple(scores.errors[row] for row in rows),
        **arrays,
    )


def _worst(metrics: Mapping[str, Metric], old: Scores, new: Scores) -> list[ChangedExample]:
    """Returns the examples that lost, those first that lost most of what their metric can lose."""
    lost = sorted(_losses(metrics, old, new), key=lambda it: (-it[0], it[1].metric, it[1].example))
    return [changed for _, changed in lost[:MOST_CHANGED]]


def _losses(metrics: Mapping[str, Metric], old: Scores, new: Scores) -> Iterator[tuple[float, ChangedExample]]:
    for name, metric in metrics.items():
        one, other = _means(old.metrics[name]), _means(new.metrics[name])
        spread = (
            float(np.nanmax([*one, *other]) - np.nanmin([*one, *other])) if np.isfinite([*one, *other]).any() else 0
        )
        sign = 1 if metric.direction is Direction.HIGHER else -1
        for at in np.flatnonzero(sign * (one - other) > 0):
            loss = float(abs(one[at] - other[at])) / spread
            yield (
                loss,
                ChangedExample(
                    example=new.examples[at], metric=name, incumbent=float(one[at]), candidate=float(other[at])
                ),
            )


def _means(runs: Array) -> Array:
    counted = (~np.isnan(runs)).sum(axis=1)
    means: Array = np.where(counted > 0, np.nansum(runs, axis=1) / np.maximum(counted, 1), np.nan)
    return means


def _mean_of(runs: Array) -> float:
    return float(_means(runs).mean()) if len(runs) else math.nan


def _quantile(values: Array, q: float) -> float:
    return math.nan if np.isnan(values).all() else float(np.nanquantile(values, q))


def _side(report: Report) -> ComparedSide:
    return ComparedSide(version=report.version, subject_digest=report.subject_digest, report_digest=report.digest)
