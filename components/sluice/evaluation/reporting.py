"""Makes the report of an evaluation from its scores: every figure with its interval, in all and by slice."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from sluice.evaluation.contract import QUANTILES, Contract, ContractSet, Direction, Kind, Metric
from sluice.evaluation.plan import Price
from sluice.evaluation.report import (
    Calls,
    ContractPin,
    CostEstimate,
    Estimate,
    Findings,
    MetricEstimate,
    Report,
    ScoresPin,
    SliceEstimate,
)
from sluice.evaluation.runner import RunSummary
from sluice.evaluation.scores import Array, Scores
from sluice.evaluation.sets import EvaluationSet
from sluice.evaluation.statistics import Interval, mean_interval, quantile_interval
from sluice.evaluation.subject import Subject


@dataclass(frozen=True)
class Scored:
    """One set, what was answered and what that scored, and where the scores are."""

    set: EvaluationSet
    summary: RunSummary
    scores: Scores
    path: str
    """The file of the scores, from the report's folder."""


def make_report(
    subject: Subject,
    contract: Contract,
    contract_digest: str,
    price: Price | None,
    asked: Scored,
    adversarial: Scored | None,
) -> Report:
    """
    Returns the report of a version, sealed. The same answers, contract and set give the same report.

    Means weigh each example the same; intervals have the contract's confidence, with examples as clusters of runs.
    """
    parts = [asked] if adversarial is None else [asked, adversarial]
    facts = {name: dict(found) for part in parts for name, found in part.scores.facts.items()}
    report = Report(
        **_findings(contract, contract.metrics, price, asked),
        version=subject.label,
        subject_digest=subject.subject_digest,
        contract=ContractPin(name=contract.name, version=contract.version, digest=contract_digest),
        started=min(part.summary.started for part in parts),
        finished=max(part.summary.finished for part in parts),
        environment={**asked.summary.environment, **({"scorers": facts} if facts else {})},
        adversarial=None
        if adversarial is None or contract.adversarial is None
        else Findings(**_findings(contract, contract.adversarial.metrics, price, adversarial)),
    )
    return report.sealed()


def _findings(contract: Contract, metrics: Mapping[str, Metric], price: Price | None, part: Scored) -> dict[str, Any]:
    scores, confidence, sheet = part.scores, contract.confidence, part.set.sheet
    asked = scores.asked.sum(axis=1)
    return {
        "set": ContractSet(name=sheet.name, version=sheet.version, digest=part.set.digest),
        "examples": len(scores.examples),
        "calls": Calls(
            asked=scores.answers,
            failed=int(np.nansum(scores.failed)),
            runs_least=int(asked.min()),
            runs_most=int(asked.max()),
            errors=scores.error_counts,
        ),
        "metrics": {name: _metric(name, metric, scores, confidence) for name, metric in metrics.items()},
        "error_rate": _error_rate(scores.failed, confidence),
        "latency_ms": {
            name: _estimate(quantile_interval(scores.answered_latency_ms, q, confidence=confidence))
            for name, q in QUANTILES.items()
        },
        "tokens": _tokens(scores),
        "cost": _cost(scores.cost, price, confidence),
        "slices": _slices(metrics, scores, confidence),
        "scores": ScoresPin(path=part.path, digest=scores.digest),
    }


def _metric(
    name: str, metric: Metric, scores: Scores, confidence: float, rows: "np.ndarray[Any, Any] | None" = None
) -> MetricEstimate:
    chosen = slice(None) if rows is None else rows
    array = scores.metrics[name][chosen]
    return MetricEstimate(
        **_estimate(mean_interval(array, kind=metric.kind, confidence=confidence)).model_dump(),
        kind=metric.kind,
        direction=metric.direction,
        purpose=metric.purpose,
        unit=metric.unit,
        unscored=int(np.count_nonzero(scores.asked[chosen] & np.isnan(array))),
    )


def _error_rate(failed: Array, confidence: float) -> MetricEstimate:
    found = _estimate(mean_interval(failed, kind=Kind.BINARY, confidence=confidence))
    return MetricEstimate(**found.model_dump(), kind=Kind.BINARY, direction=Direction.LOWER, unit="share of calls")


def _slices(metrics: Mapping[str, Metric], scores: Scores, confidence: float) -> dict[str, SliceEstimate]:
    names = sorted({(dimension, value) for it in scores.slices for dimension, value in it.items()})
    found = {}
    for dimension, value in names:
        rows = scores.of_slice(dimension, value)
        found[f"{dimension}={value}"] = SliceEstimate(
            examples=int(rows.sum()),
            metrics={name: _metric(name, metric, scores, confidence, rows) for name, metric in metrics.items()},
        )
    return found


def _cost(cost: Array, price: Price | None, confidence: float) -> CostEstimate | None:
    if price is None or np.isnan(cost).all():
        return None
    return CostEstimate(
        per_request=_estimate(mean_interval(cost, kind=Kind.SCORE, confidence=confidence)),
        total=float(np.nansum(cost)),
        currency=price.currency,
        prices_as_of=price.as_of.isoformat(),
    )


def _tokens(scores: Scores) -> dict[str, float]:
    told = {"in": scores.tokens_in, "out": scores.tokens_out}
    return {name: float(np.nanmean(array)) for name, array in told.items() if not np.isnan(array).all()}


def _estimate(interval: Interval) -> Estimate:
    return Estimate(
        value=known(interval.estimate),
        low=known(interval.low),
        high=known(interval.high),
        confidence=interval.confidence,
        method=interval.method,
        examples=interval.examples,
        answers=interval.runs,
    )


def known(number: float) -> float | None:
    """Returns a number as documents have it: None for what is not known."""
    return None if math.isnan(number) else float(number)
