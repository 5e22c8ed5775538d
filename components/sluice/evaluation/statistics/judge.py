"""
Judges the difference between two versions in one metric.

`alpha` is the two-sided significance: an equal version is called better or worse with this probability at most, and a
version that is worse by the margin is called not worse with half of it (ICH E9, section 5.5). So tests and interval, of
confidence 1 - alpha, say the same; but McNemar's test is exact and the interval beside it is not, so that the test may
be silent where the interval just leaves 0 out.

Shares with one run use Tango's interval and not Newcombe's method 10, which narrows as answers correlate: where the two
versions seldom differ, it passes a version at the margin too often, as a simulation in the tests shows.
"""

import math

import numpy as np
import numpy.typing as npt
from scipy import stats

from sluice.evaluation.statistics.bootstrap import bootstrap_mean
from sluice.evaluation.statistics.difference import Difference, Evidence, Question, unknown
from sluice.evaluation.statistics.paired import (
    Table,
    guarded_difference,
    mcnemar,
    score_difference,
    score_statistic,
)
from sluice.evaluation.statistics.power import smallest_effect
from sluice.evaluation.statistics.runs import Floats, Paired, paired, require_binary, require_known

FEWEST_CHANGED = 10
"""With fewer examples that differ from the others, most of a bootstrap's sets hold few of them or none."""


def judge_difference(
    old: npt.ArrayLike,
    new: npt.ArrayLike,
    *,
    kind: str,
    direction: str = "higher",
    margin: float | None = None,
    alpha: float = 0.05,
    power: float = 0.8,
    resamples: int = 10_000,
    seed: int = 0,
) -> Difference:
    """
    Returns what is known of new less old in the mean of examples' means; a row of both is the same example.

    `binary`, one run each: McNemar's exact test; for the margin and the interval, Tango's score test.
    `binary`, more runs: Student's t of the examples' differences, guarded by two examples that differ wholly: without,
    where few examples differ, a version at the margin passes several times as often as it may.
    `score`: the BCa bootstrap of examples. Where fewer than 10 examples differ from the others, guarded Student's t,
    for which the spread of all scores seen is the largest difference; NaN when all those are equal.
    Raises SluiceError for shapes that differ, scores that are not of the kind, a negative margin.
    """
    require_known(kind, ("binary", "score"), "kind")
    require_known(direction, ("higher", "lower"), "direction")
    pairs, lower = paired(old, new), direction == "lower"
    if kind == "binary":
        require_binary(pairs.old, "old")
        require_binary(pairs.new, "new")
    asked = Question(_turned(pairs, kind) if lower else pairs, margin, alpha, power)
    if not pairs.examples:
        return Difference.of(asked, unknown("no common examples"))
    found = _shares(asked) if kind == "binary" else _scores(asked, resamples, seed)
    judged = Difference.of(asked, found)
    return judged.mapped(lambda value: -value, turned=True) if lower else judged


def _turned(pairs: Paired, kind: str) -> Paired:
    whole = 1.0 if kind == "binary" else 0.0
    return Paired(whole - pairs.old, whole - pairs.new, pairs.only_old, pairs.only_new)


def _shares(asked: Question) -> Evidence:
    if not asked.pairs.one_run_each:
        return _guarded(asked, 1.0, "Student's t of examples, guarded")
    table = Table.of(asked.pairs)
    return Evidence(
        estimate=table.difference,
        ends=score_difference(table, asked.confidence),
        p_above=lambda supposed: float(stats.norm.sf(score_statistic(table, supposed))) if supposed > -1 else 0.0,
        p_better=mcnemar(table, "greater"),
        p_worse=mcnemar(table, "less"),
        method="McNemar, Tango",
        smallest_effect=_guarded_effect(asked, 1.0),
    )


def _scores(asked: Question, resamples: int, seed: int) -> Evidence:
    differences = asked.pairs.differences()
    spread = _spread(asked.pairs)
    if _changed(differences, spread) < FEWEST_CHANGED:
        return _guarded(asked, spread, "Student's t of examples, guarded by the scores' spread")
    drawn = bootstrap_mean(differences, resamples=resamples, seed=seed)
    p_better = drawn.p_above(0)
    return Evidence(
        estimate=drawn.estimate,
        ends=drawn.interval(asked.confidence, small_sample=True),
        p_above=drawn.p_above,
        p_better=p_better,
        p_worse=1 - p_better,
        method="paired bootstrap, BCa",
        smallest_effect=smallest_effect(
            float(differences.std(ddof=1)), len(differences), alpha=asked.alpha, power=asked.power
        ),
    )


def _guarded(asked: Question, largest: float, method: str) -> Evidence:
    differences = asked.pairs.differences()
    estimate = float(differences.mean())
    if len(differences) < 2:
        return unknown("one example", estimate)
    if largest == 0:
        return unknown("all scores equal", estimate)
    mean, error, freedom = guarded_difference(differences, largest)
    reach = float(stats.t.isf(asked.alpha / 2, freedom)) * error
    p_better = float(stats.t.sf(mean / error, freedom))
    return Evidence(
        estimate=estimate,
        ends=(max(mean - reach, -largest), min(mean + reach, largest)),
        p_above=lambda supposed: float(stats.t.sf((mean - supposed) / error, freedom)),
        p_better=p_better,
        p_worse=1 - p_better,
        method=method,
        smallest_effect=_guarded_effect(asked, largest),
    )


def _guarded_effect(asked: Question, largest: float) -> float:
    size = asked.pairs.examples
    _, error, _ = guarded_difference(asked.pairs.differences(), largest)
    return smallest_effect(error * math.sqrt(size), size, alpha=asked.alpha, power=asked.power)


def _changed(differences: Floats, spread: float) -> int:
    """Returns how many differences are not the commonest one, but for rounding."""
    if spread == 0:
        return 0
    return len(differences) - int(np.unique(np.round(differences / spread, 9), return_counts=True)[1].max())


def _spread(pairs: Paired) -> float:
    seen = np.concatenate([pairs.old.ravel(), pairs.new.ravel()])
    return float(np.nanmax(seen) - np.nanmin(seen))
