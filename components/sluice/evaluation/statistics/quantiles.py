"""Intervals of percentiles, as of latency."""

import math

import numpy as np
import numpy.typing as npt
from scipy import stats

from sluice.evaluation.statistics.intervals import Interval, effective_answers
from sluice.evaluation.statistics.runs import Floats, Runs, is_one_run_each, require_share, scored


def quantile_interval(runs: npt.ArrayLike, q: float, *, confidence: float = 0.95) -> Interval:
    """
    Returns the quantile `q` of all numbers, with its interval, whose ends are numbers that were seen.

    Order statistics, by the binomial distribution of how many numbers lie below (Conover 1999, "Practical Nonparametric
    Statistics", 3.2): exact with one run each. With more runs, of as many independent numbers as would give the same
    clustered error of the share below the quantile (Woodruff 1952, "Confidence intervals for medians and other position
    measures"). An end that would lie beyond what was seen is NaN. Raises SluiceError for a `q` outside 0 to 1.
    """
    require_share(q, "q")
    require_share(confidence, "confidence")
    found = scored(runs)
    dropped = len(np.asarray(runs)) - len(found)
    if not len(found):
        return Interval(math.nan, math.nan, math.nan, confidence, "no scores", 0, 0, dropped)
    values = np.sort(found[np.isfinite(found)])
    size, tail, method = len(values), (1 - confidence) / 2, "order statistics"
    if not is_one_run_each(found):
        size, tail, method = *_worth(found, values, q, tail), "order statistics, clustered by example"
    low, high = _ends(values, q, size, tail)
    return Interval(float(np.quantile(values, q)), low, high, confidence, method, len(found), len(values), dropped)


def _worth(runs: Runs, values: Floats, q: float, tail: float) -> tuple[int, float]:
    """Returns how many independent numbers it is worth, and the tail that makes up for how roughly that is known."""
    below = np.where(np.isnan(runs), np.nan, runs <= np.quantile(values, q))
    if len(runs) == 1:
        return 1, tail
    return math.floor(effective_answers(below)), float(stats.norm.sf(stats.t.isf(tail, len(runs) - 1)))


def _ends(values: Floats, q: float, size: int, tail: float) -> tuple[float, float]:
    first, last = stats.binom.ppf(tail, size, q), stats.binom.isf(tail, size, q) + 1
    stretch = len(values) / size
    low, high = math.floor(first * stretch), math.ceil(last * stretch)
    return (
        float(values[low - 1]) if first >= 1 else math.nan,
        float(values[high - 1]) if last <= size else math.nan,
    )
