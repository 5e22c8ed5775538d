"""
What a set of so many examples can see, and how many it takes.

`alpha` is the two-sided significance, as in a contract: each one-sided test has half of it. Nothing here is corrected
for how many metrics are compared; give a smaller `alpha` for that.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

from sluice.errors import SluiceError
from sluice.evaluation.statistics.runs import Paired, Runs, example_means, require_share


@dataclass(frozen=True)
class Components:
    """Where the variance of examples' differences comes from."""

    between: float
    """Of the examples' true differences."""
    within: float
    """Of one run of both versions on one example. NaN: one run does not tell."""

    def deviation(self, runs: int) -> float:
        """
        Returns the standard deviation of an example's difference when it is asked so often of both versions.

        Miller 2024, arXiv 2411.00640, section 3.1: the runs share the part that is within. Where that is not known, all
        of it counts as between, which more runs do not lessen.
        """
        within = 0.0 if math.isnan(self.within) else self.within
        return math.sqrt(self.between + within / _positive(runs, "runs"))


def components(pairs: Paired) -> Components:
    """Returns the components of variance of a comparison that was made, for planning the next. NaN for one example."""
    if pairs.examples < 2:
        return Components(math.nan, math.nan)
    total = float(pairs.differences().var(ddof=1))
    sides = [_within(runs) for runs in (pairs.old, pairs.new)]
    share = sum(variance * part for variance, part in sides if not math.isnan(variance))
    return Components(max(total - share, 0.0), sum(variance for variance, _ in sides))


def discordant_deviation(share: float, difference: float = 0.0) -> float:
    """
    Returns the standard deviation of the differences of binary answers that differ on a share of the examples.

    McNemar's variance: the share less the square of the difference. Raises SluiceError for a share outside 0 to 1, or
    smaller than the difference.
    """
    if not abs(difference) <= share <= 1:
        raise SluiceError(f"discordant share is {share:g}; allowed: from the difference, {abs(difference):g}, to 1")
    return math.sqrt(share - difference**2)


def smallest_effect(deviation: float, examples: int, *, alpha: float, power: float) -> float:
    """
    Returns the smallest difference that so many examples see with the power.

    `deviation` is the standard deviation of the paired differences, so that the answer is in the metric's unit.
    Student's t for both quantiles (Julious 2010, "Sample Sizes for Clinical Trials", 3.2). NaN for a single example.
    """
    _require(alpha, power)
    if examples < 2 or math.isnan(deviation):
        return math.nan
    reach = stats.t.isf(alpha / 2, examples - 1) + stats.t.ppf(power, examples - 1)
    return float(reach) * deviation / math.sqrt(examples)


def examples_needed(margin: float, deviation: float, *, alpha: float, power: float) -> int:
    """
    Returns how many examples show with the power that an equal version is not worse by the margin.

    As many see a difference as large as the margin. `deviation` is that of the paired differences: see
    `Components.deviation` and `discordant_deviation`. The normal formula with Guenther's 1981 correction for Student's
    t, half the square of the quantile. Raises SluiceError for a margin of 0 or less, which no number of examples shows.
    """
    _require(alpha, power)
    if not margin > 0:
        raise SluiceError(f"margin is {margin:g}; no set shows a margin of 0 or less; allowed: above 0")
    if math.isnan(deviation) or deviation < 0:
        raise SluiceError(f"deviation is {deviation:g}; allowed: 0 or more")
    quantile = float(stats.norm.isf(alpha / 2))
    reach = quantile + float(stats.norm.ppf(power))
    return max(math.ceil((reach * deviation / margin) ** 2 + quantile**2 / 2), 2)


def examples_needed_for_share(
    bound: float, truth: float, *, alpha: float, power: float, runs: int = 1, correlation: float = 1.0
) -> int:
    """
    Returns how many examples show with the power that a share reaches a bound, when in truth it is better than that.

    The score test of one proportion, which is Wilson's interval (Fleiss, Levin and Paik 2003, "Statistical Methods for
    Rates and Proportions", 2.5). With more runs, times the design effect (1 + (runs - 1) correlation)/runs, where the
    correlation is that of two runs of an example (Kish 1965): 1, the default, says that runs repeat each other.
    Raises SluiceError for shares that are equal or outside 0 to 1.
    """
    _require(alpha, power)
    if not (0 < bound < 1 and 0 <= truth <= 1 and bound != truth):
        raise SluiceError(
            f"bound is {bound:g} and truth {truth:g}; allowed: a bound between 0 and 1, and a truth from 0 to 1 that "
            "is another: what is only just as good as the bound cannot be shown to reach it"
        )
    if not 0 <= correlation <= 1:
        raise SluiceError(f"correlation is {correlation:g}; allowed: 0 to 1")
    reach = float(stats.norm.isf(alpha / 2)) * math.sqrt(bound * (1 - bound))
    reach += float(stats.norm.ppf(power)) * math.sqrt(truth * (1 - truth))
    effect = (1 + (_positive(runs, "runs") - 1) * correlation) / runs
    return math.ceil((reach / (truth - bound)) ** 2 * effect)


def _within(runs: Runs) -> tuple[float, float]:
    """Returns the mean variance of an example's runs, and the mean part of it that stays in an example's mean."""
    counts = np.isfinite(runs).sum(axis=1)
    part = float((1 / counts).mean())
    repeated = runs[counts > 1]
    if not len(repeated):
        return math.nan, part
    squares = float(np.nansum((repeated - example_means(repeated)[:, None]) ** 2))
    return squares / float((counts[counts > 1] - 1).sum()), part


def _require(alpha: float, power: float) -> None:
    require_share(alpha, "alpha")
    require_share(power, "power")


def _positive(value: int, what: str) -> int:
    if value < 1:
        raise SluiceError(f"{what} is {value}; allowed: 1 or more")
    return value
