"""What CloudWatch knows of the cohorts of a stage."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice.rollout.cloudwatch import SETTLED, Ask, Window, firing, measure, window
from sluice.rollout.cohorts import Period
from tests.support.counted_metrics import CountedMetrics

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = Window(NOON - timedelta(hours=24), NOON, 3600)
SLOTS = {"blue": "sha256:old", "green": "sha256:new"}


@given(st.integers(0, 40 * 24 * 3600), st.integers(0, 3599))
def test_a_window_has_whole_settled_periods(seconds: int, offset: int) -> None:
    """Within the stage, none of them still open, and at least twelve where the stage is long enough for minutes."""
    now = NOON + timedelta(seconds=offset)
    since = now - timedelta(seconds=seconds)
    found = window(since, now)
    if found is None:
        assert seconds < 60 + SETTLED.total_seconds() + 60
        return
    assert since <= found.start < found.end <= now - SETTLED
    assert found.seconds % found.period == 0
    assert found.start.timestamp() % found.period == 0
    assert found.seconds // found.period >= 12 or found.period == 60


@pytest.mark.parametrize(("hours", "period"), [(24, 3600), (6, 900), (2, 300), (0.5, 60)])
def test_the_longest_periods_that_give_enough(hours: float, period: int) -> None:
    """Hours for a day, minutes for half an hour."""
    found = window(NOON - timedelta(hours=hours, minutes=5), NOON)
    assert found is not None
    assert found.period == period


def test_a_cohort_is_what_cloudwatch_says() -> None:
    """Counts by period, latency in milliseconds, and the worse of two halves of a percentile."""
    one, two = DAY.start, DAY.start + timedelta(hours=1)
    client = CountedMetrics(
        {
            ("search", "green", "Invocations", "Sum"): {one: 100.0, two: 120.0},
            ("search", "green", "Invocation4XXErrors", "Sum"): {two: 2.0},
            ("search", "green", "Invocation5XXErrors", "Sum"): {one: 1.0},
            ("search", "green", "ModelLatency", "p95"): {one: 20_000.0, two: 31_000.0},
            ("search", "green", "OverheadLatency", "p50"): {one: 4_000.0},
            ("search", "green", "ModelLatency", "SampleCount"): {one: 220.0},
            ("search", "green", "accuracy", "SampleCount"): {one: 4.0},
            ("search", "green", "accuracy", "Sum"): {one: 3.0},
            ("search", "green", "accuracy", "Minimum"): {one: 0.0},
            ("search", "green", "accuracy", "Maximum"): {one: 1.0},
        }
    )
    found = measure(client, [Ask("search", SLOTS, DAY, ("accuracy",))])["search"]
    green = found.cohorts["green"]
    assert green.periods == (Period(one, 100, 0, 1), Period(two, 120, 2, 0))
    assert (green.requests, green.errors, green.version) == (220, 3, "sha256:new")
    assert green.latency_ms == {"p95": 31.0}
    assert green.overhead_ms == {"p50": 4.0}
    assert green.latency_samples == 220
    assert found.until == two + timedelta(hours=1)
    accuracy = green.quality["accuracy"]
    assert (accuracy.count, accuracy.total, accuracy.squares) == (4, 3.0, 3.0)
    assert found.cohorts["blue"].periods == ()


@given(st.lists(st.floats(-5, 5), min_size=2, max_size=30))
def test_the_squares_are_never_less_than_they_are(values: list[float]) -> None:
    """CloudWatch keeps none: a variance that is too small would make differences seem sure."""
    figures = {"SampleCount": len(values), "Sum": sum(values), "Minimum": min(values), "Maximum": max(values)}
    client = CountedMetrics(
        {("search", "green", "score", stat): {NOON: float(value)} for stat, value in figures.items()}
    )
    found = measure(client, [Ask("search", SLOTS, DAY, ("score",))])["search"].cohorts["green"].quality["score"]
    assert found.squares >= sum(value * value for value in values) - 1e-6


def test_nothing_measured_is_no_end() -> None:
    """Then nobody knows until when."""
    found = measure(CountedMetrics(), [Ask("search", SLOTS, DAY)])["search"]
    assert found.until is None
    assert found.cohorts["green"].requests == 0


def test_endpoints_share_calls() -> None:
    """A hundred endpoints in one window: 500 queries a call, and none of an endpoint's own."""
    client = CountedMetrics()
    asks = [Ask(f"endpoint-{number}", SLOTS, DAY) for number in range(100)]
    assert len(measure(client, asks)) == 100
    assert [len(call["MetricDataQueries"]) for call in client.calls] == [500] * 4


def test_all_pages_are_read() -> None:
    """An answer in parts is put together."""
    figures = {("search", slot, "Invocations", "Sum"): {DAY.start: 7.0} for slot in SLOTS}
    client = CountedMetrics(figures, page=3)
    found = measure(client, [Ask("search", SLOTS, DAY)])["search"]
    assert [it.requests for it in found.cohorts.values()] == [7, 7]
    assert len(client.calls) > 1


def alarms(**states: str) -> Any:
    def describe(AlarmNames: list[str], **_: Any) -> dict[str, Any]:
        there = [{"AlarmName": name, "StateValue": states[name]} for name in AlarmNames if name in states]
        return {"MetricAlarms": there}

    return SimpleNamespace(describe_alarms=describe)


def test_who_rings_is_told() -> None:
    """Of the named alarms alone; one without data rings not."""
    client = alarms(errors="ALARM", slow="OK", new="INSUFFICIENT_DATA", other="ALARM")
    assert firing(client, ["slow", "errors", "new"]) == ("errors",)


def test_an_alarm_that_there_is_not_is_no_silence() -> None:
    """Who names it means it."""
    with pytest.raises(LookupError, match="there is no alarm lost"):
        firing(alarms(errors="OK"), ["errors", "lost"])
