"""How often a comparison is wrong, by simulation: false alarms at most as agreed, regressions seen as planned."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from sluice.evaluation.statistics import (
    Difference,
    Runs,
    Table,
    discordant_deviation,
    examples_needed,
    guarded_difference,
    holm,
    judge_difference,
    judge_quantile,
    newcombe_difference,
    score_statistic,
)
from tests.unit.evaluation.statistics.samples import flaky, most, random

MARGIN, LEVEL = 0.05, 0.025

Draw = Callable[[np.random.Generator, float], tuple[Runs, Runs]]
"""Returns old and new scores, where new is worse by so much."""


def single(generator: np.random.Generator, loss: float) -> tuple[Runs, Runs]:
    """Returns 300 examples of one run, of which a tenth is answered differently."""
    kinds = generator.choice(4, p=[0.8, (0.1 - loss) / 2, (0.1 + loss) / 2, 0.1], size=(300, 1))
    return np.isin(kinds, [0, 2]).astype(np.float64), np.isin(kinds, [0, 1]).astype(np.float64)


def repeated(generator: np.random.Generator, loss: float) -> tuple[Runs, Runs]:
    """Returns 150 examples of five runs, easy and hard ones, whose share of right answers falls by the loss."""
    shares = 0.1 + 0.85 * generator.beta(2, 1, 150)
    return flaky(generator, shares, 5), flaky(generator, shares - loss, 5)


def sparse(generator: np.random.Generator, loss: float) -> tuple[Runs, Runs]:
    """Returns 150 examples of five runs, of which only a tenth is ever answered differently."""
    unsure = generator.random(150) < 0.1
    shares = np.where(unsure, 0.5, 1.0)
    return flaky(generator, shares, 5), flaky(generator, shares - 10 * loss * unsure, 5)


def graded(generator: np.random.Generator, loss: float) -> tuple[Runs, Runs]:
    """Returns 80 examples of three runs with skewed scores."""
    common = generator.exponential(size=(80, 1))
    noise = generator.exponential(0.2, size=(2, 80, 3))
    return common + noise[0], common + noise[1] - loss


def judged(draw: Draw, loss: float, repeats: int, kind: str) -> list[Difference]:
    """Returns what is said of so many sets, at a two-sided significance of 0.05."""
    generator = random(17)
    return [
        judge_difference(*draw(generator, loss), kind=kind, margin=MARGIN, resamples=1_000, seed=seed)
        for seed in range(repeats)
    ]


CASES = pytest.mark.parametrize(
    ("draw", "kind"), [(single, "binary"), (repeated, "binary"), (sparse, "binary"), (graded, "score")]
)


@CASES
def test_equal_versions_seldom_alarm(draw: Draw, kind: str) -> None:
    """Equal versions are called better, or worse, at most as often as half of the significance, each."""
    repeats = 600
    found = judged(draw, 0, repeats, kind)
    # A bootstrap of skewed scores is a little off: half of a percent is allowed for.
    allowed = most(LEVEL, repeats) + 0.005
    assert sum(it.p_better <= LEVEL for it in found) / repeats < allowed
    assert sum(it.p_worse <= LEVEL for it in found) / repeats < allowed
    assert sum(it.low > 0 or it.high < 0 for it in found) / repeats < most(2 * LEVEL, repeats) + 0.01


@CASES
def test_a_version_at_the_margin_seldom_passes(draw: Draw, kind: str) -> None:
    """A version that is worse by the whole margin is called not worse at most as often as half of the significance."""
    repeats = 600
    found = judged(draw, MARGIN, repeats, kind)
    assert sum(it.p_not_worse is not None and it.p_not_worse <= LEVEL for it in found) / repeats < (
        most(LEVEL, repeats) + 0.005
    )


def test_a_regression_is_seen_with_the_power() -> None:
    """On as many examples as planned, a loss of the margin is seen about as often as planned, less for exactness."""
    loss, share, generator, repeats = 0.04, 0.1, random(5), 2_000
    needed = examples_needed(loss, discordant_deviation(share, loss), alpha=0.05, power=0.8)
    won, lost = (share - loss) / 2, (share + loss) / 2
    draws = generator.multinomial(needed, [won, lost, 1 - share], size=repeats)
    seen = stats.binom.cdf(draws[:, 0], draws[:, 0] + draws[:, 1], 0.5) <= LEVEL
    assert 0.72 < seen.mean() < 0.85


def test_the_smallest_effect_is_seen_with_the_power() -> None:
    """A loss as large as the smallest effect that is told is called worse about as often as the power says."""
    generator, repeats = random(6), 400
    common, noise = generator.normal(size=(100, 1)), 0.4
    effect = 2.8016 * noise * math.sqrt(2 / 3) / math.sqrt(100)
    told, seen = [], 0
    for seed in range(repeats):
        old, new = (common + noise * generator.normal(size=(100, 3)) for _ in range(2))
        found = judge_difference(old, new - effect, kind="score", resamples=1_000, seed=seed)
        told.append(found.smallest_effect)
        seen += found.p_worse <= LEVEL
    assert np.mean(told) == pytest.approx(effect, rel=0.03)
    assert seen / repeats == pytest.approx(0.8, abs=0.07)


def test_newcombes_interval_would_pass_too_many() -> None:
    """Where versions seldom differ, method 10 passes one at the margin oftener than agreed; Tango's test does not."""
    generator, repeats, margin = random(8), 3_000, 0.02
    draws = generator.multinomial(300, [0.487, 0.002, 0.022, 0.489], size=repeats)
    tables = [Table(*map(int, draw)) for draw in draws]
    tango = sum(stats.norm.sf(score_statistic(table, -margin)) <= LEVEL for table in tables) / repeats
    newcombe = sum(newcombe_difference(table)[0] > -margin for table in tables) / repeats
    assert tango < most(LEVEL, repeats) < newcombe


def test_the_guard_is_needed() -> None:
    """Where few examples differ, Student's t alone passes a version at the margin several times as often as agreed."""
    generator, repeats, margin, passed = random(9), 1_000, 0.02, {True: 0, False: 0}
    for _ in range(repeats):
        unsure = generator.random(100) < 0.05
        old, new = (flaky(generator, np.where(unsure, share, 1.0), 5).mean(axis=1) for share in (0.5, 0.1))
        differences = new - old
        for guard in passed:
            mean, error, freedom = guarded_difference(differences, 1.0 if guard else 1e-9)
            passed[guard] += bool(stats.t.sf((mean + margin) / error, freedom) <= LEVEL)
    assert passed[True] / repeats < most(LEVEL, repeats)
    assert passed[False] / repeats > 0.06


@pytest.mark.parametrize(("examples", "runs", "q"), [(200, 1, 0.5), (200, 5, 0.95), (1_000, 1, 0.99)])
def test_equal_latencies_seldom_alarm(examples: int, runs: int, q: float) -> None:
    """Versions that are equally fast are seldom called faster, or slower: about half of the significance each."""
    generator, repeats = random(10), 250
    alarms = np.zeros(2)
    for seed in range(repeats):
        common = generator.normal(size=(examples, 1))
        old, new = (np.exp(common + 0.5 * generator.normal(size=(examples, runs))) for _ in range(2))
        found = judge_quantile(old, new, q, resamples=1_000, seed=seed)
        alarms += [found.p_better <= LEVEL, found.p_worse <= LEVEL]
    # A percentile moves by gaps, so that the bootstrap's error is a little above: a percent is allowed for.
    assert (alarms / repeats < most(LEVEL + 0.01, repeats)).all()


def test_many_figures_seldom_alarm() -> None:
    """Of ten equal figures any is called better or worse about as often as one alone, not ten times as often."""
    generator, repeats = random(11), 1_000
    anyone, uncorrected = 0, 0
    for _ in range(repeats):
        differences = generator.normal(size=(10, 50))
        scores = differences.mean(axis=1) / differences.std(axis=1, ddof=1) * math.sqrt(50)
        p_values = {str(index): float(p) for index, p in enumerate(2 * stats.t.sf(abs(scores), 49))}
        anyone += min(holm(p_values).values()) <= 0.05
        uncorrected += min(p_values.values()) <= 0.05
    assert anyone / repeats < most(0.05, repeats)
    assert uncorrected / repeats > 0.25
