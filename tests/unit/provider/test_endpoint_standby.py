"""Since when a slot stands by, and what it may not lose, decided from what is recorded."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice.provider import endpoint_standby
from sluice.provider.properties import UNKNOWN

START = datetime(2026, 11, 23, 10, tzinfo=UTC)
SINCE = "2026-11-23T10:00:00Z"
SLOTS = st.sampled_from(["blue", "green", "amber"])
WEIGHTS = st.dictionaries(SLOTS, st.integers(0, 100))
STANDING = {"drained": {"blue": SINCE}}
DECLARED: dict[str, Any] = {"weights": {"blue": 0, "green": 100}, "counts": {"blue": 2}, "versions": {"blue": "v1"}}


@given(recorded=WEIGHTS, live=WEIGHTS, weights=WEIGHTS, drained=st.sets(SLOTS))
def test_who_stands_by(
    recorded: dict[str, int], live: dict[str, int], weights: dict[str, int], drained: set[str]
) -> None:
    """Slots that are there, have no traffic now, and were drained before or had traffic until now; since the first."""
    before = {"weights": recorded, "drained": dict.fromkeys(drained, SINCE)}
    found = endpoint_standby.drained(before, weights, START + timedelta(hours=1), live)
    had = {slot for slot in recorded if recorded[slot] > 0 or live.get(slot, 0) > 0}
    assert found.keys() == {slot for slot, weight in weights.items() if weight == 0 and slot in had | drained}
    assert all(found[slot] == (SINCE if slot in drained else "2026-11-23T11:00:00Z") for slot in found)


def test_nothing_stands_by_on_an_endpoint_that_is_new() -> None:
    """Whatever its configuration started with."""
    assert endpoint_standby.drained({}, {"blue": 0, "green": 100}, START, {"blue": 1}) == {}


@given(hours=st.floats(0, 8760), over=st.floats(0, 9000))
def test_a_slot_is_kept_for_its_hours_and_no_longer(hours: float, over: float) -> None:
    """Any number of hours, also none."""
    asked = {**DECLARED, "weights": {"green": 100}, "standbyHours": hours}
    present = START + timedelta(hours=over)
    found = list(endpoint_standby.failures(STANDING, DECLARED, asked, present))
    assert bool(found) == (present < START + timedelta(hours=hours))


def _told(present: datetime, **changes: Any) -> dict[str, str]:
    return dict(endpoint_standby.failures(STANDING, DECLARED, {**DECLARED, **changes}, present))


def test_what_is_omitted_means_72_hours() -> None:
    """As the documentation says."""
    assert "for 72 hours; 71.9 are over" in _told(START + timedelta(hours=71.99), weights={"green": 1})["weights.blue"]
    assert _told(START + timedelta(hours=72), weights={"green": 1}) == {}


def test_the_time_that_is_told_is_never_too_early() -> None:
    """It is of whole minutes, and rounded up."""
    before = {"drained": {"blue": "2026-11-23T10:00:01Z"}}
    ((_, told),) = endpoint_standby.failures(before, DECLARED, {**DECLARED, "weights": {"green": 1}}, START)
    assert "since 2026-11-23T10:00Z" in told
    assert "0 are over" in told
    assert "until 2026-11-26T10:01Z" in told


@pytest.mark.parametrize(
    "unknown",
    [
        {"weights": UNKNOWN},
        {"versions": UNKNOWN},
        {"versions": {"blue": UNKNOWN}},
        {"counts": UNKNOWN},
        {"counts": {"blue": UNKNOWN}},
        {"standbyHours": UNKNOWN, "weights": {"green": 100}},
    ],
)
def test_what_is_not_known_yet_is_not_refused(unknown: dict[str, Any]) -> None:
    """A preview does not guess; the update knows."""
    assert _told(START, **unknown) == {}


@pytest.mark.parametrize(
    ("changes", "paths"),
    [
        ({"counts": {"blue": 1}}, {"counts.blue"}),
        ({"counts": {"blue": 2}, "minCounts": {"blue": 1}}, {"minCounts.blue"}),
        ({"counts": {"blue": 9}}, set()),
        ({"counts": {}}, set()),
        ({"versions": {"blue": "v2"}, "counts": {"blue": 1}}, {"versions.blue", "counts.blue"}),
        ({"versions": {}}, set()),
        ({"versions": {"green": "v2"}}, {"versions.blue"}),
        ({"weights": {"blue": 50, "green": 50}}, set()),
    ],
)
def test_less_is_refused_and_more_is_not(changes: dict[str, Any], paths: set[str]) -> None:
    """What is left out altogether is not said; a bound of autoscaling counts before a count."""
    assert _told(START, **changes).keys() == paths
