"""What an endpoint's rollout has to keep to, with every default in its place."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sluice.rollout import ladder
from sluice.rollout.freeze import Freeze


@dataclass(frozen=True)
class LatencyLimit:
    """What one percentile of latency may be."""

    bound_ms: float | None = None
    """None: any."""
    max_ratio: float | None = None
    """How many times the baseline's. None: any."""


@dataclass(frozen=True)
class QualityMargin:
    """How much worse than the baseline's a metric's mean may be."""

    margin: float
    """In the metric's unit; above 0."""
    higher_is_better: bool = True


@dataclass(frozen=True)
class Terms:
    """The settings of a rollout, complete."""

    ladder: tuple[int, ...] = ladder.DEFAULT
    soak_hours: float = 24.0
    soak_hours_at: Mapping[int, float] = field(default_factory=dict)
    """By rung, where it is not `soak_hours`."""
    shadow_days: float = 7.0
    min_requests: int = 1000
    max_metrics_age_minutes: float = 120.0
    error_margin: float = 0.005
    """By how much the candidate's error rate may exceed the baseline's, as a share of requests."""
    error_ratio: float | None = None
    """How many times the baseline's error rate is tolerated too, where that is more. None: only the margin counts."""
    latency: Mapping[str, LatencyLimit] = field(default_factory=lambda: {"p95": LatencyLimit(max_ratio=1.25)})
    """By percentile."""
    quality: Mapping[str, QualityMargin] = field(default_factory=dict)
    """By metric."""
    freezes: tuple[Freeze, ...] = ()
    may_force: tuple[str, ...] | None = None
    """Actors. None: whoever may deploy."""
    confidence: float = 0.99
    enforced: bool = True
    """Whether refusals refuse. Without, they are only told."""

    @property
    def alpha(self) -> float:
        """The probability that a statement of a comparison is wrong, at all looks together."""
        return 1 - self.confidence

    def soak_at(self, percent: float) -> float:
        """Returns the hours that a share of traffic soaks: between two rungs, as the one below says."""
        below = [rung for rung in self.ladder if rung <= percent + 1e-6]
        return self.soak_hours_at.get(below[-1], self.soak_hours) if below else self.soak_hours
