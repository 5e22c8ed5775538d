"""Cohorts drawn at random, looked at again and again: how often a gate is wrong, and how often it sees."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from statistics import NormalDist

from sluice.rollout import sequential
from sluice.rollout.cohorts import Pair
from sluice.rollout.sequential import Line

LOOKS = 60
"""As many as a gate is asked in a stage of a few days."""


@dataclass(frozen=True)
class World:
    """What truly happens on a stage."""

    candidate_rate: float
    baseline_rate: float
    candidate_requests: int
    """Over the whole stage."""
    baseline_requests: int
    swing: float = 0.0
    """By how much both rates go up and down in the course of a day, as a share of themselves."""

    def periods(self, random: Random) -> list[Pair]:
        """Draws a stage."""
        return [self._period(random, look) for look in range(LOOKS)]

    def _period(self, random: Random, look: int) -> Pair:
        common = 1 + self.swing * math.sin(2 * math.pi * look / LOOKS)
        ours, theirs = self.candidate_requests // LOOKS, self.baseline_requests // LOOKS
        failed = binomial(random, ours, self.candidate_rate * common)
        return Pair(ours, failed, theirs, binomial(random, theirs, self.baseline_rate * common))


def binomial(random: Random, asked: int, rate: float) -> int:
    """Draws how many of so many requests fail, from failure to failure."""
    if rate <= 0:
        return 0
    failed, at, per_request = -1, 0, math.log1p(-rate)
    while at <= asked:
        at += 1 + int(math.log(1 - random.random()) / per_request)
        failed += 1
    return failed


Test = Callable[[Sequence[Pair], float], Iterator[bool]]
"""Yields after each period whether it says so."""


def always_valid_worse(pairs: Sequence[Pair], alpha: float) -> Iterator[bool]:
    """Says that the candidate fails more often than the baseline."""
    return (sequential.enough(each, alpha) for each in sequential.running_worse(pairs, Line(0.0)))


def always_valid_not_worse(margin: float) -> Test:
    """Says that the candidate fails more often than the baseline by no more than a margin."""
    return lambda pairs, alpha: (
        sequential.enough(each, alpha) for each in sequential.running_not_worse(pairs, Line(margin))
    )


def fixed_level_differs(pairs: Sequence[Pair], alpha: float) -> Iterator[bool]:
    """Says that the rates differ, by the two-sided z test of two proportions, as if each look were the only one."""
    critical = NormalDist().inv_cdf(1 - alpha / 2)
    asked, failed, other, lost = 0, 0, 0, 0
    for pair in pairs:
        asked, failed = asked + pair.candidate_requests, failed + pair.candidate_errors
        other, lost = other + pair.baseline_requests, lost + pair.baseline_errors
        pooled = (failed + lost) / (asked + other)
        spread = math.sqrt(pooled * (1 - pooled) * (1 / asked + 1 / other))
        yield spread > 0 and abs(failed / asked - lost / other) > critical * spread


def ever(test: Test, world: World, alpha: float, runs: int, seed: int) -> float:
    """Returns in which share of stages the test says so at any of its looks."""
    random = Random(seed)
    return sum(any(test(world.periods(random), alpha)) for _ in range(runs)) / runs


def finally_(test: Test, world: World, alpha: float, runs: int, seed: int) -> float:
    """Returns in which share of stages the test says so at the last look."""
    random = Random(seed)
    return sum(list(test(world.periods(random), alpha))[-1] for _ in range(runs)) / runs
