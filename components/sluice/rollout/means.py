"""
How two means differ, however often somebody looks.

The difference of the means of two cohorts has the information I = 1 / (s1^2/n1 + s2^2/n2), and I times its error
behaves like a Brownian motion at time I, however the cohorts grow. Robbins' normal mixture keeps that within
sqrt((I + r) (ln((I + r) / r) + 2 ln(1/alpha))) at all times with probability 1 - alpha: an asymptotic confidence
sequence, for cohorts that are not thin. r is chosen so that the bound is tightest when its width is the margin's.

Source: Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, Time-uniform central limit theory and asymptotic confidence
sequences, Ann. Statist. 52 (2024), theorem 2.2 and appendix B.2; Jennison and Turnbull, Group Sequential Methods
(2000), chapter 3, for information time.
"""

import math
from dataclasses import dataclass

from sluice.rollout.cohorts import Sums

LEAST = 100
"""Fewer values in a cohort are too thin for what holds only in the long run."""


@dataclass(frozen=True)
class Interval:
    """Where a difference of means is."""

    low: float
    high: float


def difference(candidate: Sums, baseline: Sums, margin: float, alpha: float) -> Interval | None:
    """Returns where candidate less baseline is, at all looks together, or None when the cohorts are too thin."""
    if min(candidate.count, baseline.count) < LEAST:
        return None
    information = 1 / (_spread(candidate, margin) + _spread(baseline, margin))
    half = radius(information, margin, alpha)
    estimate = candidate.mean - baseline.mean
    return Interval(estimate - half, estimate + half)


def radius(information: float, margin: float, alpha: float) -> float:
    """Returns half of the interval's width; `margin` is the width for which it is tuned."""
    tuned = _tuning(margin, alpha)
    spread = information + tuned
    return math.sqrt(spread * (math.log(spread / tuned) - 2 * math.log(alpha))) / information


def _tuning(margin: float, alpha: float) -> float:
    twice = -2 * math.log(alpha)
    ratio = twice + math.log(1 + twice)
    aimed = (1 + 1 / ratio) * (math.log(1 + ratio) + twice) / margin**2
    return aimed / ratio


def _spread(sums: Sums, margin: float) -> float:
    # Values that have all been the same so far are not certain to stay so.
    return max(sums.variance, margin**2) / sums.count
