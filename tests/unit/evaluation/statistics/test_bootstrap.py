"""The bootstrap of paired examples, beside scipy's."""

import numpy as np
import pytest
from scipy import stats

from sluice.errors import SluiceError
from sluice.evaluation.statistics import (
    Bootstrap,
    Runs,
    bootstrap_mean,
    bootstrap_quantile_ratio,
    paired,
    quantile_bootstrap,
)
from sluice.evaluation.statistics.bootstrap import drawn
from sluice.evaluation.statistics.quantile_bootstrap import Ordered, counted
from tests.unit.evaluation.statistics.samples import column, most, random

NAN = np.nan


def skewed(examples: int = 60, seed: int = 0) -> Runs:
    """Returns differences with a long tail, where bias and skew matter."""
    return random(seed).exponential(size=examples) ** 1.5 - 0.5


def test_the_interval_is_scipys() -> None:
    """The BCa ends of a skewed mean are scipy's within the noise of the draws, and not those of plain percentiles."""
    differences = skewed()
    ours = bootstrap_mean(differences, resamples=40_000, seed=1)
    theirs = stats.bootstrap(
        (differences,), np.mean, n_resamples=40_000, batch=2_000, rng=np.random.default_rng(2)
    ).confidence_interval
    noise = 0.06 * ours.error
    assert ours.interval() == pytest.approx((theirs.low, theirs.high), abs=noise)
    assert np.quantile(ours.replicates, 0.975) < theirs.high - 3 * noise


def test_the_percentiles_interval_is_scipys() -> None:
    """The ends of a ratio of medians of clustered runs are scipy's within the noise of the draws."""
    old, new = random(3).gamma(2, size=(80, 3)), random(4).gamma(2.4, size=(80, 3))
    ours = bootstrap_quantile_ratio(paired(old, new), 0.5, resamples=5_000, seed=1)

    def ratio(rows: Runs) -> float:
        return float(np.log(np.median(new[rows]) / np.median(old[rows])))

    theirs = stats.bootstrap(
        (np.arange(80),), ratio, vectorized=False, n_resamples=5_000, method="percentile", rng=np.random.default_rng(2)
    )
    ends = np.quantile(ours.replicates, [0.025, 0.975])
    assert ends == pytest.approx(list(theirs.confidence_interval), abs=0.15 * ours.error)
    assert ours.error == pytest.approx(theirs.standard_error, rel=0.06)


@pytest.mark.parametrize("q", [0.03, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("examples", [2, 37, 900])
def test_percentiles_of_resamples_are_numpys(examples: int, q: float) -> None:
    """Each resample's percentile is what numpy says of its numbers, also where runs vary."""
    runs = random(5).gamma(2, size=(examples, 3)).round(2)
    runs[random(6).random(runs.shape) < 0.3] = NAN
    runs[:, 0] = 0.5
    ordered = Ordered.of(runs, q)
    for draws, counts in zip(drawn(examples, 40, 0), counted(examples, 40, 0), strict=True):
        expected = [np.nanquantile(runs[rows], q) for rows in draws]
        assert ordered.resampled(counts) == pytest.approx(expected)


def test_a_percentile_outside_the_window_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the window is too small for many resamples, their percentiles are right all the same."""
    monkeypatch.setattr(quantile_bootstrap, "_WINDOW", 0.2)
    runs = random(7).random((400, 2))
    ordered = Ordered.of(runs, 0.6)
    for draws, counts in zip(drawn(400, 300, 1), counted(400, 300, 1), strict=True):
        assert ordered.resampled(counts) == pytest.approx([np.nanquantile(runs[rows], 0.6) for rows in draws])


@pytest.mark.parametrize("q", [0.2, 0.5, 0.95])
def test_the_acceleration_of_a_percentile_is_a_shares(q: float) -> None:
    """Beside constant latencies it is that of the share below, (2q - 1)/(6 sqrt(n q (1 - q))), and turns with sides."""
    values, constant = random(12).gamma(2, size=(400, 1)), np.ones((400, 1))
    expected = (2 * q - 1) / (6 * np.sqrt(400 * q * (1 - q)))
    there, back = (
        bootstrap_quantile_ratio(paired(*sides), q, resamples=10) for sides in ((constant, values), (values, constant))
    )
    assert there.acceleration == pytest.approx(expected, abs=1e-4)
    assert back.acceleration == pytest.approx(-expected, abs=1e-4)


def test_chunks_draw_as_often_as_asked() -> None:
    """However the draws are cut into chunks, there are as many as resamples, and all examples are drawn."""
    chunks = list(drawn(1_000, 450, 0))
    assert sum(len(chunk) for chunk in chunks) == 450
    assert len(chunks) > 1
    assert set(np.unique(np.concatenate(chunks))) == set(range(1_000))


def test_the_same_seed_gives_the_same() -> None:
    """A comparison can be repeated to the last digit, and another seed draws others."""
    one, again, other = (bootstrap_mean(skewed(), resamples=500, seed=seed).interval() for seed in (1, 1, 2))
    assert one == again != other


def test_p_values_and_interval_agree() -> None:
    """A supposed truth at an end of the interval has half of its significance for p value."""
    found = bootstrap_mean(skewed(25), resamples=20_000)
    for confidence in (0.5, 0.8, 0.9, 0.95):
        low, high = found.interval(confidence, small_sample=True)
        assert found.p_above(low) == pytest.approx((1 - confidence) / 2, abs=2e-3)
        assert found.p_below(high) == pytest.approx((1 - confidence) / 2, abs=2e-3)


def test_p_values_rise_with_what_is_supposed() -> None:
    """The further up the supposed truth, the less it can be said that the truth lies above it."""
    found = bootstrap_mean(skewed(), resamples=999)
    p_values = [found.p_above(supposed) for supposed in np.linspace(-5, 8, 60)]
    assert p_values == sorted(p_values)
    assert p_values[0] < 1e-4
    assert p_values[-1] > 1 - 1e-4


def test_many_figures_can_be_corrected_for() -> None:
    """A few resamples say as clearly as many that a truth dozens of errors away is none, however skewed."""
    for resamples in (200, 10_000):
        found = bootstrap_mean(skewed(), resamples=resamples)
        assert found.p_above(found.estimate - 30 * found.error) < 1e-6
        assert found.p_below(found.estimate + 30 * found.error) < 1e-6


def test_few_examples_have_wider_intervals() -> None:
    """The interval for small samples is the wider, the more so the fewer there are, and for many it is the same."""
    ratios = []
    for examples in (8, 40, 5_000):
        found = bootstrap_mean(random(9).normal(size=examples), resamples=4_000)
        (low, high), (wide_low, wide_high) = found.interval(), found.interval(small_sample=True)
        ratios.append((wide_high - wide_low) / (high - low))
    assert ratios[0] > 1.15 > ratios[1] > 1.01 > ratios[2]


def test_swapping_the_versions_mirrors_the_interval() -> None:
    """The interval of the differences' negatives is the negative of the interval."""
    low, high = bootstrap_mean(skewed(), seed=3).interval()
    assert bootstrap_mean(-skewed(), seed=3).interval() == pytest.approx((-high, -low))


def test_scaling_scales_the_interval() -> None:
    """In another unit the interval is the same."""
    low, high = bootstrap_mean(skewed(), seed=3).interval()
    assert bootstrap_mean(1000 * skewed() + 5, seed=3).interval() == pytest.approx((1000 * low + 5, 1000 * high + 5))


def test_ties_do_not_break_it() -> None:
    """Differences that are all the same give that one, from end to end."""
    found = bootstrap_mean(np.full(30, 0.25), resamples=500)
    assert found.interval() == (0.25, 0.25)
    assert (found.bias, found.acceleration) == (0, 0)


def test_an_extreme_skew_ends_at_the_furthest_replicate() -> None:
    """Where the correction has no bound, the end is the furthest replicate and no number is made up."""
    found = Bootstrap(0.0, np.sort(random().normal(size=500)), 0.9, 50)
    assert found.interval(0.99)[1] == found.replicates[-1]
    assert found.p_above(-9.0) == 0


@pytest.mark.parametrize("examples", [0, 1])
def test_too_few_examples_are_refused(examples: int) -> None:
    """One example cannot be drawn differently."""
    with pytest.raises(SluiceError, match=f"a bootstrap of {examples} examples says nothing; give it 2 or more"):
        bootstrap_mean(np.ones(examples))


def test_a_ratio_takes_values_above_0() -> None:
    """A latency of 0 has no ratio, and the message says on which side it is."""
    with pytest.raises(SluiceError, match="new holds 0; a ratio of percentiles takes values above 0"):
        bootstrap_quantile_ratio(paired(column(1, 2), column(0, 2)), 0.5)


@pytest.mark.parametrize(("examples", "skew"), [(20, False), (40, True)])
def test_a_mean_is_covered(examples: int, skew: bool) -> None:
    """About 95 percent of the intervals for small samples hold the true mean."""
    generator, repeats, missed = random(11), 500, 0
    for seed in range(repeats):
        differences = generator.exponential(size=examples) - 1 if skew else generator.normal(size=examples)
        low, high = bootstrap_mean(differences, resamples=1_000, seed=seed).interval(small_sample=True)
        missed += not low <= 0 <= high
    assert 0.02 < missed / repeats < most(0.05, repeats) + (0.015 if skew else 0)
