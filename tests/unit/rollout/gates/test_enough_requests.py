"""Requests enough."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice.rollout.gates.enough_requests import check
from sluice.rollout.rise import Outcome
from tests.support.rollouts import NEW, OLD, TERMS, cohort, rise


def outcome(ours: int, theirs: int) -> Outcome:
    return check(rise(cohorts={"blue": cohort("blue", OLD, theirs, 0), "green": cohort("green", NEW, ours, 0)})).outcome


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        (1000, 1000, Outcome.PASS),
        (999, 90_000, Outcome.FAIL),
        (90_000, 999, Outcome.FAIL),
        (0, 90_000, Outcome.CANNOT_TELL),
        (90_000, 0, Outcome.CANNOT_TELL),
    ],
)
def test_both_cohorts_need_as_many(ours: int, theirs: int, expected: Outcome) -> None:
    """A variant with zero requests says nothing at all."""
    assert outcome(ours, theirs) is expected


@given(st.integers(0, 3000), st.integers(0, 3000), st.integers(0, 3000))
def test_more_requests_never_turn_a_pass_into_anything_else(ours: int, theirs: int, more: int) -> None:
    """What was enough stays enough."""
    if outcome(ours, theirs) is Outcome.PASS:
        assert outcome(ours + more, theirs + more) is Outcome.PASS


def test_figures_are_told() -> None:
    """Of both."""
    cohorts = {"blue": cohort("blue", OLD, 12_310, 0), "green": cohort("green", NEW, 204, 0)}
    assert check(rise(cohorts=cohorts)).text == "green 204 of 1,000 requests, blue 12,310 of 1,000 requests"


def test_metrics_of_another_version_are_not_this_ones() -> None:
    """The slot held another version until a moment ago."""
    cohorts = {"blue": cohort("blue", OLD, 90_000, 0), "green": cohort("green", "sha256:before", 10_000, 0)}
    verdict = check(rise(cohorts=cohorts))
    assert (verdict.outcome, verdict.text) == (Outcome.CANNOT_TELL, "there are no metrics of green")


def test_none_are_needed_where_none_are_declared() -> None:
    """Zero is a value."""
    cohorts = {"blue": cohort("blue", OLD, 0, 0), "green": cohort("green", NEW, 0, 0)}
    assert check(rise(terms=replace(TERMS, min_requests=0), cohorts=cohorts)).passes
