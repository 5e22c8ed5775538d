"""No rung is skipped."""

import pytest

from sluice.rollout.gates.next_rung import check
from sluice.rollout.rise import Outcome
from tests.support.rollouts import rise


def test_the_next_rung_passes() -> None:
    """From 10 percent it is 25."""
    assert check(rise(25)).passes


@pytest.mark.parametrize(
    ("wanted", "text"),
    [(50, "50 % skips 25 %"), (100, "100 % skips 25 %"), (20, "20 % is not on the ladder")],
)
def test_any_other_rise_fails_and_is_hard(wanted: float, text: str) -> None:
    """It tells what the next step is."""
    verdict = check(rise(wanted))
    assert (verdict.outcome, verdict.hard) == (Outcome.FAIL, True)
    assert verdict.text == f"{text} (1, 5, 10, 25, 50, 100); from 10 % the next step is 25 %"
