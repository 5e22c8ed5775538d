"""No latch."""

from sluice.rollout.gates.not_latched import check
from sluice.rollout.rise import Latch, Outcome
from tests.support.rollouts import NEW, NOW, first_rise, rise


def test_a_version_that_was_rolled_back_stays_down() -> None:
    """Before its first rung too, which is where a rollback has put it; and no force helps."""
    verdict = check(first_rise(latch=Latch(NEW, NOW, "5XX above 1 %")))
    assert (verdict.outcome, verdict.hard) == (Outcome.FAIL, True)
    assert verdict.text == (
        "this version was rolled back at 2026-11-24 12:00 UTC (5XX above 1 %); acknowledge it, or bring another"
    )


def test_another_version_may_rise() -> None:
    """The fix of what was rolled back is another version."""
    assert check(rise(latch=Latch("sha256:before", NOW, "5XX"))).passes
