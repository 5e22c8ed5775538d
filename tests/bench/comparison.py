"""
How long it takes to compare two versions on 10,000 examples of 5 runs, beside scipy's bootstrap of the same examples.

Run by itself, `python -m tests.bench.comparison`, it prints its rows.
"""

import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.table import Table
from scipy import stats

from sluice.evaluation.statistics import bootstrap_mean, bootstrap_quantile_ratio, judge_difference, paired

EXAMPLES, RUNS, RESAMPLES = 10_000, 5, 10_000
BATCH = 100
"""How many resamples scipy holds at a time: all at once would take gigabytes, and longer."""
REPEATED = 3

Floats = npt.NDArray[np.float64]
Ends = tuple[float, float]


@dataclass(frozen=True)
class Timed:
    """An interval, and what it took."""

    seconds: float
    ends: Ends


def rows() -> Iterator[tuple[str, str, str, str]]:
    """Yields what was measured, the figure of Sluice, that of scipy in the same run, and the aim."""
    old, new = _scores()
    size = f"{EXAMPLES:,} examples x {RUNS} runs, {RESAMPLES:,} resamples"
    ours = _best(lambda: bootstrap_mean(paired(old, new).differences(), resamples=RESAMPLES).interval())
    means, runs = _best(lambda: _scipy_of_means(old, new)), _best(lambda: _scipy_of_runs(old, new), 1)
    aim = "5 times faster"
    yield f"BCa interval, {size}", _seconds(ours), _beside("of examples' means", means, ours), aim
    yield "", "", _beside("of examples with their runs", runs, ours), aim
    error = paired(old, new).differences().std() / EXAMPLES**0.5
    apart = max(abs(one - other) for one, other in zip(ours.ends, means.ends, strict=True)) / error
    yield "  its ends", _ends(ours), f"scipy {_ends(means)}, {apart:.3f} standard errors apart", "within 0.1"
    judged = _best(lambda: _judged(old, new))
    yield "judging it, from scores to p values", _seconds(judged), "", ""
    yield "  peak memory", f"{_megabytes(lambda: _judged(old, new)):.0f} MB", "", ""
    yield from _percentile(np.exp(old), np.exp(new))


def _percentile(old: Floats, new: Floats) -> Iterator[tuple[str, str, str, str]]:
    few = RESAMPLES // 10
    ours = _best(lambda: bootstrap_quantile_ratio(paired(old, new), 0.95, resamples=few).interval())
    scipys = _best(lambda: _scipy_of_percentiles(old, new, few), 1)
    yield f"interval of a ratio of 95th percentiles, {few:,} resamples", _seconds(ours), _beside("", scipys, ours), ""
    whole = _best(lambda: bootstrap_quantile_ratio(paired(old, new), 0.95, resamples=RESAMPLES).interval())
    yield f"  {RESAMPLES:,} resamples", _seconds(whole), "", ""


def _scores() -> tuple[Floats, Floats]:
    generator = np.random.default_rng(0)
    common = generator.normal(size=(EXAMPLES, 1))
    old, new = (common + generator.exponential(size=(EXAMPLES, RUNS)) for _ in range(2))
    return old, new + 0.01


def _judged(old: Floats, new: Floats) -> Ends:
    found = judge_difference(old, new, kind="score", margin=0.02, resamples=RESAMPLES)
    return found.low, found.high


def _scipy_of_means(old: Floats, new: Floats) -> Ends:
    def difference(before: Floats, after: Floats, axis: int) -> Floats:
        return np.asarray((after - before).mean(axis=axis))

    return _scipy((old.mean(axis=1), new.mean(axis=1)), difference)


def _scipy_of_runs(old: Floats, new: Floats) -> Ends:
    def difference(drawn: npt.NDArray[np.int64], axis: int) -> Floats:
        # Examples are along the axis that scipy names, the last one, and their runs are along one more.
        return np.asarray((new[drawn] - old[drawn]).mean(axis=(axis - 1, -1)))

    return _scipy((np.arange(EXAMPLES),), difference)


def _scipy(data: tuple[npt.NDArray[Any], ...], statistic: Callable[..., Floats]) -> Ends:
    found = stats.bootstrap(
        data,
        statistic,
        n_resamples=RESAMPLES,
        batch=BATCH,
        paired=len(data) > 1,
        vectorized=True,
        method="BCa",
        rng=np.random.default_rng(1),
    ).confidence_interval
    return float(found.low), float(found.high)


def _scipy_of_percentiles(old: Floats, new: Floats, resamples: int) -> Ends:
    """Leaves out the correction (BCa), for which scipy takes as many percentiles again as there are examples."""

    def ratio(drawn: npt.NDArray[np.int64]) -> float:
        return float(np.log(np.quantile(new[drawn], 0.95) / np.quantile(old[drawn], 0.95)))

    found = stats.bootstrap(
        (np.arange(EXAMPLES),),
        ratio,
        n_resamples=resamples,
        vectorized=False,
        method="percentile",
        rng=np.random.default_rng(1),
    ).confidence_interval
    return float(found.low), float(found.high)


def _best(work: Callable[[], Ends], times: int = REPEATED) -> Timed:
    return min((_timed(work) for _ in range(times)), key=lambda it: it.seconds)


def _timed(work: Callable[[], Ends]) -> Timed:
    started = time.perf_counter()
    ends = work()
    return Timed(time.perf_counter() - started, ends)


def _megabytes(work: Callable[[], Ends]) -> float:
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()


def _seconds(timed: Timed) -> str:
    return f"{timed.seconds:.2f} s"


def _beside(what: str, theirs: Timed, ours: Timed) -> str:
    return f"{f'scipy {what}'.strip()} {_seconds(theirs)}, x{theirs.seconds / ours.seconds:.1f}"


def _ends(timed: Timed) -> str:
    return f"{timed.ends[0]:.5f} to {timed.ends[1]:.5f}"


def main() -> None:
    """Prints the rows."""
    table = Table("what", "Sluice", "beside", "aim", title="Comparison, measured")
    for row in rows():
        table.add_row(*row)
    Console(width=140).print(table)


if __name__ == "__main__":
    main()
