"""The report of an evaluation: what was asked about exactly which version, and what came of it."""

import json
import math
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from pydantic import Field, ValidationError, model_validator

from sluice.errors import InvalidFile, Problem
from sluice.evaluation.contract import ContractSet, Direction, Kind, Purpose
from sluice.evaluation.documents import check_format, check_seal, seal_of
from sluice.manifest.base import Sha256
from sluice.manifest.pins import LockModel
from sluice.manifest.yaml_text import read_text
from sluice.validation import problems_of

FORMAT = 1
"""Counts up when a report of before means something else now."""


class Estimate(LockModel):
    """A figure with its interval. None: the answers do not tell it."""

    value: float | None
    low: float | None
    high: float | None
    confidence: float
    """Of the interval, two-sided."""
    method: str
    """How the interval was made."""
    examples: int
    """How many examples it rests on."""
    answers: int
    """How many answers it rests on."""


class MetricEstimate(Estimate):
    """A metric of the contract."""

    kind: Kind
    direction: Direction
    purpose: Purpose = Purpose.QUALITY
    unit: str | None = None
    unscored: int = 0
    """How many answers have no score: they failed, or their scorer could not tell."""


class SliceEstimate(LockModel):
    """A part of the set by itself."""

    examples: int
    metrics: dict[str, MetricEstimate]


class CostEstimate(LockModel):
    """What the requests cost."""

    per_request: Estimate
    total: float
    currency: str
    prices_as_of: str | None = None


class Calls(LockModel):
    """What was asked."""

    asked: int
    failed: int
    """For good, after all tries. They are counted, never dropped."""
    runs_least: int
    """The fewest runs of an example."""
    runs_most: int
    errors: dict[str, int] = Field(default_factory=dict)
    """How many failed in which way."""


class ScoresPin(LockModel):
    """The scores of each answer, in a file beside the report."""

    path: str
    """From the report's folder."""
    digest: Sha256
    """Of its rows, whatever wrote the file."""


class Findings(LockModel):
    """What came of one set."""

    set: ContractSet
    examples: int
    calls: Calls
    metrics: dict[str, MetricEstimate]
    error_rate: MetricEstimate
    latency_ms: dict[str, Estimate]
    """By percentile, in milliseconds, of the calls that were answered."""
    tokens: dict[str, float] = Field(default_factory=dict)
    """`in` and `out`, on average a request; empty where the target does not tell."""
    cost: CostEstimate | None = None
    slices: dict[str, SliceEstimate] = Field(default_factory=dict)
    scores: ScoresPin


class ContractPin(LockModel):
    """The contract that the evaluation was made for."""

    name: str
    version: str
    digest: Sha256
    """Of the file."""


class Report(Findings):
    """An evaluation about exactly one version, sealed with a digest of its own."""

    format: int = FORMAT
    version: str
    """`digits@2`."""
    subject_digest: Sha256
    """What it is about."""
    contract: ContractPin
    started: datetime
    """When the first question was asked."""
    finished: datetime
    """When the last one was answered."""
    environment: dict[str, Any]
    """Where it ran, what it asked and with which settings."""
    adversarial: Findings | None = None
    digest: str = ""
    """Of everything else in here: shows an edit by hand."""

    @model_validator(mode="after")
    def _times_have_zones(self) -> Self:
        if self.started.tzinfo is None or self.finished.tzinfo is None:
            raise ValueError("started and finished need their time zones")
        return self

    def sealed(self) -> Self:
        """Returns it with its digest."""
        return self.model_copy(update={"digest": seal_of(self.model_dump(mode="json"))})

    def text(self) -> str:
        """Returns it as it is written, sealed. The same findings give the same text."""
        return json.dumps(self.sealed().model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n"

    def figures(self) -> dict[str, float]:
        """Returns its foremost numbers by name, for whoever compares versions at a glance."""
        found: dict[str, float | None] = {name: it.value for name, it in self.metrics.items()}
        found["error_rate"] = self.error_rate.value
        found |= {f"latency_ms.{name}": it.value for name, it in self.latency_ms.items()}
        if self.cost is not None:
            found["cost.per_request"] = self.cost.per_request.value
        found["examples"] = self.examples
        for name, part in self.slices.items():
            found |= {f"{name}.{metric}": it.value for metric, it in part.metrics.items()}
        return {name: float(value) for name, value in found.items() if value is not None and math.isfinite(value)}


def read_report(path: Path) -> Report:
    """
    Returns the report of a file.

    Raises InvalidFile when there is none, when it is of another format, or when somebody has edited it.
    """
    return parse_report(read_text(path), str(path))


def parse_report(content: bytes, name: str) -> Report:
    """Returns the report of a text; `name` is what errors call it. Raises InvalidFile, as `read_report` does."""
    fix = "make it with: sluice evaluate"
    try:
        document = json.loads(content)
    except ValueError as error:
        raise InvalidFile(name, [Problem("", f"is no JSON: {error}; {fix}")]) from None
    check_format(document, name, "report", FORMAT, fix)
    try:
        report = Report.model_validate(document)
    except ValidationError as error:
        raise InvalidFile(name, [*problems_of(Report, error), Problem("", f"is no report; {fix}")]) from None
    check_seal(document, name, fix)
    return report
