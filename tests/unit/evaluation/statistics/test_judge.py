"""What is said of the difference between two versions in one metric."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sluice.errors import SluiceError
from sluice.evaluation.statistics import Difference, Runs, judge_difference, mcnemar, verdicts
from sluice.evaluation.statistics.paired import Table
from sluice.evaluation.verdict import Verdict
from tests.unit.evaluation.statistics.samples import answers, column, flaky, random

NAN = np.nan


def verdict(found: Difference) -> Verdict:
    """Returns the verdict of one figure by itself."""
    return verdicts({"it": found})["it"]


def test_single_answers_are_judged_by_mcnemar() -> None:
    """With one run each, better and worse are McNemar's exact one-sided p values."""
    found = judge_difference(*answers(50, 12, 3, 35), kind="binary", margin=0.05)
    table = Table(50, 12, 3, 35)
    assert found.estimate == pytest.approx(0.09)
    assert (found.p_better, found.p_worse) == (mcnemar(table, "greater"), mcnemar(table, "less"))
    assert (found.method, found.examples, found.runs_old, found.runs_new) == ("McNemar, Tango", 100, 100, 100)
    assert verdict(found) is Verdict.BETTER


@pytest.mark.parametrize("runs", [1, 5])
@pytest.mark.parametrize("right", [0.0, 0.5, 1.0])
def test_identical_answers_count_for_as_many_as_they_are(runs: int, right: float) -> None:
    """20 identical answers cannot tell a small margin, 5,000 show it, however often each was asked."""
    for examples, expected in ((20, Verdict.CANNOT_TELL), (5_000, Verdict.NOT_WORSE)):
        same = np.repeat(flaky(random(), np.full(examples, right), 1), runs, axis=1)
        found = judge_difference(same, same, kind="binary", margin=0.01)
        assert found.estimate == 0
        assert found.low < 0 < found.high
        assert verdict(found) is expected


def test_identical_scores_count_for_as_many_as_they_are() -> None:
    """Of identical scores it is assumed that an unseen difference is no larger than the spread of those seen."""
    for examples, expected in ((20, Verdict.CANNOT_TELL), (5_000, Verdict.NOT_WORSE)):
        same = random().random((examples, 2))
        found = judge_difference(same, same, kind="score", margin=0.01)
        assert found.low < 0 < found.high
        assert "guarded by the scores' spread" in found.method
        assert verdict(found) is expected


def test_scores_without_any_spread_tell_nothing() -> None:
    """When every score is the same, nothing says how large a difference could be."""
    found = judge_difference(np.ones((5_000, 1)), np.ones((5_000, 1)), kind="score", margin=0.5)
    assert (found.estimate, found.method) == (0, "all scores equal")
    assert math.isnan(found.low)
    assert found.p_not_worse is not None
    assert math.isnan(found.p_not_worse)
    assert verdict(found) is Verdict.CANNOT_TELL


def test_a_shift_that_is_always_the_same_is_no_certainty() -> None:
    """Scores that all rise by the same, but for rounding, are guarded as equal ones are: others may not rise."""
    old = random().random((50, 1))
    found = judge_difference(old, old + 0.1, kind="score")
    assert "guarded" in found.method
    assert found.low < 0.07 < found.high - 0.03


def test_a_few_changed_scores_are_not_bootstrapped() -> None:
    """Three examples that lost and thousands that stayed are no case for resampling."""
    old = random().random((1_000, 1))
    new = old.copy()
    new[:3] = 0
    found = judge_difference(old, new, kind="score")
    assert "guarded" in found.method
    new[:40] = 0
    assert judge_difference(old, new, kind="score").method == "paired bootstrap, BCa"


def test_runs_are_clustered() -> None:
    """A difference that repeats in each of ten runs is as little known as in one."""
    old, new = answers(80, 12, 4, 4)
    one = judge_difference(old, new, kind="binary")
    ten = judge_difference(np.repeat(old, 10, axis=1), np.repeat(new, 10, axis=1), kind="binary")
    assert ten.estimate == pytest.approx(one.estimate)
    assert ten.high - ten.low == pytest.approx(one.high - one.low, rel=0.12)
    assert (ten.runs_old, ten.examples) == (1_000, 100)


def test_a_small_set_hides_what_a_large_one_shows() -> None:
    """A loss of 3 percent is not seen on 20 examples, and is seen on 2,000."""
    generator = random(4)
    for examples, expected in ((20, Verdict.CANNOT_TELL), (2_000, Verdict.WORSE)):
        old = flaky(generator, np.full(examples, 0.95), 1)
        lost = generator.random((examples, 1)) < 0.035
        assert verdict(judge_difference(old, old * ~lost, kind="binary", margin=0.01)) is expected


def test_a_loss_within_the_margin_is_not_worse() -> None:
    """What is surely worse, and as surely by less than the margin, is not worse; without a margin it is worse."""
    old, new = answers(9_000, 20, 70, 910)
    assert verdict(judge_difference(old, new, kind="binary", margin=0.02)) is Verdict.NOT_WORSE
    assert verdict(judge_difference(old, new, kind="binary")) is Verdict.WORSE


def test_without_a_margin_there_is_no_such_p_value() -> None:
    """Where no regression is agreed to be tolerated, it is not asked whether it is exceeded."""
    assert judge_difference(*answers(5, 5, 5, 5), kind="binary").p_not_worse is None


def test_a_margin_of_0_asks_for_better() -> None:
    """To be not worse by 0 is to be better."""
    for kind, (old, new) in (
        ("binary", answers(5, 9, 2, 5)),
        ("score", (column(*range(20)), column(*range(1, 21))[::-1])),
    ):
        found = judge_difference(old, new, kind=kind, margin=0)
        assert found.p_not_worse == found.p_better


def test_a_margin_of_everything_is_always_kept() -> None:
    """A share cannot fall by more than 1."""
    assert judge_difference(*answers(0, 0, 4, 0), kind="binary", margin=1).p_not_worse == 0


@pytest.mark.parametrize("kind", ["binary", "score"])
@pytest.mark.parametrize("runs", [1, 3])
def test_lower_may_be_better(kind: str, runs: int) -> None:
    """Where lower is better, the estimate keeps its sign and the p values change places."""
    old, new = (flaky(random(seed), np.full(60, share), runs) for seed, share in ((1, 0.7), (2, 0.5)))
    higher = judge_difference(old, new, kind=kind, margin=0.1)
    lower = judge_difference(old, new, kind=kind, direction="lower", margin=0.1)
    assert (lower.estimate, lower.low, lower.high) == pytest.approx(
        (higher.estimate, higher.low, higher.high), abs=1e-9
    )
    assert (lower.p_better, lower.p_worse) == pytest.approx((higher.p_worse, higher.p_better), abs=1e-9)
    assert lower.p_not_worse is not None
    assert higher.p_not_worse is not None
    assert lower.p_not_worse < 0.025 < higher.p_not_worse


@settings(max_examples=40)
@given(st.integers(0, 1_000), st.sampled_from(["binary", "score"]), st.integers(1, 3), st.integers(12, 60))
def test_swapping_the_versions_mirrors_it(seed: int, kind: str, runs: int, examples: int) -> None:
    """What is better from one side is worse from the other, by as much."""
    generator = random(seed)
    old, new = (flaky(generator, generator.random(examples), runs) for _ in range(2))
    there = judge_difference(old, new, kind=kind, resamples=500)
    back = judge_difference(new, old, kind=kind, resamples=500)
    assert (back.estimate, back.low, back.high) == pytest.approx((-there.estimate, -there.high, -there.low), abs=1e-9)
    assert (back.p_better, back.p_worse) == pytest.approx((there.p_worse, there.p_better), abs=1e-9)


@settings(max_examples=40)
@given(st.integers(0, 1_000), st.floats(0.001, 1_000), st.floats(-50, 50))
def test_another_unit_changes_nothing_else(seed: int, factor: float, offset: float) -> None:
    """Scaled scores with a scaled margin have scaled figures and the same p values."""
    generator = random(seed)
    old = generator.normal(size=(30, 2))
    new = old + generator.normal(size=(30, 2))
    one = judge_difference(old, new, kind="score", margin=0.3, resamples=500)
    other = judge_difference(
        factor * old + offset, factor * new + offset, kind="score", margin=0.3 * factor, resamples=500
    )
    assert (other.low, other.high) == pytest.approx((factor * one.low, factor * one.high), rel=1e-6, abs=1e-6 * factor)
    assert (other.p_not_worse, other.p_better) == pytest.approx((one.p_not_worse, one.p_better))


@pytest.mark.parametrize(("kind", "runs"), [("binary", 1), ("binary", 4), ("score", 2)])
def test_the_order_of_examples_hardly_matters(kind: str, runs: int) -> None:
    """Shuffled pairs give the same figure; a bootstrap differs by the noise of its draws."""
    generator = random(3)
    old, new = (flaky(generator, generator.random(80), runs) for _ in range(2))
    rows = generator.permutation(80)
    one = judge_difference(old, new, kind=kind)
    other = judge_difference(old[rows], new[rows], kind=kind)
    noise = 0.05 * (one.high - one.low)
    assert (other.low, other.high) == pytest.approx((one.low, one.high), abs=noise if kind == "score" else 1e-12)


@pytest.mark.parametrize("runs", [1, 4])
@pytest.mark.parametrize("kind", ["binary", "score"])
def test_the_interval_and_the_margin_agree(kind: str, runs: int) -> None:
    """The margin is shown at alpha/2 exactly when the interval's lower end lies above it."""
    for seed in range(40):
        generator = random(seed)
        old, new = (flaky(generator, np.full(150, 0.8), runs) for _ in range(2))
        found = judge_difference(old, new, kind=kind, margin=0.08, alpha=0.1)
        assert found.p_not_worse is not None
        if abs(found.p_not_worse - 0.05) > 3e-3:
            assert (found.p_not_worse < 0.05) == (found.low > -0.08)


def test_runs_may_vary_and_scores_may_lack() -> None:
    """Examples are compared by the runs that they have; those without a score of both are counted."""
    old = np.array([[1, 0, NAN], [1, NAN, NAN], [NAN, NAN, NAN], [0, 1, 1]])
    new = np.array([[1, 1, 1], [NAN, NAN, NAN], [1, 1, 1], [1, NAN, NAN]])
    found = judge_difference(old, new, kind="binary", margin=0.1)
    assert found.estimate == pytest.approx((0.5 + 1 / 3) / 2)
    assert (found.examples, found.only_old, found.only_new, found.runs_old, found.runs_new) == (2, 1, 1, 5, 4)


@pytest.mark.parametrize("kind", ["binary", "score"])
@pytest.mark.parametrize("old", [np.empty((0, 2)), np.array([[NAN, NAN], [1, 0]])])
def test_no_common_examples_tell_nothing(old: Runs, kind: str) -> None:
    """An empty set, and sets of which no example was scored for both, tell nothing."""
    new = np.array([[1.0, 1.0], [NAN, NAN]])[: len(old)]
    found = judge_difference(old, new, kind=kind, margin=0.1)
    assert (found.method, found.examples) == ("no common examples", 0)
    assert math.isnan(found.estimate)
    assert verdict(found) is Verdict.CANNOT_TELL


@pytest.mark.parametrize(("kind", "runs"), [("binary", 1), ("binary", 2), ("score", 1)])
def test_one_example_tells_nothing(kind: str, runs: int) -> None:
    """Of a single example nothing is said but the figure."""
    found = judge_difference(np.zeros((1, runs)), np.ones((1, runs)), kind=kind, margin=0.1)
    assert found.estimate == 1
    assert math.isnan(found.smallest_effect)
    assert verdict(found) is Verdict.CANNOT_TELL


def test_the_smallest_effect_shrinks_with_the_set() -> None:
    """Four times the examples see half of the difference, and no set sees nothing."""
    small, large = (judge_difference(*answers(80 * k, 5 * k, 5 * k, 10 * k), kind="binary") for k in (10, 40))
    assert small.smallest_effect == pytest.approx(2 * large.smallest_effect, rel=0.01)
    assert judge_difference(*answers(100, 0, 0, 0), kind="binary").smallest_effect > 0.03


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"kind": "share"}, "kind is 'share'; allowed: binary, score"),
        ({"kind": "score", "direction": "up"}, "direction is 'up'; allowed: higher, lower"),
        ({"kind": "score", "margin": -0.1}, "margin is -0.1; allowed: 0 or more"),
        ({"kind": "score", "margin": NAN}, "margin is nan; allowed: 0 or more"),
        ({"kind": "score", "alpha": 0}, "alpha is 0; allowed: between 0 and 1"),
        ({"kind": "score", "power": 1}, "power is 1; allowed: between 0 and 1"),
        ({"kind": "binary"}, "new hold 0.5; a binary metric's are 0 or 1"),
    ],
)
def test_what_makes_no_sense_is_refused(asked: dict[str, object], message: str) -> None:
    """Unknown words, impossible numbers and scores of another kind are told with what is allowed."""
    with pytest.raises(SluiceError, match=message):
        judge_difference(column(0, 1), column(0.5, 1), **asked)  # type: ignore[arg-type]
