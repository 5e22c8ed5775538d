"""What people are told of a rollback."""

from dataclasses import replace

from sluice.handlers import message
from sluice.handlers.cohort_figures import Figures
from sluice.handlers.decision import decide
from sluice.rollout.movement import Movement, Served
from tests.support.movements import history, hour, movement
from tests.support.rings import ARMED, live, ring

FIGURES = {"green": Figures(1204, 23, 812.4, 0.21), "blue": Figures(12_310, 98, None, None)}


def entry() -> Movement:
    found = decide(ring(), history(movement(1), movement(2, 10, 0)), live(), hour(3)).movement
    assert found is not None
    return found


def test_it_says_everything_that_one_needs_at_night() -> None:
    """What, when, why with both cohorts' figures, from and to which version, and what to do next."""
    subject, text = message.done(ring(), entry(), hour(3), FIGURES)
    assert subject == "Rolled back: digits@2 on digits-prod"
    for part in (
        "took digits@2 off the endpoint digits-prod: its 10 % of the traffic is back on digits@1",
        "2026-11-23 13:15:00 UTC",
        "alarm digits-prod-green-errors: error rate, in times what is tolerated: 3.2, threshold 1",
        "green (digits@2): 1,204 requests, 23 errors (1.9 %), p95 812 ms",
        "blue (digits@1): 12,310 requests, 98 errors (0.8 %)",
        "digits@2 in green",
        "digits@1 in blue",
        f"acknowledge: {entry().rollback}",
        "sluice reconcile digits-prod",
    ):
        assert part in text


def test_a_cohort_without_requests_has_no_rate() -> None:
    """As the baseline at 100 percent."""
    _, text = message.done(ring(), entry(), hour(3), {"green": FIGURES["green"], "blue": Figures(0, 0)})
    assert "blue (digits@1): 0 requests\n" in text


def test_failure_is_told_as_failure() -> None:
    """With what has to be done by hand, and whether there is an entry."""
    subject, text = message.given_up(ring(), None, "the endpoint is Failed")
    assert subject.startswith("ROLLBACK FAILED: digits@2")
    assert "could NOT take digits@2 off the endpoint digits-prod: the endpoint is Failed" in text
    assert "Nothing was recorded" in text
    assert str(entry().rollback)[:20] in message.given_up(ring(), entry(), "it is Updating")[1]


def test_a_subject_is_one_that_sns_takes() -> None:
    """ASCII, in one line, below 100 characters."""
    long = replace(ARMED, version=Served("v2", "gr\u00f6\u00dfe" * 30))
    told = message.given_up(ring(armed=long), None, "no")[0]
    assert len(told) < 100
    assert told.isascii()
    assert "\n" not in told
