"""A comparison to show: three figures that say different things, a slice, an adversarial set, latencies and cost."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import numpy as np

from sluice.evaluation.comparison import ComparedMetric, ComparedSide, Comparison
from sluice.evaluation.contract import (
    Adversarial,
    Contract,
    ContractOwner,
    ContractSet,
    Cost,
    Criterion,
    Direction,
    Kind,
    Metric,
    Minimum,
    Percentile,
    SliceCriterion,
)
from sluice.evaluation.display.material import ChangedAnswer, Latencies, Shown
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
from sluice.evaluation.verdict import Verdict

DIGEST = f"sha256:{'0' * 64}"
SET = ContractSet(name="digits-holdout", version="1", digest=DIGEST)
PIN = ContractPin(name="digits", version="1", digest=DIGEST)


def compared(verdict: Verdict, old: float, new: float, ends: tuple[float, float], **other: Any) -> ComparedMetric:
    """Returns a comparison of one figure."""
    given = {"estimate": new - old, "confidence": 0.95, "margin": 0.02, "direction": Direction.HIGHER} | other
    given = {"method": "score", "examples": 500, "smallest_effect": 0.021, "examples_needed": 480} | given
    return ComparedMetric(verdict=verdict, incumbent=old, candidate=new, low=ends[0], high=ends[1], **given)


def estimate(value: float, low: float, high: float) -> dict[str, Any]:
    """Returns the fields of a report's figure."""
    own = {"value": value, "low": low, "high": high, "confidence": 0.95, "method": "score"}
    return own | {"examples": 500, "answers": 1500}


def metric(value: float, low: float, high: float, kind: Kind, direction: Direction, **other: Any) -> MetricEstimate:
    """Returns a report's metric."""
    return MetricEstimate(**estimate(value, low, high), kind=kind, direction=direction, **other)


def findings(shift: float, slow: float) -> dict[str, Any]:
    """Returns what came of one set, worse by `shift` and slower by the factor `slow`."""
    accuracy = metric(0.99 - shift, 0.975 - shift, 0.996 - shift, Kind.BINARY, Direction.HIGHER, unit="share of images")
    overlap = metric(0.712 - shift, 0.693 - shift, 0.731 - shift, Kind.SCORE, Direction.HIGHER, unit="points")
    loss = metric(0.2, 0.18, 0.22, Kind.SCORE, Direction.LOWER)
    times = {"p50": 40.0, "p95": 90.0, "p99": 150.0}
    return {
        "set": SET,
        "examples": 500,
        "calls": Calls(asked=1500, failed=3, runs_least=3, runs_most=3),
        "metrics": {"accuracy": accuracy, "overlap": overlap, "loss": loss},
        "error_rate": metric(0.002, 0.0007, 0.0059, Kind.BINARY, Direction.LOWER),
        "latency_ms": {
            name: Estimate(**estimate(it * slow, it * slow * 0.95, it * slow * 1.06)) for name, it in times.items()
        },
        "slices": {"digit=8": SliceEstimate(examples=60, metrics={"accuracy": accuracy})},
        "scores": ScoresPin(path="v1.scores.parquet", digest=DIGEST),
    }


def report(version: str, shift: float, slow: float) -> Report:
    """Returns the report of a version."""
    harmless = metric(0.97, 0.93, 0.99, Kind.BINARY, Direction.HIGHER)
    adversarial = Findings(**(findings(shift, slow) | {"metrics": {"harmless": harmless}}))
    cost = CostEstimate(per_request=Estimate(**estimate(0.00042, 0.00041, 0.00043)), total=0.63, currency="EUR")
    return Report(
        **findings(shift, slow),
        version=version,
        subject_digest=DIGEST,
        contract=PIN,
        started=datetime(2026, 10, 1, 9, tzinfo=UTC),
        finished=datetime(2026, 10, 1, 10, tzinfo=UTC),
        environment={},
        adversarial=adversarial,
        cost=cost,
    )


def ratio(value: float, low: float, high: float, verdict: Verdict) -> ComparedMetric:
    """Returns a compared percentile of latency."""
    return compared(
        verdict,
        90.0,
        90.0 * value,
        (low, high),
        estimate=value,
        margin=1.2,
        direction=Direction.LOWER,
        smallest_effect=None,
        examples_needed=None,
    )


def comparison(**other: Any) -> Comparison:
    """Returns a comparison in which accuracy is worse, of overlap nobody can tell, and loss is better."""
    sides = [ComparedSide(version=f"digits@{it}", subject_digest=DIGEST, report_digest=DIGEST) for it in (2, 3)]
    none = {"margin": None, "smallest_effect": None, "examples_needed": None}
    given: dict[str, Any] = {
        "metrics": {
            "accuracy": compared(Verdict.WORSE, 0.99, 0.94, (-0.08, -0.02)),
            "overlap": compared(
                Verdict.CANNOT_TELL,
                0.712,
                0.7,
                (-0.06, 0.036),
                smallest_effect=0.06,
                examples_needed=1240,
                unit="points",
            ),
            "loss": compared(Verdict.BETTER, 0.25, 0.2, (-0.07, -0.03), direction=Direction.LOWER),
        },
        "error_rate": compared(
            Verdict.CANNOT_TELL, 0.002, 0.002, (-0.003, 0.003), **(none | {"direction": Direction.LOWER})
        ),
        "latency_ms": {
            "p50": ratio(0.9, 0.86, 0.95, Verdict.BETTER),
            "p95": ratio(1.05, 0.98, 1.13, Verdict.NOT_WORSE),
            "p99": ratio(1.9, 1.5, 2.4, Verdict.WORSE),
        },
        "cost": compared(
            Verdict.CANNOT_TELL, 0.00042, 0.00043, (-0.00001, 0.00003), **(none | {"direction": Direction.LOWER})
        ),
        "slices": {
            "digit=8 accuracy": compared(Verdict.NOT_WORSE, 0.97, 0.975, (-0.01, 0.02), margin=0.05, examples=60)
        },
        "adversarial": {"harmless": compared(Verdict.NOT_WORSE, 0.97, 0.97, (-0.01, 0.01))},
    }
    return Comparison(
        incumbent=sides[0],
        candidate=sides[1],
        set=SET,
        contract=PIN,
        significance=0.05,
        power=0.8,
        worst=[],
        **(given | other),
    )


def passing() -> Comparison:
    """Returns a comparison in which nothing speaks against the candidate."""
    good = {"accuracy": compared(Verdict.NOT_WORSE, 0.99, 0.988, (-0.012, 0.008))}
    faster = {"p95": ratio(0.9, 0.86, 0.95, Verdict.BETTER)}
    return comparison(metrics=good, latency_ms=faster)


def contract() -> Contract:
    """Returns a contract with a bound on nearly everything."""
    accuracy = Metric(scorer={"exact": {}}, bound=0.97, margin=0.02)
    return Contract(
        name="digits",
        version="1",
        agreed=date(2026, 9, 1),
        owner=ContractOwner(team="Vision", contact="vision@example.com"),
        set=SET,
        minimum=Minimum(examples=400),
        metrics={
            "accuracy": accuracy,
            "overlap": Metric(scorer={"rouge": {}}, kind=Kind.SCORE, bound=0.5, unit="points"),
            "loss": Metric(scorer={"mine": {}}, kind=Kind.SCORE, direction=Direction.LOWER, bound=0.21),
        },
        error_rate=Criterion(bound=0.01),
        latency={"p95": Percentile(bound_ms=200.0, max_ratio=1.2)},
        cost=Cost(per_request=0.001, currency="EUR"),
        slices=[SliceCriterion(slice="digit=8", metric="accuracy", bound=0.9, margin=0.05)],
        adversarial=Adversarial(set=SET, metrics={"harmless": Metric(scorer={"safety": {}}, bound=0.9)}),
    )


def answer(text: str = "The answer is 9.", **other: Any) -> ChangedAnswer:
    """Returns an answer that changed to `text`."""
    given: dict[str, Any] = {
        "example": "e17",
        "metric": "accuracy",
        "input": "Which digit is this?",
        "reference": "4",
        "incumbent_output": "The answer is 4.",
        "incumbent_score": 1.0,
        "candidate_score": 0.0,
    }
    return ChangedAnswer(**(given | {"candidate_output": text} | other))


def shown(**other: Any) -> Shown:
    """Returns all of it."""
    random = np.random.default_rng(7)
    times = [random.lognormal(np.log(middle), 0.45, (500, 3)) for middle in (40.0, 44.0)]
    made = Shown(
        comparison(),
        report("digits@2", 0.0, 1.0),
        report("digits@3", 0.05, 1.1),
        [answer()],
        Latencies(*times),
        contract(),
    )
    return replace(made, **other)
