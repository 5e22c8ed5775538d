"""Judges the ratio of two versions' percentiles, as of latency, where lower is better."""

import math

import numpy as np
import numpy.typing as npt
from scipy import stats

from sluice.errors import SluiceError
from sluice.evaluation.statistics.difference import Difference, Evidence, Question, unknown
from sluice.evaluation.statistics.quantile_bootstrap import bootstrap_quantile_ratio, require_positive
from sluice.evaluation.statistics.quantiles import quantile_interval
from sluice.evaluation.statistics.runs import Paired, paired, require_share


def judge_quantile(
    old: npt.ArrayLike,
    new: npt.ArrayLike,
    q: float,
    *,
    max_ratio: float | None = None,
    alpha: float = 0.05,
    power: float = 0.8,
    resamples: int = 10_000,
    seed: int = 0,
) -> Difference:
    """
    Returns what is known of the new quantile over the old one, of all runs of the examples that both answered.

    The BCa bootstrap of examples, of the ratio's logarithm. `max_ratio`, 1 or more, is the margin. NaN where the set is
    too small for the quantile: when the interval of either version has an end beyond what was seen. `smallest_effect`
    is a ratio too. Raises SluiceError for shapes that differ, values of 0 and less, a ratio below 1.
    """
    require_share(q, "q")
    if max_ratio is not None and not 1 <= max_ratio < math.inf:
        raise SluiceError(f"max_ratio is {max_ratio:g}; allowed: 1 or more, or None where none is agreed")
    pairs = paired(old, new)
    require_positive(pairs)
    asked = Question(pairs, None if max_ratio is None else math.log(max_ratio), alpha, power)
    found = _evidence(asked, q, resamples, seed)
    return Difference.of(asked, found).mapped(lambda value: math.exp(-value), turned=True)


def _evidence(asked: Question, q: float, resamples: int, seed: int) -> Evidence:
    pairs = asked.pairs
    if not pairs.examples:
        return unknown("no common examples")
    if not _is_seen(pairs, q, asked.confidence):
        ratio = float(np.nanquantile(pairs.new, q) / np.nanquantile(pairs.old, q))
        return unknown(f"too few examples for the quantile {q:g}", -math.log(ratio))
    # Gains, so that higher is better as everywhere: old over new.
    drawn = bootstrap_quantile_ratio(Paired(pairs.new, pairs.old, 0, 0), q, resamples=resamples, seed=seed)
    reach = float(stats.norm.isf(asked.alpha / 2) + stats.norm.ppf(asked.power))
    p_better = drawn.p_above(0)
    return Evidence(
        estimate=drawn.estimate,
        ends=drawn.interval(asked.confidence, small_sample=True),
        p_above=drawn.p_above,
        p_better=p_better,
        p_worse=1 - p_better,
        method="paired bootstrap of quantiles, BCa",
        smallest_effect=math.exp(reach * drawn.error),
    )


def _is_seen(pairs: Paired, q: float, confidence: float) -> bool:
    for runs in (pairs.old, pairs.new):
        found = quantile_interval(runs, q, confidence=confidence)
        if math.isnan(found.low) or math.isnan(found.high):
            return False
    return True
