"""What is usual of a version: measured, kept, or not known."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice.rollout.cloudwatch import SETTLED, Window, counted, minutes
from sluice.rollout.error_rate import LONGEST, Usual, beginning, rounded, since, usual
from tests.support.counted_metrics import CountedMetrics

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
BEFORE = Usual(0.02, 4000)


def test_enough_requests_say_what_is_usual() -> None:
    """Whatever was found before."""
    assert usual(BEFORE, 1000, 30, 20) == Usual(0.03, 1000)
    assert usual(None, 20, 0, 20) == Usual(0.0, 20)


@pytest.mark.parametrize("requests", [0, 19])
def test_too_few_change_nothing(requests: int) -> None:
    """The version goes on with what was found of it; of a new one nothing is known."""
    assert usual(BEFORE, requests, requests, 20) == BEFORE
    assert usual(None, requests, requests, 20) == Usual(0.0, 0)


@given(st.floats(0, 1))
def test_two_digits_are_kept(rate: float) -> None:
    """Chance changes no alarm, and the rate is at most a twentieth off."""
    assert rounded(rate) == rounded(rounded(rate))
    assert abs(rounded(rate) - rate) <= rate / 20
    assert 0 <= rounded(rate) <= 1


def test_a_version_that_changes_begins_then() -> None:
    """Slots that were never seen to change have no beginning, and a beginning stays until the next change."""
    assert since({"blue": "1", "green": "2"}, {}, {}, NOON) == {}
    assert since({"blue": "1", "green": "3"}, {"blue": "1", "green": "2"}, {}, NOON) == {
        "green": "2026-11-24T12:00:00Z"
    }
    later, known = NOON + timedelta(hours=1), {"green": "2026-11-24T12:00:00Z"}
    assert since({"blue": "1", "green": "3"}, {"blue": "1", "green": "3"}, known, later) == known
    assert since({"green": "3"}, {"blue": "1", "green": "3"}, {**known, "blue": "2026-11-01T00:00:00Z"}, later) == known


def test_a_day_counts_and_no_other_version() -> None:
    """Requests to what was in the slot before tell nothing."""
    assert beginning("blue", {}, NOON) == NOON - LONGEST
    hour_ago = NOON - timedelta(hours=1)
    assert beginning("blue", {"blue": "2026-11-24T11:00:00Z"}, NOON) == hour_ago
    assert beginning("blue", {"blue": "2026-11-01T00:00:00Z", "green": "2026-11-24T11:00:00Z"}, NOON) == NOON - LONGEST


@given(st.integers(0, 7200), st.integers(0, 59))
def test_minutes_are_whole_and_settled(seconds: int, offset: int) -> None:
    """All that there are between the two moments."""
    now = NOON + timedelta(seconds=offset)
    begun = now - timedelta(seconds=seconds)
    found = minutes(begun, now)
    if found is None:
        assert seconds < SETTLED.total_seconds() + 120
        return
    assert begun <= found.start < begun + timedelta(minutes=1)
    assert now - SETTLED - timedelta(minutes=1) < found.end <= now - SETTLED
    assert found.seconds % found.period == 0


def test_both_kinds_of_errors_count() -> None:
    """In one call, over all minutes; what has no data is zero."""
    within = Window(NOON - timedelta(hours=1), NOON, 60)
    one, two = within.start, within.start + timedelta(minutes=7)
    client = CountedMetrics(
        {
            ("search", "blue", "Invocations", "Sum"): {one: 100.0, two: 50.0},
            ("search", "blue", "Invocation4XXErrors", "Sum"): {two: 2.0},
            ("search", "blue", "Invocation5XXErrors", "Sum"): {one: 3.0},
            ("search", "green", "Invocations", "Sum"): {one: 9.0},
        }
    )
    assert counted(client, "search", "blue", within) == (150, 5)
    assert len(client.calls) == 1
    assert counted(client, "search", "green", within) == (9, 0)
