"""What the users of a variant met while its share of traffic stayed the same."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

PERCENTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
"""The percentiles of latency that are measured."""


@dataclass(frozen=True)
class Period:
    """Counts of one period, which is over and will not change any more."""

    start: datetime
    requests: int
    errors_4xx: int = 0
    errors_5xx: int = 0

    @property
    def errors(self) -> int:
        """Requests that failed, whoever is to blame: a model that refuses good input answers 4XX."""
        return self.errors_4xx + self.errors_5xx


@dataclass(frozen=True)
class Sums:
    """All that is kept of the values of a quality metric."""

    count: int
    total: float
    squares: float
    """The sum of the squared values."""

    @property
    def mean(self) -> float:
        """The mean; NaN of nothing."""
        return self.total / self.count if self.count else math.nan

    @property
    def variance(self) -> float:
        """The unbiased estimate; NaN of fewer than two values."""
        if self.count < 2:
            return math.nan
        return max(0.0, self.squares - self.total * self.total / self.count) / (self.count - 1)


@dataclass(frozen=True)
class Cohort:
    """The requests that one variant, with one version in it, has answered during a stage."""

    slot: str
    version: str
    """The digest of its model version."""
    periods: tuple[Period, ...]
    latency_ms: Mapping[str, float] = field(default_factory=dict)
    """By percentile, over the whole stage: `{"p95": 81.5}`. What nobody measured is not in it."""
    overhead_ms: Mapping[str, float] = field(default_factory=dict)
    """What SageMaker adds, by percentile."""
    latency_samples: int = 0
    """How many requests the percentiles are of."""
    quality: Mapping[str, Sums] = field(default_factory=dict)
    """By metric."""

    @property
    def requests(self) -> int:
        return sum(period.requests for period in self.periods)

    @property
    def errors(self) -> int:
        return sum(period.errors for period in self.periods)


@dataclass(frozen=True)
class Pair:
    """One period of two cohorts."""

    candidate_requests: int
    candidate_errors: int
    baseline_requests: int
    baseline_errors: int


def paired(candidate: Cohort, baseline: Cohort) -> list[Pair]:
    """Returns the periods in which both were asked, in order; the others say nothing of a difference."""
    beside = {period.start: period for period in baseline.periods}
    return [
        Pair(period.requests, period.errors, beside[period.start].requests, beside[period.start].errors)
        for period in sorted(candidate.periods, key=lambda each: each.start)
        if period.start in beside and period.requests > 0 and beside[period.start].requests > 0
    ]


def impossible(cohort: Cohort) -> str | None:
    """Returns what cannot be about a cohort's counts, as when one metric has come and another is still on its way."""
    for period in cohort.periods:
        if min(period.requests, period.errors_4xx, period.errors_5xx) < 0 or period.errors > period.requests:
            return (
                f"{cohort.slot} has {period.errors:,} errors of {period.requests:,} requests "
                f"from {period.start:%Y-%m-%d %H:%M} on"
            )
    return None
