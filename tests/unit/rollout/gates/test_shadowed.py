"""What happened in the shadow."""

from dataclasses import replace
from datetime import timedelta

import pytest

from sluice.rollout.gates.shadowed import check
from sluice.rollout.rise import Outcome
from tests.support.rollouts import NEW, NOW, TERMS, first_rise, rise, shadow


def test_a_version_without_a_shadow_cannot_tell() -> None:
    """Another version's shadow is not its own."""
    for shadows in ({}, {NEW: shadow(version="sha256:before")}):
        verdict = check(first_rise(shadows=shadows))
        assert verdict.outcome is Outcome.CANNOT_TELL
        assert verdict.text == "there is no report of this version in the shadow; it takes 7 days"


def test_a_short_shadow_fails() -> None:
    """With its figures."""
    short = shadow(since=NOW - timedelta(days=6.5), until=NOW - timedelta(days=1))
    verdict = check(first_rise(shadows={NEW: short}))
    assert verdict.outcome is Outcome.FAIL
    assert verdict.text == "in the shadow 5.5 of 7 days, 51,204 requests, agreement 99.2 %"


@pytest.mark.parametrize("outcome", list(Outcome))
def test_the_comparison_of_answers_decides(outcome: Outcome) -> None:
    """Long enough in the shadow, it is as good as what was found there."""
    assert check(first_rise(shadows={NEW: shadow(outcome=outcome)})).outcome is outcome


def test_a_shadow_that_nobody_asked_cannot_tell() -> None:
    """A week of silence."""
    assert check(first_rise(shadows={NEW: shadow(requests=0)})).outcome is Outcome.CANNOT_TELL


def test_it_is_asked_for_before_the_first_rung_only() -> None:
    """Users are the better witnesses afterwards."""
    assert check(rise(shadows={})).passes


def test_no_shadow_may_be_declared() -> None:
    """Zero days are none."""
    assert check(first_rise(shadows={}, terms=replace(TERMS, shadow_days=0))).passes
