"""Tests and intervals of the difference between two versions that answered the same examples, without resampling."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import optimize, stats
from statsmodels.stats.proportion import proportion_confint

from sluice.errors import SluiceError
from sluice.evaluation.statistics.runs import Floats, Paired

_EDGE = 1e-12
"""How near to a difference of 1 the search for an end of an interval goes."""


@dataclass(frozen=True)
class Table:
    """How many examples both, one or neither got right: the fourfold table of paired answers."""

    both: int
    only_new: int
    only_old: int
    neither: int

    @classmethod
    def of(cls, pairs: Paired) -> "Table":
        """Returns the table of binary answers. Raises SluiceError when there is more than one run of an example."""
        if not pairs.one_run_each:
            raise SluiceError("a fourfold table takes one run of each example; use clustered_difference for more")
        old, new = (np.nanmax(runs, axis=1) == 1 for runs in (pairs.old, pairs.new))
        return cls(int((old & new).sum()), int((new & ~old).sum()), int((old & ~new).sum()), int((~old & ~new).sum()))

    @property
    def examples(self) -> int:
        """How many there are."""
        return self.both + self.only_new + self.only_old + self.neither

    @property
    def discordant(self) -> int:
        """On how many the two differ."""
        return self.only_new + self.only_old

    @property
    def difference(self) -> float:
        """New share less old share."""
        return (self.only_new - self.only_old) / self.examples

    def mirrored(self) -> "Table":
        """Returns it with old and new in each other's place."""
        return Table(self.both, self.only_old, self.only_new, self.neither)


def mcnemar(table: Table, alternative: Literal["two-sided", "less", "greater"] = "two-sided") -> float:
    """
    Returns the p value of McNemar's exact test: whether the new share is another (`greater`, `less`) than the old one.

    McNemar 1947, with the binomial distribution of the discordant pairs. 1 when no pair is discordant.
    """
    if not table.discordant:
        return 1.0
    return float(stats.binomtest(table.only_new, table.discordant, 0.5, alternative).pvalue)


def newcombe_difference(table: Table, confidence: float = 0.95) -> tuple[float, float]:
    """
    Returns the ends of the interval of new share less old share.

    Newcombe 1998, "Improved confidence intervals for the difference between binomial proportions based on paired data",
    method 10: Wilson's intervals of both shares, joined with their correlation, which is corrected for continuity.
    """
    size, correlation = table.examples, _correlation(table)
    shares = ((table.both + table.only_new) / size, (table.both + table.only_old) / size)
    ends = [proportion_confint(share * size, size, 1 - confidence, method="wilson") for share in shares]
    (new_down, new_up), (old_down, old_up) = (
        (share - low, high - share) for share, (low, high) in zip(shares, ends, strict=True)
    )
    down = new_down**2 - 2 * correlation * new_down * old_up + old_up**2
    up = new_up**2 - 2 * correlation * new_up * old_down + old_down**2
    return table.difference - math.sqrt(max(down, 0)), table.difference + math.sqrt(max(up, 0))


def score_statistic(table: Table, difference: float) -> float:
    """
    Returns how many standard errors the observed difference lies above a supposed one; normal where that is the truth.

    Tango 1998, "Equivalence test and confidence interval for the difference in proportions for the paired-sample
    design", equations 6 to 8: the variance is that of the likeliest table with the supposed difference, so that it is
    not zero even where no pair is discordant.
    """
    size, won, lost = table.examples, table.only_new, table.only_old
    excess = won - lost - size * difference
    linear = -won - lost + (2 * size - won + lost) * difference
    product = -lost * difference * (1 - difference)
    losing = (math.sqrt(max(linear**2 - 8 * size * product, 0)) - linear) / (4 * size)
    variance = size * (2 * losing + difference * (1 - difference))
    if abs(excess) < size * _EDGE:
        return 0.0
    return excess / math.sqrt(variance) if variance > 0 else math.copysign(math.inf, excess)


def score_difference(table: Table, confidence: float = 0.95) -> tuple[float, float]:
    """Returns the ends of Tango's interval: the differences that the score statistic does not reject."""
    low, high = _score_low(table, confidence), -_score_low(table.mirrored(), confidence)
    return low, high


def clustered_difference(differences: Floats) -> tuple[float, float, int]:
    """
    Returns the mean difference of examples' means, its clustered standard error, and the degrees of freedom.

    Miller 2024, arXiv 2411.00640, section 4.2, with the example as the cluster. The error is NaN for a single example.
    """
    size = len(differences)
    error = float(differences.std(ddof=1)) / math.sqrt(size) if size > 1 else math.nan
    return float(differences.mean()), error, size - 1


def guarded_difference(differences: Floats, largest: float) -> tuple[float, float, int]:
    """
    Returns what `clustered_difference` does, with two examples more that differ by the largest amount, one each way.

    So n equal answers are no proof that none differs: the error is never nothing. Bonett and Price 2012, "Adjusted Wald
    confidence interval for a difference of binomial proportions based on paired data", carried over from 0 and 1 to
    means over runs. The degrees of freedom are those of the examples that there are.
    """
    mean, error, _ = clustered_difference(np.append(differences, [largest, -largest]))
    return mean, error, len(differences) - 1


def _correlation(table: Table) -> float:
    both, won, lost, neither = table.both, table.only_new, table.only_old, table.neither
    margins = (both + won) * (lost + neither) * (both + lost) * (won + neither)
    if not margins:
        return 0.0
    product = float(both * neither - won * lost)
    if product > 0:
        product = max(product - table.examples / 2, 0)
    return product / math.sqrt(margins)


def _score_low(table: Table, confidence: float) -> float:
    reach = float(stats.norm.isf((1 - confidence) / 2))
    lowest = -1 + _EDGE
    if table.difference <= lowest or score_statistic(table, lowest) < reach:
        return -1.0
    return float(
        optimize.brentq(lambda supposed: score_statistic(table, supposed) - reach, lowest, table.difference, xtol=1e-12)
    )
