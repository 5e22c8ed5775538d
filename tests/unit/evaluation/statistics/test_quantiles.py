"""Intervals of percentiles."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sluice.errors import SluiceError
from sluice.evaluation.statistics import quantile_interval
from tests.unit.evaluation.statistics.samples import column, most, random

NAN = np.nan


@given(st.integers(1, 80), st.sampled_from([0.1, 0.5, 0.9, 0.95]), st.sampled_from([0.8, 0.95]))
def test_one_run_each_has_order_statistics(examples: int, q: float, confidence: float) -> None:
    """Each end is the innermost number seen whose exact tail by the binomial is small enough."""
    values = np.sort(random(examples).exponential(size=examples))
    found, tail = quantile_interval(column(*values), q, confidence=confidence), (1 - confidence) / 2
    slack = 1e-12
    if math.isnan(found.low):
        assert stats.binom.cdf(0, examples, q) > tail - slack
    else:
        rank = int(np.searchsorted(values, found.low)) + 1
        assert stats.binom.cdf(rank - 1, examples, q) <= tail + slack
        assert stats.binom.cdf(rank, examples, q) > tail - slack
    if math.isnan(found.high):
        assert stats.binom.sf(examples - 1, examples, q) > tail - slack
    else:
        rank = int(np.searchsorted(values, found.high)) + 1
        assert stats.binom.sf(rank - 1, examples, q) <= tail + slack
        assert stats.binom.sf(rank - 2, examples, q) > tail - slack


def test_the_interval_is_scipys() -> None:
    """The ends of a median are those of scipy's test of quantiles."""
    values = random().normal(size=75)
    ends = stats.quantile_test(values, p=0.5).confidence_interval(0.95)
    found = quantile_interval(column(*values), 0.5)
    assert (found.low, found.high) == (ends.low, ends.high)
    assert found.estimate == np.median(values)


def test_an_end_beyond_what_was_seen_is_unknown() -> None:
    """50 answers do not bound the 99th percentile from above, and nothing bounds it at a single one."""
    found = quantile_interval(column(*range(50)), 0.99)
    assert not math.isnan(found.low)
    assert math.isnan(found.high)
    single = quantile_interval([[1.0, 2.0, 3.0]], 0.5)
    assert single.estimate == 2
    assert math.isnan(single.low)
    assert math.isnan(single.high)


def test_repeating_an_answer_tells_nothing_new() -> None:
    """Runs that repeat each other do not narrow the interval."""
    once = random().exponential(size=(300, 1))
    one, five = quantile_interval(once, 0.9), quantile_interval(np.repeat(once, 5, axis=1), 0.9)
    assert (five.low, five.high) == pytest.approx((one.low, one.high), rel=0.02)
    assert five.method == "order statistics, clustered by example"


def test_runs_may_vary() -> None:
    """Missing runs are no numbers, and examples without any are counted."""
    found = quantile_interval([[1, 2, NAN], [NAN, NAN, NAN], [3, NAN, NAN]], 0.5)
    assert (found.estimate, found.examples, found.runs, found.dropped) == (2, 2, 3, 1)


def test_no_numbers_have_no_percentile() -> None:
    """When every call failed there is no latency to tell."""
    found = quantile_interval(np.full((3, 2), NAN), 0.5)
    assert math.isnan(found.estimate)
    assert (found.examples, found.dropped) == (0, 3)


@pytest.mark.parametrize("q", [0.0, 1.0, 95.0, NAN])
def test_a_quantile_is_between_0_and_1(q: float) -> None:
    """The 95th percentile is 0.95."""
    with pytest.raises(SluiceError, match=r"q is .*; allowed: between 0 and 1"):
        quantile_interval(column(1, 2), q)


@pytest.mark.parametrize(("examples", "q", "shared"), [(100, 0.95, 1.0), (300, 0.99, 0.3), (100, 0.5, 2.0)])
def test_a_percentile_is_covered_with_clusters(examples: int, q: float, shared: float) -> None:
    """About 95 percent of intervals hold the true percentile, however much an example's runs have in common."""
    generator, repeats, missed = random(1), 300, 0
    truth = math.exp(stats.norm.ppf(q) * math.hypot(shared, 0.5))
    for _ in range(repeats):
        common = shared * generator.normal(size=(examples, 1))
        found = quantile_interval(np.exp(common + 0.5 * generator.normal(size=(examples, 5))), q)
        missed += found.low > truth or found.high < truth
    assert missed / repeats < most(0.05, repeats) + 0.01
