"""
The bootstrap of paired examples: what a difference would be on other sets like this one.

Whole examples are drawn, with all their runs of both versions. A mean needs only each example's mean; a quantile needs
how often each example was drawn, and the order of the values (see `quantile_bootstrap`).
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from sluice.errors import SluiceError
from sluice.evaluation.statistics.runs import Floats

_CHUNK_CELLS = 200_000
"""How many draws are held at a time: so few that the processor's cache has room for them."""


@dataclass(frozen=True)
class Bootstrap:
    """An estimate, and what it was on sets drawn from the set; ends and p values corrected for bias and skew (BCa)."""

    estimate: float
    replicates: Floats
    """Sorted; shape (resamples,)."""
    acceleration: float
    """How fast the standard error changes with the truth."""
    examples: int

    @property
    def error(self) -> float:
        """The standard error."""
        return float(self.replicates.std(ddof=1))

    @property
    def bias(self) -> float:
        """How far the replicates' median is from the estimate, in standard errors."""
        return float(stats.norm.ppf(self._share_below(self.estimate)))

    def interval(self, confidence: float = 0.95, *, small_sample: bool = False) -> tuple[float, float]:
        """
        Returns the ends of the BCa interval.

        Efron 1987, "Better bootstrap confidence intervals". With `small_sample` the ends lie further out, by Student's
        t and by n over n - 1, since few examples give too narrow an interval: the expanded percentiles of Hesterberg
        2015, "What teachers should know about the bootstrap".
        """
        reach = float(stats.norm.isf((1 - confidence) / 2))
        if small_sample:
            reach = self._expanded(float(stats.t.isf((1 - confidence) / 2, self.examples - 1)))
        shares = [self._corrected(-reach), self._corrected(reach)]
        low, high = np.quantile(self.replicates, shares)
        return float(low), float(high)

    def p_above(self, supposed: float) -> float:
        """
        Returns the one-sided p value of "the truth is `supposed` or less": small where it lies above.

        It is half the significance at which the interval, with `small_sample`, would end at `supposed`. Beyond all
        replicates these are taken to be normal, so that many figures can be corrected for without many more resamples.
        """
        offset = self._standing(supposed) - self.bias
        scale = 1 + self.acceleration * offset
        if scale <= 0:
            return 0.0 if offset < 0 else 1.0
        reach = (offset / scale - self.bias) * math.sqrt((self.examples - 1) / self.examples)
        return float(stats.t.cdf(reach, self.examples - 1))

    def p_below(self, supposed: float) -> float:
        """Returns the one-sided p value of "the truth is `supposed` or more"."""
        return 1 - self.p_above(supposed)

    def _standing(self, supposed: float) -> float:
        """Returns how far up the replicates it stands, as a normal quantile."""
        seen = float(stats.norm.ppf(self._share_below(supposed)))
        if self.replicates[0] <= supposed <= self.replicates[-1] or self.error == 0:
            return seen
        return math.copysign(max(abs(seen), abs(supposed - self.estimate) / self.error), seen)

    def _share_below(self, value: float) -> float:
        below = np.searchsorted(self.replicates, value, side="left")
        up_to = np.searchsorted(self.replicates, value, side="right")
        least = 1 / (len(self.replicates) + 1)
        return float(np.clip((below + up_to) / 2 / len(self.replicates), least, 1 - least))

    def _corrected(self, reach: float) -> float:
        shifted = self.bias + reach
        scale = 1 - self.acceleration * shifted
        if scale <= 0:
            return 0.0 if shifted < 0 else 1.0
        return float(stats.norm.cdf(self.bias + shifted / scale))

    def _expanded(self, reach: float) -> float:
        return reach * math.sqrt(self.examples / (self.examples - 1))


def bootstrap_mean(differences: Floats, *, resamples: int = 10_000, seed: int = 0) -> Bootstrap:
    """
    Returns the bootstrap of the mean of paired differences, one of each example; shape (examples,).

    The same seed gives the same figures. Raises SluiceError for fewer than two examples.
    """
    size = require_two(differences)
    replicates = np.concatenate([differences.take(draws).mean(axis=1) for draws in drawn(size, resamples, seed)])
    return Bootstrap(float(differences.mean()), np.sort(replicates), acceleration(differences), size)


def drawn(examples: int, resamples: int, seed: int) -> Iterator[npt.NDArray[np.int64]]:
    """Yields chunks of drawn rows, of shape (some resamples, examples): in all, as many as there are resamples."""
    generator = np.random.Generator(np.random.SFC64(seed))
    step = max(_CHUNK_CELLS // examples, 1)
    for done in range(0, resamples, step):
        yield generator.integers(0, examples, (min(step, resamples - done), examples))


def acceleration(influence: Floats) -> float:
    """
    Returns Efron's acceleration from how far each example pulls the estimate; shape (examples,).

    For a mean that is the differences themselves: leaving one out moves it by a multiple of that one less the mean.
    """
    centred = influence - influence.mean()
    squares = float((centred**2).sum())
    return float((centred**3).sum()) / (6 * squares**1.5) if squares > 0 else 0.0


def require_two(rows: Floats) -> int:
    """Returns how many examples there are. Raises SluiceError for fewer than two."""
    if len(rows) < 2:
        raise SluiceError(f"a bootstrap of {len(rows)} examples says nothing; give it 2 or more")
    return len(rows)
