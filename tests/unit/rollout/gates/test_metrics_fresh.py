"""Metrics of now."""

from datetime import timedelta

from sluice.rollout.gates.metrics_fresh import check
from sluice.rollout.rise import Outcome
from tests.support.rollouts import NOW, rise


def test_delayed_metrics_cannot_tell() -> None:
    """What is bad may be what has not come yet."""
    verdict = check(rise(measured_until=NOW - timedelta(minutes=121)))
    assert verdict.outcome is Outcome.CANNOT_TELL
    assert verdict.text == "metrics end 121 min ago, allowed 120; they are delayed: wait and run again"


def test_metrics_in_time_pass() -> None:
    """To the minute."""
    assert check(rise(measured_until=NOW - timedelta(minutes=120))).passes


def test_no_metrics_cannot_tell() -> None:
    """Nothing came at all."""
    assert check(rise(measured_until=None)).outcome is Outcome.CANNOT_TELL
