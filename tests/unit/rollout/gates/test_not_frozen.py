"""No freeze."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sluice.rollout.freeze import Freeze, parse_window
from sluice.rollout.gates.not_frozen import check
from sluice.rollout.rise import Outcome
from tests.support.rollouts import TERMS, first_rise, rise

WEEKEND = replace(
    TERMS, freezes=(Freeze("weekend", ZoneInfo("Europe/Berlin"), (parse_window("Fri 16:00 - Mon 08:00"),)),)
)


def test_a_freeze_tells_its_end() -> None:
    """In the time of its own place; it holds before the first rung too."""
    saturday = datetime(2026, 11, 28, 12, tzinfo=UTC)
    verdict = check(first_rise(terms=WEEKEND, now=saturday))
    assert verdict.outcome is Outcome.FAIL
    assert verdict.text == "frozen by weekend until Mon 2026-11-30 08:00 CET"


def test_outside_of_a_freeze_traffic_may_rise() -> None:
    """On a Tuesday."""
    assert check(rise(terms=WEEKEND)).passes
