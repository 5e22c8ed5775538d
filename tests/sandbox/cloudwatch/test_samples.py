"""Statistics of what was measured."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice_sandbox.cloudwatch.samples import Samples, percentile_of, too_few

VALUES = st.lists(st.tuples(st.floats(-1e6, 1e6), st.integers(1, 50)), min_size=1, max_size=30)


def _samples(counted: list[tuple[float, int]]) -> Samples:
    samples = Samples()
    for value, count in counted:
        samples.add(value, count)
    return samples


@given(VALUES)
def test_statistics_are_those_of_all_values(counted: list[tuple[float, int]]) -> None:
    """A value with a count is as good as that many values."""
    samples, every = _samples(counted), [value for value, count in counted for _ in range(count)]
    assert samples.statistic("SampleCount") == len(every)
    assert samples.statistic("Sum") == pytest.approx(math.fsum(every), abs=1e-3)
    assert samples.statistic("Average") == pytest.approx(math.fsum(every) / len(every), abs=1e-6)
    assert (samples.statistic("Minimum"), samples.statistic("Maximum")) == (min(every), max(every))


@given(VALUES, st.integers(1, 99))
def test_a_percentile_is_the_least_value_that_so_many_do_not_exceed(
    counted: list[tuple[float, int]], percent: int
) -> None:
    """At least the share lies at or below it, and less than the share below it."""
    found = _samples(counted).statistic(f"p{percent}")
    every = [value for value, count in counted for _ in range(count)]
    assert found is not None
    assert sum(value <= found for value in every) * 100 >= percent * len(every)
    assert sum(value < found for value in every) * 100 < percent * len(every)


@given(VALUES, VALUES)
def test_merging_is_measuring_together(one: list[tuple[float, int]], other: list[tuple[float, int]]) -> None:
    """Two stretches of time have the percentiles of one that holds both."""
    merged, together = _samples(one), _samples(one + other)
    merged.merge(_samples(other))
    assert merged.statistic("p90") == together.statistic("p90")
    assert merged.count == together.count


def test_a_statistic_set_has_no_percentiles_unless_its_values_are_equal() -> None:
    """CloudWatch knows the values of a set only where there is one, or where least and greatest are the same."""
    hidden, equal = Samples(), Samples()
    hidden.add_set(10, 55, 1, 10)
    equal.add_set(10, 70, 7, 7)
    assert (hidden.statistic("p95"), hidden.statistic("Average")) == (None, 5.5)
    assert equal.statistic("p95") == 7


def test_nothing_has_no_statistic() -> None:
    """Not even a count or a sum of zero: data is missing."""
    assert [Samples().statistic(stat) for stat in ("SampleCount", "Sum", "p50")] == [None, None, None]


@pytest.mark.parametrize(
    ("stat", "share"), [("p95", 0.95), ("p99.9", 0.999), ("p100", 1.0), ("Sum", None), ("p101", None)]
)
def test_names_of_percentiles(stat: str, share: float | None) -> None:
    """They are p0 to p100, with up to ten decimals."""
    assert percentile_of(stat) == pytest.approx(share)


@pytest.mark.parametrize(
    ("stat", "enough"), [("p50", 20), ("p95", 200), ("p99", 1000), ("p99.9", 10_000), ("p10", 100)]
)
def test_how_many_values_make_a_percentile_significant(stat: str, enough: int) -> None:
    """10/(1-p) from the median on, 10/p below it."""
    assert not too_few(stat, enough)
    assert too_few(stat, enough - 1)
    assert not too_few("Average", 1)
