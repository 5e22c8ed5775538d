"""Scores to judge: one row an example, one column a run."""

import numpy as np

from sluice.evaluation.statistics import Runs


def random(seed: int = 0) -> np.random.Generator:
    """Returns a generator that always draws the same."""
    return np.random.default_rng(seed)


def column(*numbers: float) -> Runs:
    """Returns examples of one run each."""
    return np.array(numbers, dtype=np.float64)[:, None]


def answers(both: int, only_new: int, only_old: int, neither: int) -> tuple[Runs, Runs]:
    """Returns old and new binary answers, one run each, with that fourfold table."""
    counts = [both, only_new, only_old, neither]
    return column(*np.repeat([1, 0, 1, 0], counts)), column(*np.repeat([1, 1, 0, 0], counts))


def flaky(generator: np.random.Generator, shares: Runs, runs: int) -> Runs:
    """Returns binary answers of examples that are right with these shares; shape (examples, runs)."""
    return (generator.random((len(shares), runs)) < shares.reshape(-1, 1)).astype(np.float64)


def most(nominal: float, repeats: int) -> float:
    """Returns the largest share of so many repeats that chance alone explains, once in ten thousand times more."""
    return float(nominal + 3.7 * np.sqrt(nominal * (1 - nominal) / repeats))
