"""Intervals of shares and means."""

import math

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from sluice.errors import SluiceError
from sluice.evaluation.statistics import Runs, clustered_error, mean_interval
from sluice.evaluation.statistics.intervals import effective_answers
from tests.unit.evaluation.statistics.samples import column, flaky, most, random

NAN = np.nan
_scores = arrays.arrays(
    np.float64, st.tuples(st.integers(2, 12), st.integers(1, 4)), elements=st.floats(-100, 100) | st.just(NAN)
)


def test_a_share_has_wilsons_interval() -> None:
    """81 of 263 has the interval of Newcombe 1998, "Two-sided confidence intervals for the single proportion"."""
    found = mean_interval(column(*[1] * 81, *[0] * 182), kind="binary")
    assert (round(found.low, 4), round(found.high, 4)) == (0.2553, 0.3662)
    assert (found.method, found.examples, found.runs) == ("Wilson", 263, 263)


@given(st.integers(1, 60), st.data())
def test_a_share_is_statsmodels(examples: int, data: st.DataObject) -> None:
    """With one run each, the interval is that of statsmodels at any confidence."""
    right, confidence = data.draw(st.integers(0, examples)), data.draw(st.sampled_from([0.8, 0.95, 0.99]))
    found = mean_interval(column(*[1] * right, *[0] * (examples - right)), kind="binary", confidence=confidence)
    expected = proportion_confint(right, examples, 1 - confidence, method="wilson")
    assert (found.low, found.high) == pytest.approx(expected)


def test_the_clustered_error_is_statsmodels() -> None:
    """With equally many runs, the error is that of a regression on a constant with errors clustered by example."""
    runs = random().normal(size=(40, 1)) + random(1).normal(size=(40, 5))
    groups = np.repeat(np.arange(40), 5)
    model = sm.OLS(runs.ravel(), np.ones(200)).fit(cov_type="cluster", cov_kwds={"groups": groups, "use_t": True})
    assert clustered_error(runs) == pytest.approx(model.bse[0])
    found = mean_interval(runs, kind="score")
    reach = stats.t.isf(0.025, 39) * model.bse[0]
    assert (found.low, found.high) == pytest.approx((model.params[0] - reach, model.params[0] + reach))


def test_repeating_an_answer_tells_nothing_new() -> None:
    """Five equal runs of each example give the interval of one run, but for Student's t."""
    once = flaky(random(), np.full(200, 0.9), 1)
    one, five = mean_interval(once, kind="binary"), mean_interval(np.repeat(once, 5, axis=1), kind="binary")
    assert (five.low, five.high) == pytest.approx((one.low, one.high), abs=5e-4)
    assert five.runs == 5 * one.runs


def test_few_clustered_examples_have_students_quantile() -> None:
    """Six examples, each asked twice with the same answer, have Wilson's interval with Student's t for the normal."""
    found = mean_interval(np.repeat(column(1, 1, 1, 1, 0, 0), 2, axis=1), kind="binary")
    expected = proportion_confint(4, 6, 2 * stats.norm.sf(stats.t.isf(0.025, 5)), method="wilson")
    assert (found.low, found.high) == pytest.approx(expected)


def test_independent_runs_are_worth_as_many_examples() -> None:
    """When an example's runs have nothing in common, five runs give about the interval of five times the examples."""
    found = mean_interval(flaky(random(), np.full(400, 0.7), 5), kind="binary")
    low, high = proportion_confint(found.estimate * 2000, 2000, method="wilson")
    assert found.high - found.low == pytest.approx(high - low, rel=0.1)


def test_the_effective_number_is_the_variance_of_a_share_over_the_clustered_one() -> None:
    """Four examples of two runs, right in 2, 2, 1 and 0 of them, are worth 5.45 answers; repeated ones just as many."""
    runs = np.array([[1.0, 1.0], [1.0, 1.0], [1.0, 0.0], [0.0, 0.0]])
    assert effective_answers(runs) == pytest.approx((0.625 * 0.375) / (0.6875 / 4 / 4))
    for examples in range(2, 60):
        once = flaky(random(examples), np.full(examples, 0.5), 1)
        assert effective_answers(np.repeat(once, 3, axis=1)) >= examples


def test_each_example_weighs_the_same() -> None:
    """An example that was asked more often does not count for more."""
    runs = np.array([[1, 1, 1, 1], [0, NAN, NAN, NAN], [0, 0, NAN, NAN]])
    assert mean_interval(runs, kind="binary").estimate == pytest.approx(1 / 3)


@pytest.mark.parametrize("runs", [1, 5])
@pytest.mark.parametrize("answer", [0, 1])
def test_equal_answers_are_no_certainty(answer: int, runs: int) -> None:
    """20 examples that are all right, or all wrong, leave room for 15 percent, however often they were asked."""
    found = mean_interval(np.full((20, runs), float(answer)), kind="binary")
    assert found.estimate == answer
    assert 0.15 < found.high - found.low < 0.25
    assert 0 <= found.low <= answer <= found.high <= 1


def test_examples_that_are_alike_have_the_interval_of_all_answers() -> None:
    """When every example is right in three of five runs, nothing is shared within examples: each answer counts."""
    found = mean_interval(np.tile([1.0, 1.0, 1.0, 0.0, 0.0], (40, 1)), kind="binary")
    low, high = proportion_confint(120, 200, method="wilson")
    assert (found.low, found.high) == pytest.approx((low, high), abs=4e-3)


def test_rounding_is_no_spread() -> None:
    """Equal scores whose means differ by rounding alone are equal."""
    runs = np.array([[0.1, 0.1, 0.1], [0.1, NAN, NAN], [0.1, 0.1, 0.1]])
    assert clustered_error(runs) > 0
    assert math.isnan(mean_interval(runs, kind="score").low)


def test_equal_scores_tell_no_interval() -> None:
    """Equal scores, and a single example, say nothing of what others would be."""
    equal, single = mean_interval(column(2, 2, 2), kind="score"), mean_interval([[1.0, 4.0]], kind="score")
    assert (equal.estimate, single.estimate) == (2, 2.5)
    assert all(map(math.isnan, (equal.low, equal.high, single.low, single.high)))
    assert (equal.method, single.method) == ("equal scores: no interval", "one example: no interval")


@pytest.mark.parametrize("kind", ["binary", "score"])
@pytest.mark.parametrize("runs", [np.empty((0, 3)), np.full((4, 2), NAN)])
def test_no_scores_tell_nothing(runs: Runs, kind: str) -> None:
    """An empty set, and one whose every answer failed, has no figure; what was left out is counted."""
    found = mean_interval(runs, kind=kind)
    assert math.isnan(found.estimate)
    assert math.isnan(found.low)
    assert (found.examples, found.runs, found.dropped) == (0, 0, len(runs))


def test_unscored_examples_are_counted() -> None:
    """An example without a score is left out, and said to be."""
    found = mean_interval([[1.0, NAN], [NAN, NAN], [0.0, 1.0]], kind="binary")
    assert (found.estimate, found.examples, found.runs, found.dropped) == (0.75, 2, 3, 1)


@pytest.mark.parametrize(
    ("kind", "confidence", "message"),
    [
        ("binary", 0.95, "scores hold 0.5; a binary metric's are 0 or 1"),
        ("share", 0.95, "kind is 'share'; allowed: binary, score"),
        ("score", 1.0, "confidence is 1; allowed: between 0 and 1"),
    ],
)
def test_what_makes_no_sense_is_refused(kind: str, confidence: float, message: str) -> None:
    """Scores of another kind, unknown kinds and impossible confidences are told."""
    with pytest.raises(SluiceError, match=message):
        mean_interval(column(0, 0.5), kind=kind, confidence=confidence)


@given(_scores, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(runs: Runs, order: object) -> None:
    """Shuffled examples have the same interval."""
    rows = list(range(len(runs)))
    order.shuffle(rows)  # type: ignore[attr-defined]
    one, other = mean_interval(runs, kind="score"), mean_interval(runs[rows], kind="score")
    assert (other.estimate, other.low, other.high) == pytest.approx(
        (one.estimate, one.low, one.high), rel=1e-6, abs=1e-6, nan_ok=True
    )


@pytest.mark.parametrize(
    ("examples", "runs", "right", "wrong"),
    [(50, 5, 18.0, 2.0), (100, 5, 0.9, 0.1), (200, 3, 95.0, 5.0), (120, 1, 9.0, 1.0)],
)
def test_a_share_is_covered(examples: int, runs: int, right: float, wrong: float) -> None:
    """Whether runs repeat each other or not, about 95 percent of intervals hold the true share."""
    generator, repeats, truth = random(3), 400, right / (right + wrong)
    missed = 0
    for _ in range(repeats):
        found = mean_interval(flaky(generator, generator.beta(right, wrong, examples), runs), kind="binary")
        missed += not found.low <= truth <= found.high
    assert missed / repeats < most(0.05, repeats) + 0.01


def test_a_mean_is_covered() -> None:
    """About 95 percent of intervals of clustered scores hold the true mean; those that ignore clusters do not."""
    generator, repeats = random(4), 500
    missed, naive = 0, 0
    for _ in range(repeats):
        runs = generator.normal(size=(30, 1)) + 0.5 * generator.normal(size=(30, 4))
        found = mean_interval(runs, kind="score")
        missed += not found.low <= 0 <= found.high
        naive += abs(runs.mean()) > 1.96 * runs.std(ddof=1) / math.sqrt(runs.size)
    assert 0.02 < missed / repeats < most(0.05, repeats)
    assert naive / repeats > 0.2
