"""Tests and intervals of paired differences, beside what was published."""

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats import contingency_tables

from sluice.errors import SluiceError
from sluice.evaluation.statistics import (
    Table,
    clustered_difference,
    guarded_difference,
    mcnemar,
    newcombe_difference,
    paired,
    score_difference,
    score_statistic,
)
from tests.unit.evaluation.statistics.samples import answers, random

AIRWAYS = Table(1, 1, 7, 12)
"""Bentur et al. 2009, airway hyper-responsiveness, the example of Fagerland, Lydersen and Laake 2013 and 2014."""

_tables = st.builds(Table, *[st.integers(0, 40)] * 4).filter(lambda table: table.examples > 0)


def test_answers_make_a_table() -> None:
    """Each cell counts the examples that both, only the new, only the old, or neither got right."""
    table = Table.of(paired(*answers(5, 3, 2, 4)))
    assert table == Table(5, 3, 2, 4)
    assert (table.examples, table.discordant, table.difference) == (14, 5, pytest.approx(1 / 14))


def test_a_table_takes_one_run() -> None:
    """Of several runs there is no fourfold table, and a vote would hide what differs."""
    with pytest.raises(SluiceError, match="one run of each example"):
        Table.of(paired([[1.0, 0.0]], [[1.0, 1.0]]))


@pytest.mark.parametrize(
    ("table", "low", "high"),
    [
        # Newcombe 1998, Table III, method 10.
        (Table(36, 12, 2, 0), 0.0569, 0.3404),
        (Table(53, 0, 0, 0), -0.0676, 0.0676),
        # Fagerland, Lydersen and Laake 2014.
        (AIRWAYS, -0.507, -0.026),
        # Altman et al. 2000, "Statistics with Confidence", page 52.
        (Table(14, 5, 0, 22), 0.011, 0.226),
    ],
)
def test_newcombes_interval_is_as_published(table: Table, low: float, high: float) -> None:
    """The interval of paired shares is that of worked examples."""
    assert newcombe_difference(table) == pytest.approx((low, high), abs=6e-4)


@pytest.mark.parametrize(
    ("table", "confidence", "low", "high"),
    [
        # Fagerland, Lydersen and Laake 2014.
        (AIRWAYS, 0.95, -0.517, -0.026),
        # R's PropCIs::scoreci.mp(25, 28, 618, 0.90), printed to four places.
        (Table(300, 28, 25, 265), 0.90, -0.0148, 0.0247),
    ],
)
def test_tangos_interval_is_as_published(table: Table, confidence: float, low: float, high: float) -> None:
    """The score interval of paired shares is that of worked examples."""
    assert score_difference(table, confidence) == pytest.approx((low, high), abs=6e-4)


def test_mcnemar_is_as_published() -> None:
    """The exact p value of 1 against 7 discordant pairs is that of Fagerland, Lydersen and Laake 2013."""
    assert mcnemar(AIRWAYS) == pytest.approx(0.0703, abs=5e-5)


@given(_tables)
def test_mcnemar_is_statsmodels(table: Table) -> None:
    """The exact p value is that of statsmodels, and one side's is half of it or more."""
    expected = contingency_tables.mcnemar([[table.both, table.only_new], [table.only_old, table.neither]], exact=True)
    assert mcnemar(table) == pytest.approx(min(expected.pvalue, 1))
    assert mcnemar(table) <= min(2 * min(mcnemar(table, "greater"), mcnemar(table, "less")), 1) + 1e-9


def test_no_discordant_pair_is_no_sign() -> None:
    """Versions that answer alike have a p value of 1 on either side."""
    assert [mcnemar(Table(9, 0, 0, 3), side) for side in ("greater", "less", "two-sided")] == [1, 1, 1]


@given(_tables)
def test_the_score_statistic_is_mcnemars_at_no_difference(table: Table) -> None:
    """Where no difference is supposed, the square is McNemar's chi-squared without continuity correction."""
    if table.discordant:
        expected = (table.only_new - table.only_old) / table.discordant**0.5
        assert score_statistic(table, 0) == pytest.approx(expected)


@given(_tables, st.sampled_from([0.8, 0.95, 0.99]))
def test_intervals_hold_the_difference(table: Table, confidence: float) -> None:
    """Both intervals hold what was seen, stay within -1 and 1, and are never without width."""
    for low, high in (newcombe_difference(table, confidence), score_difference(table, confidence)):
        assert -1 <= low <= table.difference <= high <= 1
        assert high - low > 0.01


@given(_tables)
def test_swapping_the_versions_mirrors_the_intervals(table: Table) -> None:
    """What is better from one side is worse from the other, by as much."""
    for interval in (newcombe_difference, score_difference):
        low, high = interval(table)
        assert interval(table.mirrored()) == pytest.approx((-high, -low), abs=1e-9)


@given(_tables)
def test_the_score_intervals_ends_are_where_the_statistic_says(table: Table) -> None:
    """At an end that is not the range's, the statistic is the normal's quantile."""
    low, high = score_difference(table)
    if low > -1:
        assert score_statistic(table, low) == pytest.approx(1.959964, abs=1e-4)
    if high < 1:
        assert score_statistic(table, high) == pytest.approx(-1.959964, abs=1e-4)


def test_the_clustered_difference_is_statsmodels() -> None:
    """The error of the mean difference is that of a regression of all runs with errors clustered by example."""
    differences = random().normal(size=(25, 1)) + random(1).normal(size=(25, 4))
    model = sm.OLS(differences.ravel(), np.ones(100)).fit(
        cov_type="cluster", cov_kwds={"groups": np.repeat(np.arange(25), 4)}
    )
    mean, error, freedom = clustered_difference(differences.mean(axis=1))
    assert (mean, error, freedom) == (pytest.approx(model.params[0]), pytest.approx(model.bse[0]), 24)


@given(_tables.filter(lambda table: table.examples > 1))
def test_the_guarded_difference_is_bonett_and_prices(table: Table) -> None:
    """With one run each, mean and error are those of Bonett and Price 2012, but for n - 1 in place of n."""
    size = table.examples + 2
    won, lost = (table.only_new + 1) / size, (table.only_old + 1) / size
    mean, error, freedom = guarded_difference(paired(*answers(*vars(table).values())).differences(), 1)
    assert mean == pytest.approx(won - lost)
    assert freedom == table.examples - 1
    assert error == pytest.approx(((won + lost - (won - lost) ** 2) / (size - 1)) ** 0.5)
