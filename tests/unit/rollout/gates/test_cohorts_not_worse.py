"""Errors of both cohorts."""

from dataclasses import replace

import pytest

from sluice.rollout.cohorts import Cohort, Period
from sluice.rollout.gates.cohorts_not_worse import check
from sluice.rollout.rise import Outcome, Verdict
from sluice.rollout.terms import Terms
from tests.support.rollouts import NEW, NOW, OLD, TERMS, cohort, rise

NEARLY = 2_200
"""Requests of a candidate that just about suffice, at 0.2 percent of errors."""


def asked(ours: tuple[int, int], theirs: tuple[int, int], terms: Terms = TERMS) -> Verdict:
    """Returns the verdict on requests and errors of the candidate, and of the baseline."""
    return check(
        rise(terms=terms, cohorts={"blue": cohort("blue", OLD, *theirs), "green": cohort("green", NEW, *ours)})
    )


def test_a_candidate_that_fails_more_often_fails() -> None:
    """With its figures, and how sure that is."""
    verdict = asked((1_204, 40), (12_310, 98))
    assert verdict.outcome is Outcome.FAIL
    assert verdict.text == (
        "errors 3.3 % against 0.8 % (n = 1,204, 12,310), worse with 99 % confidence, allowed 0.5 points"
    )


def test_a_candidate_that_fails_as_often_passes() -> None:
    """When there were requests enough to see that."""
    verdict = asked((10_000, 20), (90_000, 180))
    assert (verdict.outcome, verdict.text) == (
        Outcome.PASS,
        "errors 0.2 % against 0.2 % (n = 10,000, 90,000), not worse by more than 0.5 points with 99 % confidence",
    )


def test_no_errors_at_all_pass_too() -> None:
    """Nothing failed on either side: that is evidence, from enough requests on."""
    assert asked((3_000, 0), (27_000, 0)).passes


def test_too_few_requests_cannot_tell() -> None:
    """They look better than the baseline, and say how much worse they may be."""
    verdict = asked((240, 0), (2_400, 10))
    assert verdict.outcome is Outcome.CANNOT_TELL
    assert verdict.text.startswith("errors 0.0 % against 0.4 % (n = 240, 2,400): may be worse by ")
    assert verdict.text.endswith(", allowed 0.5 points; it takes more requests")


def test_worse_within_the_margin_is_tolerated() -> None:
    """A quarter of a point more, for sure, with a point allowed."""
    counts = (200_000, 900), (1_800_000, 3_600)
    assert asked(*counts, replace(TERMS, error_margin=0.01)).passes
    assert asked(*counts, replace(TERMS, error_margin=0.001)).outcome is Outcome.FAIL


def test_a_ratio_tolerates_more_where_the_baseline_fails_often() -> None:
    """12 % against 10 % is more than half a point, and less than 1.5 times."""
    counts = (20_000, 2_400), (180_000, 18_000)
    assert asked(*counts).outcome is Outcome.FAIL
    verdict = asked(*counts, replace(TERMS, error_ratio=1.5))
    assert verdict.outcome is Outcome.PASS
    assert "0.5 points or 1.5 times the baseline's" in verdict.text


@pytest.mark.parametrize(("ours", "theirs", "silent"), [((0, 0), (900, 0), "green"), ((900, 0), (0, 0), "blue")])
def test_a_variant_with_zero_requests_cannot_tell(ours: tuple[int, int], theirs: tuple[int, int], silent: str) -> None:
    """No requests have no rate."""
    verdict = asked(ours, theirs)
    assert (verdict.outcome, verdict.text) == (
        Outcome.CANNOT_TELL,
        f"{silent} has answered no request in this stage",
    )


def test_errors_without_their_requests_cannot_tell() -> None:
    """One metric has come and the other has not: the counts contradict each other."""
    half = Cohort("green", NEW, (Period(NOW, 3, 2, 2),))
    verdict = check(rise(cohorts={"blue": cohort("blue", OLD, 9_000, 9), "green": half}))
    assert verdict.outcome is Outcome.CANNOT_TELL
    assert verdict.text == (
        "green has 4 errors of 3 requests from 2026-11-24 12:00 on; the metrics are not complete: wait and run again"
    )


def test_two_limits_do_not_make_a_pass_easier_by_chance() -> None:
    """What one limit passes only just, it does not pass when it may be the one of two that happened to."""
    counts = (NEARLY, NEARLY // 500), (9 * NEARLY, 9 * NEARLY // 500)
    assert asked(*counts).outcome is Outcome.PASS
    assert asked(*counts, replace(TERMS, error_ratio=1.01)).outcome is Outcome.CANNOT_TELL
