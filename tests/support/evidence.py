"""Contracts, reports and comparisons that were never measured, for tests of what is made of them."""

import json
from datetime import UTC, datetime
from io import StringIO
from typing import Any

from ruamel.yaml import YAML

from sluice.evaluation.comparison import ComparedMetric, ComparedSide, Comparison
from sluice.evaluation.contract import ContractSet, Direction, Kind
from sluice.evaluation.report import Calls, ContractPin, Estimate, MetricEstimate, Report, ScoresPin
from sluice.evaluation.verdict import Verdict
from sluice.manifest.lock import Locked

DIGEST = f"sha256:{'a' * 64}"
SET = {"name": "holdout", "version": "1", "digest": DIGEST}
STARTED = datetime(2026, 11, 10, 9, tzinfo=UTC)


def contract_text(**changes: Any) -> str:
    """Returns a contract that wants an accuracy of 0.9 on 100 examples; `changes` are of its keys."""
    document = {
        "name": "digits",
        "version": "1",
        "agreed": datetime(2026, 11, 1, tzinfo=UTC),
        "owner": {"team": "ml-platform", "contact": "#ml-platform"},
        "set": SET,
        "minimum": {"examples": 100},
        "metrics": {"accuracy": {"scorer": {"exact": {}}, "bound": 0.9, "margin": 0.02}},
        **changes,
    }
    text = StringIO()
    YAML(typ="safe").dump(document, text)
    return text.getvalue()


def estimate(value: float | None, low: float | None, high: float | None, examples: int = 500) -> dict[str, Any]:
    """Returns a figure with its interval."""
    return Estimate(
        value=value, low=low, high=high, confidence=0.95, method="Wilson", examples=examples, answers=examples
    ).model_dump()


def metric(value: float | None, low: float | None, high: float | None, **changes: Any) -> MetricEstimate:
    """Returns a share; higher is better."""
    given = {"kind": Kind.BINARY, "direction": Direction.HIGHER, **estimate(value, low, high), **changes}
    return MetricEstimate(**given)


def report_for(locked: Locked, contract_digest: str, **changes: Any) -> Report:
    """Returns a sealed report about a version: 0.96 of 500 examples."""
    given: dict[str, Any] = {
        "version": locked.label,
        "subject_digest": locked.subject_digest,
        "set": ContractSet(**locked.evaluation.set),
        "examples": 500,
        "calls": Calls(asked=500, failed=0, runs_least=1, runs_most=1),
        "metrics": {"accuracy": metric(0.96, 0.94, 0.974)},
        "error_rate": metric(0.0, 0.0, 0.0076, direction=Direction.LOWER),
        "latency_ms": {name: Estimate(**estimate(20.0, 18.0, 23.0)) for name in ("p50", "p95", "p99")},
        "scores": ScoresPin(path=f"{locked.version}.scores.parquet", digest=DIGEST),
        "contract": ContractPin(name="digits", version="1", digest=contract_digest),
        "started": STARTED,
        "finished": STARTED,
        "environment": {"machine": {"python": "3.11"}},
        **changes,
    }
    return Report(**given).sealed()


def compared(verdict: Verdict, **changes: Any) -> ComparedMetric:
    """Returns a figure of two versions with a verdict."""
    given: dict[str, Any] = {
        "verdict": verdict,
        "incumbent": 0.96,
        "candidate": 0.97,
        "estimate": 0.01,
        "low": -0.01,
        "high": 0.03,
        "confidence": 0.95,
        "margin": 0.02,
        "direction": Direction.HIGHER,
        "method": "McNemar, Tango",
        "examples": 500,
        **changes,
    }
    return ComparedMetric(**given)


def comparison_for(incumbent: Report, candidate: Report, accuracy: ComparedMetric, **changes: Any) -> Comparison:
    """Returns the sealed comparison of two reports, with this finding."""
    told = compared(Verdict.CANNOT_TELL, margin=None)
    sides = [
        ComparedSide(version=it.version, subject_digest=it.subject_digest, report_digest=it.digest)
        for it in (incumbent, candidate)
    ]
    given: dict[str, Any] = {
        "incumbent": sides[0],
        "candidate": sides[1],
        "set": candidate.set,
        "contract": candidate.contract,
        "significance": 0.05,
        "power": 0.8,
        "metrics": {"accuracy": accuracy},
        "error_rate": told,
        "latency_ms": {"p95": told},
        "slices": {},
        "adversarial": {},
        "worst": [],
        **changes,
    }
    return Comparison(**given).sealed()


def edited(text: str, **changes: Any) -> str:
    """Returns a document in which somebody changed something by hand."""
    return json.dumps({**json.loads(text), **changes}, indent=2)
