"""
The bootstrap of quantiles, as of latency, paired by example.

A resample is told by how often each example is in it. All values are sorted once; the quantile of a resample is where
the running count of draws reaches its rank. Only a window of the order around the quantile is walked: what lies below
it is one product of matrices, and the few resamples whose quantile lies outside are walked wholly.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sluice.errors import SluiceError
from sluice.evaluation.statistics.bootstrap import Bootstrap, acceleration, drawn, require_two
from sluice.evaluation.statistics.runs import Floats, Paired, Runs

_WINDOW = 6.0
"""How many standard errors of the rank the window reaches to either side."""

Counts = npt.NDArray[np.float64]
"""How often each example was drawn; shape (resamples, examples)."""


def bootstrap_quantile_ratio(pairs: Paired, q: float, *, resamples: int = 10_000, seed: int = 0) -> Bootstrap:
    """
    Returns the bootstrap of the logarithm of the new quantile over the old one, of all runs of the examples.

    Values are above 0. Quantiles are those of `numpy.quantile` (Hyndman and Fan's type 7). The same seed gives the same
    figures. Raises SluiceError for fewer than two examples, or values of 0 and less.
    """
    size = require_two(pairs.old)
    require_positive(pairs)
    old, new = (Ordered.of(runs, q) for runs in (pairs.old, pairs.new))
    replicates = [np.log(new.resampled(counts) / old.resampled(counts)) for counts in counted(size, resamples, seed)]
    return Bootstrap(
        math.log(new.quantile / old.quantile),
        np.sort(np.concatenate(replicates)),
        acceleration(new.influence() - old.influence()),
        size,
    )


def require_positive(pairs: Paired) -> None:
    """Raises SluiceError when a value is 0 or less, of which there is no ratio."""
    for runs, what in ((pairs.old, "old"), (pairs.new, "new")):
        least = float(np.nanmin(runs, initial=np.inf))
        if least <= 0:
            raise SluiceError(f"{what} holds {least:g}; a ratio of percentiles takes values above 0")


def counted(examples: int, resamples: int, seed: int) -> Iterator[Counts]:
    """Yields chunks of how often each example was drawn, of shape (some resamples, examples)."""
    for draws in drawn(examples, resamples, seed):
        rows = len(draws)
        places = draws + (np.arange(rows) * examples)[:, None]
        yield np.bincount(places.ravel(), minlength=rows * examples).reshape(rows, examples).astype(np.float64)


@dataclass(frozen=True)
class Ordered:
    """The numbers of all runs in order, and whose they are."""

    values: Floats
    """Sorted; shape (answers,)."""
    owners: npt.NDArray[np.int64]
    """The row that each is of; shape (answers,)."""
    sizes: Floats
    """How many answers each row has; shape (examples,)."""
    q: float

    @classmethod
    def of(cls, runs: Runs, q: float) -> "Ordered":
        """Returns the order of a set's numbers."""
        rows, columns = np.nonzero(np.isfinite(runs))
        values = runs[rows, columns]
        order = np.argsort(values, kind="stable")
        return cls(values[order], rows[order], np.isfinite(runs).sum(axis=1).astype(np.float64), q)

    @property
    def quantile(self) -> float:
        """That of the set itself."""
        return float(np.quantile(self.values, self.q))

    def resampled(self, counts: Counts) -> Floats:
        """Returns the quantile of each resample; shape (resamples,)."""
        first, last = self._window()
        below = counts @ np.bincount(self.owners[:first], minlength=len(self.sizes)).astype(np.float64)
        ranks = (counts @ self.sizes - 1) * self.q
        found = self._walked(counts, ranks, below, first, last)
        outside = np.isnan(found)
        if outside.any():
            nothing = np.zeros(int(outside.sum()))
            found[outside] = self._walked(counts[outside], ranks[outside], nothing, 0, len(self.values))
        return found

    def influence(self) -> Floats:
        """
        Returns how far each row pulls the logarithm of the quantile, but for a factor common to all; shape (examples,).

        Efron 1987, section 6: by the influence function, since leaving rows out one by one tells nothing steady about a
        quantile, which moves by whole gaps. The slope is that of the quantiles over one standard error of the rank.
        """
        step = min(math.sqrt(self.q * (1 - self.q) / len(self.sizes)), self.q, 1 - self.q)
        low, high = np.quantile(self.values, [self.q - step, self.q + step])
        below = np.bincount(self.owners, weights=self.values <= self.quantile, minlength=len(self.sizes))
        slope = math.log(high / low) / (2 * step) / float(self.sizes.mean())
        return np.asarray(slope * (self.q * self.sizes - below), dtype=np.float64)

    def _window(self) -> tuple[int, int]:
        size = len(self.values)
        error = math.sqrt(size * self.q * (1 - self.q) * float(self.sizes.max()))
        centre, reach = self.q * size, math.ceil(_WINDOW * error) + 2
        return max(int(centre) - reach, 0), min(int(centre) + reach, size)

    def _walked(self, counts: Counts, ranks: Floats, below: Floats, first: int, last: int) -> Floats:
        running = np.cumsum(counts[:, self.owners[first:last]], axis=1)
        running += below[:, None]
        low = np.floor(ranks)
        at_low = (running <= low[:, None]).sum(axis=1)
        at_high = (running <= low[:, None] + 1).sum(axis=1)
        width = last - first
        # The highest rank of all has nothing above it to go towards.
        at_high = np.where(ranks > low, at_high, at_low)
        inside = (below <= low) & (at_high < width)
        found = np.full(len(counts), np.nan)
        found[inside] = self._between(first + at_low[inside], first + at_high[inside], (ranks - low)[inside])
        return found

    def _between(self, low: npt.NDArray[np.int64], high: npt.NDArray[np.int64], part: Floats) -> Floats:
        return np.asarray(self.values[low] + part * (self.values[high] - self.values[low]), dtype=np.float64)
