"""Intervals of one version's figures: shares and means."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from sluice.evaluation.statistics.runs import (
    Runs,
    answers_in,
    example_means,
    is_one_run_each,
    require_binary,
    require_known,
    require_share,
    scored,
)

_ROUNDING = 1e-12
"""Means of equal scores differ by less than this part of them."""


@dataclass(frozen=True)
class Interval:
    """A figure and what it may be as well. NaN: the scores do not tell it."""

    estimate: float
    low: float
    high: float
    confidence: float
    """Two-sided."""
    method: str
    examples: int
    """How many examples have a score."""
    runs: int
    """How many scores they have in all."""
    dropped: int = 0
    """How many examples have none."""


def mean_interval(runs: npt.ArrayLike, *, kind: str, confidence: float = 0.95) -> Interval:
    """
    Returns the mean of the examples' means, with its interval; each example weighs the same however often it was asked.

    `binary`, one run each: Wilson's interval. `binary`, more runs: Wilson's with the effective number of answers and
    Student's t (Dean and Pagano 2015, "Evaluating confidence interval methods for binomial proportions in clustered
    surveys"), which stays within 0 and 1, and near them keeps its confidence, as the mean plus and minus t does not.
    `score`: the mean plus and minus Student's t times its clustered standard error. The width is never nothing: equal
    binary answers count as one an example; of equal scores, or one example's, the ends are NaN, since they do not tell
    what others would be. Raises SluiceError for scores that are not of the kind.
    """
    require_known(kind, ("binary", "score"), "kind")
    require_share(confidence, "confidence")
    found = scored(runs)
    if not len(found):
        estimate, (low, high), method = math.nan, (math.nan, math.nan), "no scores"
    elif kind == "binary":
        require_binary(found)
        estimate = float(example_means(found).mean())
        (low, high), method = _share_ends(found, confidence)
    else:
        estimate = float(example_means(found).mean())
        (low, high), method = _score_ends(found, confidence)
    dropped = len(np.asarray(runs)) - len(found)
    return Interval(estimate, low, high, confidence, method, len(found), answers_in(found), dropped)


def clustered_error(runs: Runs) -> float:
    """
    Returns the standard error of the mean of the examples' means: of answers in clusters, the examples.

    Miller 2024, arXiv 2411.00640, section 2.2, with the factor n/(n - 1) for n clusters that makes its square unbiased.
    NaN for fewer than two examples.
    """
    means = example_means(runs)
    return float(means.std(ddof=1)) / math.sqrt(len(means)) if len(means) > 1 else math.nan


def effective_answers(runs: Runs) -> float:
    """
    Returns how many independent binary answers would give the clustered standard error: the effective sample size.

    Korn and Graubard 1998, "Confidence intervals for proportions with small expected number of positive counts
    estimated from survey data". No less than the examples, nor more than the answers; the examples when all are equal.
    """
    share, examples = float(example_means(runs).mean()), len(runs)
    variance = clustered_error(runs) ** 2 * (examples - 1) / examples
    if share in (0, 1):
        return float(examples)
    most = float(answers_in(runs))
    return min(max(share * (1 - share) / variance, float(examples)), most) if variance > 0 else most


def _share_ends(runs: Runs, confidence: float) -> tuple[tuple[float, float], str]:
    share, examples = float(example_means(runs).mean()), len(runs)
    significance = 1 - confidence
    if is_one_run_each(runs) or examples == 1:
        worth, method = float(examples), "Wilson"
    else:
        worth, method = effective_answers(runs), "Wilson, clustered by example"
        quantile = stats.t.isf(significance / 2, examples - 1)
        significance = float(2 * stats.norm.sf(quantile))
    low, high = proportion_confint(share * worth, worth, significance, method="wilson")
    # Rounding must not leave the estimate outside.
    return (min(float(low), share), max(float(high), share)), method


def _score_ends(runs: Runs, confidence: float) -> tuple[tuple[float, float], str]:
    error, examples = clustered_error(runs), len(runs)
    if examples == 1:
        return (math.nan, math.nan), "one example: no interval"
    mean = float(example_means(runs).mean())
    if error <= _ROUNDING * abs(mean):
        return (math.nan, math.nan), "equal scores: no interval"
    reach = float(stats.t.isf((1 - confidence) / 2, examples - 1)) * error
    method = "Student's t" if is_one_run_each(runs) else "Student's t, clustered by example"
    return (mean - reach, mean + reach), method
