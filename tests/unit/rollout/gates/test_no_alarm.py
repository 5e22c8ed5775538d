"""No alarm."""

from sluice.rollout.gates.no_alarm import check
from sluice.rollout.rise import Outcome
from tests.support.rollouts import first_rise, rise


def test_alarms_are_named() -> None:
    """All of them; also before the first rung, where the baseline burns alone."""
    assert check(rise(alarms=("p95", "5xx"))).text == "in ALARM: p95, 5xx"
    assert check(first_rise(alarms=("p95",))).outcome is Outcome.FAIL


def test_alarms_that_could_not_be_read_cannot_tell() -> None:
    """Silence is not health."""
    assert check(rise(alarms=None)).outcome is Outcome.CANNOT_TELL
