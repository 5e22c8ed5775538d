"""What a set can see, and how many examples it takes, beside statsmodels and by simulation."""

import math

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.power import TTestPower
from statsmodels.stats.proportion import proportion_confint

from sluice.errors import SluiceError
from sluice.evaluation.statistics import (
    components,
    discordant_deviation,
    examples_needed,
    examples_needed_for_share,
    paired,
    smallest_effect,
)
from tests.unit.evaluation.statistics.samples import answers, column, random

NAN = math.nan


@pytest.mark.parametrize("examples", [10, 50, 1_000])
@pytest.mark.parametrize("power", [0.8, 0.95])
def test_the_smallest_effect_is_statsmodels(examples: int, power: float) -> None:
    """The smallest effect is what statsmodels solves for the paired t test, in the metric's unit."""
    expected = TTestPower().solve_power(nobs=examples, alpha=0.025, power=power, alternative="larger")
    assert smallest_effect(0.2, examples, alpha=0.05, power=power) == pytest.approx(0.2 * expected, rel=0.02)


@pytest.mark.parametrize(("margin", "deviation"), [(0.02, 0.2), (0.5, 0.7), (0.01, 0.3)])
def test_the_examples_needed_are_statsmodels(margin: float, deviation: float) -> None:
    """The number of examples is what statsmodels solves for the paired t test, rounded up."""
    expected = TTestPower().solve_power(effect_size=margin / deviation, alpha=0.025, power=0.8, alternative="larger")
    assert examples_needed(margin, deviation, alpha=0.05, power=0.8) == pytest.approx(math.ceil(expected), abs=1)


def test_needed_and_smallest_agree() -> None:
    """A set of the size that a margin needs has about that margin for its smallest effect."""
    needed = examples_needed(0.03, 0.4, alpha=0.05, power=0.9)
    assert smallest_effect(0.4, needed, alpha=0.05, power=0.9) == pytest.approx(0.03, rel=0.01)


def test_more_runs_lessen_what_is_within() -> None:
    """Miller 2024: of answers that vary as much within as between, two runs take the variance from 2 to 1.5."""
    rows = random().normal(size=(4_000, 1))
    noise = random(1).normal(size=(4_000, 6)) / math.sqrt(2)
    found = components(paired(rows + noise[:, :3], 2 * rows + noise[:, 3:]))
    assert (found.between, found.within) == (pytest.approx(1, abs=0.08), pytest.approx(1, abs=0.05))
    assert found.deviation(1) ** 2 == pytest.approx(2, abs=0.1)
    assert found.deviation(2) ** 2 == pytest.approx(1.5, abs=0.1)


def test_components_with_another_number_of_runs_on_each_side() -> None:
    """Five runs of one version and two of the other are taken for what each is worth."""
    rows, noise = random(2).normal(size=(5_000, 1)), random(3).normal(size=(5_000, 7))
    found = components(paired(rows + noise[:, :5], 1.5 * rows + noise[:, 5:]))
    assert (found.between, found.within) == (pytest.approx(0.25, abs=0.07), pytest.approx(2, abs=0.06))


def test_components_where_runs_vary() -> None:
    """Examples of four runs beside as many of one give the same components as if each had as many."""
    rows, noise = random(13).normal(size=(8_000, 1)), random(14).normal(size=(8_000, 4))
    noise[::2, 1:] = NAN
    found = components(paired(rows + noise, 2 * rows + np.zeros((8_000, 2))))
    assert (found.between, found.within) == (pytest.approx(1, abs=0.07), pytest.approx(1, abs=0.05))


def test_one_run_does_not_tell_what_is_within() -> None:
    """From one run each nothing is known of what runs share, so more of them promise nothing."""
    found = components(paired(column(1, 2, 3), column(2, 2, 5)))
    assert math.isnan(found.within)
    assert found.deviation(1) == found.deviation(9) == pytest.approx(1)
    assert math.isnan(components(paired(column(1), column(2))).between)


def test_the_discordant_deviation_is_that_of_the_differences() -> None:
    """A table's discordant share and difference give the deviation of its paired differences."""
    differences = paired(*answers(40, 8, 3, 9)).differences()
    assert discordant_deviation(11 / 60, 5 / 60) == pytest.approx(differences.std())


def test_a_version_at_the_truth_passes_with_the_power() -> None:
    """An equal version on as many examples as planned is shown to be within the margin about as often as planned."""
    margin, share, generator = 0.03, 0.1, random(5)
    needed = examples_needed(margin, discordant_deviation(share), alpha=0.05, power=0.8)
    draws = generator.multinomial(needed, [share / 2, share / 2, 1 - share], size=4_000)
    difference = (draws[:, 0] - draws[:, 1]) / needed
    error = np.sqrt(draws[:, :2].sum(axis=1) / needed - difference**2) / math.sqrt(needed)
    assert ((difference - 1.96 * error) > -margin).mean() == pytest.approx(0.8, abs=0.03)


def test_a_share_at_the_truth_reaches_its_bound_with_the_power() -> None:
    """On as many examples as planned, a version that is good enough reaches the bound as planned."""
    needed = examples_needed_for_share(0.95, 0.97, alpha=0.05, power=0.8)
    right = np.arange(needed + 1)
    low = proportion_confint(right, needed, method="wilson")[0]
    reached = stats.binom.pmf(right, needed, 0.97)[low >= 0.95].sum()
    assert reached == pytest.approx(0.8, abs=0.03)


def test_a_ceiling_needs_as_many_as_the_floor_that_mirrors_it() -> None:
    """To show at most 5 percent when it is 3 takes as many as to show at least 95 when it is 97."""
    ceiling, floor = (
        examples_needed_for_share(bound, truth, alpha=0.05, power=0.8) for bound, truth in ((0.05, 0.03), (0.95, 0.97))
    )
    assert ceiling == floor


def test_runs_that_differ_save_examples() -> None:
    """Runs that repeat each other save nothing; those that are independent save as many as they are."""
    one, same, other = (
        examples_needed_for_share(0.9, 0.95, alpha=0.05, power=0.8, runs=runs, correlation=correlation)
        for runs, correlation in ((1, 1.0), (4, 1.0), (4, 0.0))
    )
    assert one == same
    assert other == math.ceil(one / 4)


def test_one_example_has_no_smallest_effect() -> None:
    """A single example sees nothing."""
    assert math.isnan(smallest_effect(0.2, 1, alpha=0.05, power=0.8))


@pytest.mark.parametrize("margin", [0.0, -0.1, NAN])
def test_no_set_shows_a_margin_of_nothing(margin: float) -> None:
    """A margin that is not above 0 takes endlessly many examples."""
    with pytest.raises(SluiceError, match=r"margin is .*; allowed: above 0"):
        examples_needed(margin, 0.2, alpha=0.05, power=0.8)


@pytest.mark.parametrize("deviation", [-0.1, NAN])
def test_an_unknown_deviation_is_refused(deviation: float) -> None:
    """Without a deviation nothing can be planned."""
    with pytest.raises(SluiceError, match=r"deviation is .*; allowed: 0 or more"):
        examples_needed(0.1, deviation, alpha=0.05, power=0.8)


@pytest.mark.parametrize(("bound", "truth"), [(0.9, 0.9), (1.0, 0.9), (0.0, 0.1), (0.9, 1.1)])
def test_a_bound_that_cannot_be_shown_is_refused(bound: float, truth: float) -> None:
    """A truth at the bound, or what is no share, cannot be planned for."""
    with pytest.raises(SluiceError, match=r"bound is .* and truth .*; allowed: a bound between 0 and 1"):
        examples_needed_for_share(bound, truth, alpha=0.05, power=0.8)


def test_impossible_plans_are_refused() -> None:
    """Significance, power, correlation, runs and shares have their ranges."""
    with pytest.raises(SluiceError, match="alpha is 0"):
        smallest_effect(1, 10, alpha=0, power=0.8)
    with pytest.raises(SluiceError, match="power is 1"):
        examples_needed(1, 1, alpha=0.05, power=1)
    with pytest.raises(SluiceError, match=r"correlation is 2; allowed: 0 to 1"):
        examples_needed_for_share(0.9, 0.95, alpha=0.05, power=0.8, correlation=2)
    with pytest.raises(SluiceError, match="runs is 0; allowed: 1 or more"):
        components(paired(column(1, 2), column(1, 3))).deviation(0)
    with pytest.raises(SluiceError, match=r"discordant share is 0\.1; allowed: from the difference, 0\.2, to 1"):
        discordant_deviation(0.1, 0.2)
