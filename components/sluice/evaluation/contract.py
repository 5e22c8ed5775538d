"""The contract: what a version must achieve, written before anybody knows what it achieves."""

from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import Any, Self

from pydantic import Field, model_validator

from sluice.manifest.base import ManifestModel, Name, Sha256, Text

QUANTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
"""The percentiles of latency that a contract can bound."""


class Kind(StrEnum):
    """What an answer's score is."""

    BINARY = "binary"
    """0 or 1; the metric is a share of answers."""
    SCORE = "score"
    """Any number; the metric is a mean."""


class Direction(StrEnum):
    """Which way is better."""

    HIGHER = "higher"
    LOWER = "lower"


class Purpose(StrEnum):
    """What a metric looks after."""

    QUALITY = "quality"
    SAFETY = "safety"
    FORMAT = "format"
    HALLUCINATION = "hallucination"


class ContractSet(ManifestModel):
    """An evaluation set, exactly."""

    name: Text
    version: Text
    digest: Sha256


class Criterion(ManifestModel):
    """What one figure must be, and how much worse than the incumbent's it may be."""

    bound: float | None = None
    """Its worst admissible value, which its whole interval must reach. Omitted: any."""
    margin: float | None = Field(default=None, ge=0)
    """The largest tolerated regression, in the metric's own unit. Omitted: the incumbent does not matter."""


class Metric(Criterion):
    """One figure: how answers are scored, and what is expected."""

    scorer: dict[Name, dict[str, Any]] = Field(min_length=1, max_length=1)
    """The scorer by its name, with its options: `{exact: {}}`."""
    kind: Kind = Field(default=Kind.BINARY, strict=False)
    """Omitted: `binary`."""
    direction: Direction = Field(default=Direction.HIGHER, strict=False)
    """Which way is better. Omitted: `higher`."""
    purpose: Purpose = Field(default=Purpose.QUALITY, strict=False)
    """What it looks after: `quality`, `safety`, `format`, `hallucination`. Omitted: `quality`."""
    unit: Text | None = None
    """For the reader, `share of images`. Omitted: not said."""

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        if self.kind is Kind.BINARY and self.bound is not None and not 0 <= self.bound <= 1:
            raise ValueError(f"bound is {self.bound:g}; a binary metric is a share; allowed 0 to 1")
        return self


class Percentile(ManifestModel):
    """What one percentile of latency must be."""

    bound_ms: float | None = Field(default=None, gt=0)
    """Milliseconds. Omitted: any."""
    max_ratio: float | None = Field(default=None, ge=1)
    """How many times the incumbent's it may be. Omitted: any."""


class Cost(ManifestModel):
    """What a request may cost."""

    per_request: float = Field(ge=0)
    """On average, in the currency."""
    currency: Text = "USD"
    """Omitted: `USD`."""


class SliceCriterion(Criterion):
    """What must hold on a part of the set by itself."""

    slice: Text = Field(pattern=r"^[^=]+=.+$")
    """`dimension=value`, as the set's examples say: `digit=8`."""
    metric: Name
    minimum_examples: int = Field(default=1, ge=1)
    """Fewer, and nothing is known of the slice. Omitted: 1."""


class Adversarial(ManifestModel):
    """Questions that are meant to break the model, counted apart."""

    set: ContractSet
    metrics: dict[Name, Metric] = Field(min_length=1)


class Minimum(ManifestModel):
    """How much evidence there must be."""

    examples: int = Field(ge=2)
    """Of the set."""
    runs: int = Field(default=1, ge=1)
    """How often each is asked. Omitted: 1."""


class ContractOwner(ManifestModel):
    """Who answers for what is expected."""

    team: Text
    contact: Text


class Contract(ManifestModel):
    """What a version must achieve: agreed first, and judged by afterwards."""

    name: Name
    version: Text
    agreed: date | datetime
    """When; a date means its first moment in UTC. Answers from before are no evidence."""
    owner: ContractOwner
    set: ContractSet
    minimum: Minimum
    significance: float = Field(default=0.05, gt=0, lt=0.5)
    """How often an equal version may be called different; intervals have the confidence 1 - it. Omitted: 0.05."""
    power: float = Field(default=0.8, gt=0.5, lt=1)
    """How often a regression as large as the margin has to be seen. Omitted: 0.8."""
    report_max_age_days: int | None = Field(default=None, ge=1)
    """How old the report of a version may be that is to replace another. Omitted: any."""
    metrics: dict[Name, Metric] = Field(min_length=1)
    error_rate: Criterion | None = None
    """The share of calls that fail for good: its bound and margin. Omitted: it is told, and may be any."""
    latency: dict[str, Percentile] | None = None
    """By percentile: `p50`, `p95`, `p99`. Omitted: it is told, and may be any."""
    cost: Cost | None = None
    """Omitted: it is told, and may be any."""
    slices: list[SliceCriterion] | None = None
    """Parts of the set that must hold on their own. Omitted: none."""
    adversarial: Adversarial | None = None
    """Omitted: none."""

    @property
    def agreed_at(self) -> datetime:
        """When it was agreed, in UTC."""
        if isinstance(self.agreed, datetime):
            return self.agreed.replace(tzinfo=self.agreed.tzinfo or UTC).astimezone(UTC)
        return datetime.combine(self.agreed, time(), UTC)

    @property
    def confidence(self) -> float:
        """The confidence of intervals."""
        return 1 - self.significance

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if unknown := sorted(set(self.latency or {}) - set(QUANTILES)):
            raise ValueError(f"latency has {', '.join(unknown)}; allowed: {', '.join(QUANTILES)}")
        names = set(self.metrics)
        for index, it in enumerate(self.slices or []):
            if it.metric not in names:
                known = ", ".join(sorted(names))
                raise ValueError(f"slices[{index}].metric is {it.metric!r}; the contract's metrics are: {known}")
        if taken := sorted(names & {"error_rate", "latency", "cost", "failed"}):
            raise ValueError(f"metrics has {', '.join(taken)}, which Sluice measures itself; give it another name")
        return self
