"""How an endpoint's rollout is declared."""

from enum import Enum

from sluice.args import ArgsModel


class BetterWhen(Enum):
    """Which way a quality metric is better."""

    HIGHER = "higher"
    LOWER = "lower"


class LatencyLimitArgs(ArgsModel):
    """What one percentile of a candidate's latency may be."""

    bound_ms: float | None = None
    """Milliseconds. Omitted: any."""
    max_ratio: float | None = None
    """How many times the baseline's; 1 or more. Omitted: any."""


class QualityMarginArgs(ArgsModel):
    """How much worse than the baseline's a quality metric's mean may be."""

    margin: float
    """In the metric's unit; above 0."""
    better_when: BetterWhen | None = None
    """Which way is better. Omitted: `higher`."""


class FreezeArgs(ArgsModel):
    """Times at which nothing may rise."""

    time_zone: str
    """Whose wall the times are on, for example `Europe/Berlin`."""
    windows: list[str]
    """Every week, `Fri 16:00 - Mon 08:00`; or once, `2026-12-20 - 2027-01-02`, with times if need be."""


class RolloutArgs(ArgsModel):
    """How a candidate's traffic rises, and what it takes."""

    ladder: list[int] | None = None
    """Percent of traffic, one after the other; ascends, and ends at 100. Omitted: 1, 5, 10, 25, 50, 100."""
    soak_hours: float | None = None
    """How long a candidate stays on each rung before the next. Omitted: 24."""
    soak_hours_at: dict[str, float] | None = None
    """The same for single rungs, `{"50": 48}`. Omitted: none is different."""
    shadow_days: float | None = None
    """How long a version is in the shadow before its first rung; 0: not at all. Omitted: 7."""
    min_requests: int | None = None
    """How many requests candidate and baseline each answer on a rung. Omitted: 1000."""
    max_metrics_age_minutes: float | None = None
    """How long before the present metrics may end. Omitted: 120."""
    error_margin_points: float | None = None
    """By how many percentage points the error rate may exceed the baseline's; above 0. Omitted: 0.5."""
    error_ratio: float | None = None
    """How many times the baseline's error rate is tolerated too, if that is more; above 1. Omitted: margin alone."""
    latency: dict[str, LatencyLimitArgs] | None = None
    """From `p50`, `p95`, `p99` to what it may be. Omitted: p95 up to 1.25 times the baseline's."""
    quality: dict[str, QualityMarginArgs] | None = None
    """From a quality metric's name to its margin. Omitted: none is compared."""
    freezes: dict[str, FreezeArgs] | None = None
    """From a freeze's name to its times. Omitted: none."""
    may_force: list[str] | None = None
    """Who may force a rise, as the journal names actors. Omitted: whoever may deploy."""
    confidence: float | None = None
    """Of each comparison, at all looks together; 0.5 to 0.9999. Omitted: 0.99."""
    enforced: bool | None = None
    """Whether an unmet gate refuses; false, for development: only a rollback's latch does. Omitted: true."""
