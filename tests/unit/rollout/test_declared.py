"""From a declared rollout to its terms."""

from datetime import UTC, datetime
from typing import Any

import pytest

from sluice.errors import InvalidInput
from sluice.rollout.declared import rollout_problems, terms_of
from sluice.rollout.freeze import FORMS, frozen
from sluice.rollout.settings import RolloutArgs
from sluice.rollout.terms import LatencyLimit, QualityMargin, Terms


def parsed(**given: Any) -> RolloutArgs:
    return RolloutArgs.parse("rollout", given)


def test_what_is_left_out_is_as_documented() -> None:
    """An empty rollout is the safe one: the whole ladder, a day a rung, a week in the shadow."""
    terms = terms_of(RolloutArgs())
    assert terms == Terms()
    assert (terms.ladder, terms.soak_hours, terms.shadow_days) == ((1, 5, 10, 25, 50, 100), 24, 7)
    assert (terms.min_requests, terms.error_margin, terms.confidence) == (1000, 0.005, 0.99)
    assert terms.latency == {"p95": LatencyLimit(max_ratio=1.25)}
    assert terms.enforced


def test_zero_is_a_value() -> None:
    """No soak, no shadow, no least number of requests and nobody who may force are declared by zeros and nothing."""
    terms = terms_of(parsed(soakHours=0, shadowDays=0, minRequests=0, mayForce=[], enforced=False, latency={}))
    assert (terms.soak_hours, terms.shadow_days, terms.min_requests) == (0, 0, 0)
    assert (terms.may_force, terms.enforced, terms.latency) == ((), False, {})


def test_everything_that_is_declared_counts() -> None:
    """As configuration files write it."""
    terms = terms_of(
        parsed(
            ladder=[10, 50, 100],
            soakHours=12,
            soakHoursAt={"50": 48},
            errorMarginPoints=1,
            errorRatio=1.5,
            latency={"p99": {"boundMs": 300, "maxRatio": 2}},
            quality={"accuracy": {"margin": 0.02}, "toxicity": {"margin": 0.01, "betterWhen": "lower"}},
            freezes={"weekend": {"timeZone": "Europe/Berlin", "windows": ["Fri 16:00 - Mon 08:00"]}},
            mayForce=["ana"],
            confidence=0.95,
        )
    )
    assert [terms.soak_at(share) for share in (5, 10, 30, 50, 70)] == [12, 12, 12, 48, 48]
    assert (terms.error_margin, terms.error_ratio, terms.may_force) == (0.01, 1.5, ("ana",))
    assert terms.latency == {"p99": LatencyLimit(300, 2)}
    assert terms.quality == {"accuracy": QualityMargin(0.02), "toxicity": QualityMargin(0.01, higher_is_better=False)}
    assert terms.alpha == pytest.approx(0.05)
    assert frozen(terms.freezes, datetime(2026, 11, 28, tzinfo=UTC)) is not None


def test_every_problem_of_a_rollout_is_told() -> None:
    """All at once, each with its path, what was found, and what is allowed."""
    wrong = parsed(
        ladder=[5, 1, 50],
        soakHours=-1,
        soakHoursAt={"7": 3},
        shadowDays=-1,
        minRequests=-1,
        maxMetricsAgeMinutes=0,
        errorMarginPoints=0,
        errorRatio=1,
        latency={"p90": {"boundMs": 1}, "p95": {}, "p99": {"maxRatio": 0.5}},
        quality={"accuracy": {"margin": 0}},
        freezes={
            "weekend": {"timeZone": "Berlin", "windows": ["Fri - Mon"]},
            "never": {"timeZone": "UTC", "windows": []},
        },
        mayForce=[" "],
        confidence=1,
    )
    found = [str(problem) for problem in rollout_problems(wrong)]
    assert found == [
        "rollout.ladder[1] is 1, after 5; a ladder ascends (5, 1, 50); allowed 6 or more",
        "rollout.ladder ends at 50 (5, 1, 50); add the rung 100, or the candidate never takes over",
        "rollout.soak_hours is -1; allowed 0 or more",
        "rollout.soak_hours_at.7 is for a rung that there is not; rungs are: 5, 1, 50",
        "rollout.shadow_days is -1; allowed 0 or more",
        "rollout.min_requests is -1; allowed 0 or more",
        "rollout.max_metrics_age_minutes is 0; allowed above 0",
        "rollout.error_margin_points is 0; allowed above 0, up to 100",
        "rollout.error_ratio is 1; allowed above 1, up to 1000",
        "rollout.latency.p90 is no percentile that is measured; allowed are: p50, p95, p99",
        "rollout.latency.p95 needs bound_ms, max_ratio or both",
        "rollout.latency.p99.max_ratio is 0.5; allowed 1 or more",
        "rollout.quality.accuracy.margin is 0; allowed above 0",
        "rollout.freezes.weekend.time_zone is 'Berlin', no time zone; allowed: a name like Europe/Berlin or UTC",
        f"rollout.freezes.weekend.windows[0] is 'Fri - Mon'; {FORMS}",
        "rollout.freezes.never.windows is empty; give it a window, or leave the freeze out",
        "rollout.may_force[0] is empty; name an actor, or leave it out",
        "rollout.confidence is 1; allowed 0.5 to 0.9999",
    ]
    with pytest.raises(InvalidInput, match="rollout of 'search': 18 problems"):
        terms_of(wrong, "rollout of 'search'")


@pytest.mark.parametrize("name", ["soak_hours", "error_margin_points", "confidence", "shadow_days"])
@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_number_is_a_problem(name: str, value: float) -> None:
    """Nothing soaks for ever, and no margin is whatever anybody likes."""
    assert [problem.path for problem in rollout_problems(RolloutArgs(**{name: value}))] == [f"rollout.{name}"]
