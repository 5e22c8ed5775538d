"""What quality metrics say."""

from dataclasses import replace

import pytest

from sluice.rollout.gates.quality import check
from sluice.rollout.rise import Outcome, Verdict
from sluice.rollout.terms import QualityMargin
from tests.support.rollouts import NEW, OLD, TERMS, cohort, rise, sums


def scored(ours: float, count: int = 10_000, higher: bool = True) -> Verdict:
    """Returns the verdict on a metric whose mean is 0.9 with the baseline, and whose margin is 0.05."""
    cohorts = {
        "blue": cohort("blue", OLD, 90_000, 0, quality={"score": sums(90_000, 0.9)}),
        "green": cohort("green", NEW, 10_000, 0, quality={"score": sums(count, ours)}),
    }
    return check(rise(terms=replace(TERMS, quality={"score": QualityMargin(0.05, higher)}), cohorts=cohorts))


@pytest.mark.parametrize(
    ("mean", "higher", "outcome"),
    [
        (0.9, True, Outcome.PASS),
        (0.99, True, Outcome.PASS),
        (0.8, True, Outcome.FAIL),
        (0.85, True, Outcome.CANNOT_TELL),
        (0.8, False, Outcome.PASS),
        (0.99, False, Outcome.FAIL),
    ],
)
def test_a_mean_is_held_against_the_baselines(mean: float, higher: bool, outcome: Outcome) -> None:
    """In the direction in which the metric is better, with its margin."""
    assert scored(mean, higher=higher).outcome is outcome


def test_figures_are_told() -> None:
    """Both means, both counts, and the loss."""
    assert scored(0.8).text.startswith("score 0.8 against 0.9 (n = 10,000, 90,000), worse by 0.08")
    assert scored(0.8).text.endswith(" at least, allowed 0.05")


def test_few_values_cannot_tell() -> None:
    """However good they are."""
    verdict = scored(1.0, count=99)
    assert (verdict.outcome, verdict.text) == (Outcome.CANNOT_TELL, "score takes 100 values, has 99 and 90,000")


def test_a_metric_that_did_not_come_cannot_tell() -> None:
    """It is named, with whose it is."""
    cohorts = {"blue": cohort("blue", OLD, 9, 0), "green": cohort("green", NEW, 9, 0, quality={})}
    assert check(rise(cohorts=cohorts)).text == "there is no accuracy of green"


def test_one_bad_metric_of_two_fails() -> None:
    """And only that one is told."""
    both = {"score": QualityMargin(0.05), "other": QualityMargin(0.05)}
    cohorts = {
        "blue": cohort("blue", OLD, 9, 0, quality={"score": sums(90_000, 0.9), "other": sums(90_000, 0.9)}),
        "green": cohort("green", NEW, 9, 0, quality={"score": sums(9_000, 0.9), "other": sums(9_000, 0.5)}),
    }
    verdict = check(rise(terms=replace(TERMS, quality=both), cohorts=cohorts))
    assert verdict.outcome is Outcome.FAIL
    assert verdict.text.startswith("other 0.5 against 0.9")
    assert "score" not in verdict.text


def test_no_metric_holds_nothing_against_it() -> None:
    """Quality is compared where it is declared."""
    assert check(rise(terms=replace(TERMS, quality={}))).passes


def test_each_of_many_metrics_has_to_be_surer() -> None:
    """What passes alone, only just, cannot be told where it is one of fifty."""

    def asked(names: list[str]) -> Outcome:
        ours, theirs = ({name: sums(count, mean) for name in names} for count, mean in ((9_000, 0.866), (90_000, 0.9)))
        cohorts = {"blue": cohort("blue", OLD, 9, 0, quality=theirs), "green": cohort("green", NEW, 9, 0, quality=ours)}
        terms = replace(TERMS, quality={name: QualityMargin(0.05) for name in names})
        return check(rise(terms=terms, cohorts=cohorts)).outcome

    assert asked(["score"]) is Outcome.PASS
    assert asked([f"score{number}" for number in range(50)]) is Outcome.CANNOT_TELL
