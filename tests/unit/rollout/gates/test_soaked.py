"""Time on a rung."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice.rollout.gates.soaked import check
from sluice.rollout.rise import Outcome
from tests.support.rollouts import NOW, TERMS, rise


def since(hours: float) -> dict[str, datetime]:
    return {"green": NOW - timedelta(hours=hours)}


@pytest.mark.parametrize(
    ("hours", "outcome", "text"),
    [
        (3.2, Outcome.FAIL, "soaked 3.2 of 24 h"),
        (23.9, Outcome.FAIL, "soaked 23.9 of 24 h"),
        (24, Outcome.PASS, "soaked 24 of 24 h"),
        (-0.05, Outcome.FAIL, "soaked 0 of 24 h"),
    ],
)
def test_a_soak_is_counted_in_hours(hours: float, outcome: Outcome, text: str) -> None:
    """Up to the minute."""
    verdict = check(rise(stage_since=since(hours)))
    assert (verdict.outcome, verdict.text) == (outcome, text)


@given(st.floats(0, 200), st.floats(0, 200))
def test_a_longer_soak_is_never_worse(one: float, other: float) -> None:
    """What has soaked stays so."""
    passed = [check(rise(stage_since=since(hours))).passes for hours in sorted([one, other])]
    assert passed == sorted(passed)


def test_a_rung_may_soak_longer_than_others() -> None:
    """The one that is live counts, not the one that is wanted."""
    longer = replace(TERMS, soak_hours_at={10: 48, 25: 1})
    assert check(rise(terms=longer)).text == "soaked 30 of 48 h"


def test_no_soak_passes_at_once() -> None:
    """Zero hours are declared hours."""
    assert check(rise(terms=replace(TERMS, soak_hours=0), stage_since=since(0))).passes


def test_a_share_that_was_changed_by_hand_has_not_soaked() -> None:
    """The journal knows of 5 percent: nobody knows since when it is 10."""
    verdict = check(rise(recorded={"blue": 95.0, "green": 5.0}))
    assert verdict.outcome is Outcome.CANNOT_TELL
    assert verdict.text == (
        "10 % is live and the journal has 5 %: changed by hand; declare 10 % and apply it, and the soak begins"
    )


def test_without_a_journal_nobody_knows() -> None:
    """Missing, or silent about this slot."""
    assert check(rise(recorded=None)).text == "there is no journal of this stage"
    verdict = check(rise(stage_since={}))
    assert (verdict.outcome, verdict.text) == (
        Outcome.CANNOT_TELL,
        "the journal does not say since when green has 10 %",
    )
