"""Whether a split is the declared one, at all looks together."""

import math
from random import Random

import pytest

from sluice.rollout.sample_ratio import log_evidence


@pytest.mark.parametrize(
    ("counts", "shares", "expected"),
    [
        ([9000, 1100], [0.9, 0.1], 2.7217774739),
        ([500, 480, 20], [0.5, 0.45, 0.05], 4.9954711072),
        ([12310, 1204], [0.9, 0.1], 7.2899737659),
        ([0, 7], [0.75, 0.25], 0.0623266184),
        ([990000, 10900], [0.99, 0.01], 35.3889294956),
    ],
)
def test_evidence_is_what_independent_implementations_find(
    counts: list[int], shares: list[float], expected: float
) -> None:
    """By ssrm-test 0.1.5 and savvi 0.3.1, with the concentration 1000; they agree with each other to nine digits."""
    found = log_evidence(dict(zip("abc", shares, strict=False)), dict(zip("abc", counts, strict=False)))
    assert found == pytest.approx(expected, abs=1e-8)


def looked_at(share: float, runs: int, seed: int) -> float:
    """Returns in which share of stages of 60 looks a split of 10 percent is ever doubted, at 5 percent."""
    random, doubted = Random(seed), 0
    for _ in range(runs):
        counts = {"blue": 0, "green": 0}
        for _ in range(60):
            green = sum(random.random() < share for _ in range(200))
            counts = {"blue": counts["blue"] + 200 - green, "green": counts["green"] + green}
            if log_evidence({"blue": 0.9, "green": 0.1}, counts) >= math.log(20):
                doubted += 1
                break
    return doubted / runs


def test_a_split_as_declared_is_seldom_doubted() -> None:
    """Sixty looks together are wrong in 5 percent of stages at most."""
    assert looked_at(0.1, 200, 3) <= 0.05


def test_a_split_that_is_another_is_seen() -> None:
    """12 percent of 12,000 requests are not 10."""
    assert looked_at(0.12, 50, 4) >= 0.95
