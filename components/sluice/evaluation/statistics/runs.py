"""
Scores of a set: one row an example, one column a run, NaN where there is no run or no score.

The example is the unit of every statistic here: its runs are answers to one question, and say less than as many
questions would (Miller 2024, "Adding Error Bars to Evals", arXiv 2411.00640). A row without any number is left out.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sluice.errors import SluiceError

Floats = npt.NDArray[np.float64]
"""A row of numbers."""
Runs = npt.NDArray[np.float64]
"""Shape (examples, runs), NaN where there is no run or no score."""


@dataclass(frozen=True)
class Paired:
    """The examples that both versions have a score for, row by row."""

    old: Runs
    new: Runs
    only_old: int
    """How many examples only the old version has a score for."""
    only_new: int

    @property
    def examples(self) -> int:
        """How many examples both have."""
        return len(self.old)

    @property
    def one_run_each(self) -> bool:
        """Whether every example was asked once of both."""
        return is_one_run_each(self.old) and is_one_run_each(self.new)

    def differences(self) -> Floats:
        """Returns new less old of each example's mean over its runs; shape (examples,)."""
        return example_means(self.new) - example_means(self.old)


def scored(runs: npt.ArrayLike, what: str = "scores") -> Runs:
    """Returns the rows that have a number. Raises SluiceError for another shape than (examples, runs), or infinity."""
    found = _as_runs(runs, what)
    return found[~np.isnan(found).all(axis=1)]


def paired(old: npt.ArrayLike, new: npt.ArrayLike) -> Paired:
    """
    Returns the rows that have a number in both; how many runs each has may differ.

    Raises SluiceError when the rows are not as many, since then they are not of the same examples.
    """
    before, after = _as_runs(old, "old"), _as_runs(new, "new")
    if len(before) != len(after):
        raise SluiceError(
            f"old has {len(before)} examples and new has {len(after)}; a comparison is paired by example, so give both "
            "the same examples in the same order, and NaN where there is no score"
        )
    has_old, has_new = (~np.isnan(rows).all(axis=1) for rows in (before, after))
    both = has_old & has_new
    return Paired(before[both], after[both], int((has_old & ~has_new).sum()), int((has_new & ~has_old).sum()))


def example_means(runs: Runs) -> Floats:
    """Returns the mean of each row's numbers; shape (examples,). Every row has one."""
    return np.asarray(np.nanmean(runs, axis=1), dtype=np.float64) if len(runs) else np.empty(0)


def is_one_run_each(runs: Runs) -> bool:
    """Returns whether no row has more than one number."""
    return bool((np.isfinite(runs).sum(axis=1) <= 1).all())


def answers_in(runs: Runs) -> int:
    """Returns how many numbers there are."""
    return int(np.isfinite(runs).sum())


def require_binary(runs: Runs, what: str = "scores") -> None:
    """Raises SluiceError when a score is neither 0 nor 1."""
    others = runs[~(np.isnan(runs) | (runs == 0) | (runs == 1))]
    if len(others):
        raise SluiceError(
            f"{what} hold {others[0]:g}; a binary metric's are 0 or 1; correct the scorer or say kind: score"
        )


def require_share(value: float, what: str) -> None:
    """Raises SluiceError when a confidence, a significance or a power is not strictly between 0 and 1."""
    if not 0 < value < 1:
        raise SluiceError(f"{what} is {value:g}; allowed: between 0 and 1, both excluded")


def require_known(value: str, allowed: tuple[str, ...], what: str) -> None:
    """Raises SluiceError when a word is none of those allowed."""
    if value not in allowed:
        raise SluiceError(f"{what} is {value!r}; allowed: {', '.join(allowed)}")


def _as_runs(runs: npt.ArrayLike, what: str) -> Runs:
    found: npt.NDArray[Any] = np.asarray(runs, dtype=np.float64)
    if found.ndim != 2:
        raise SluiceError(f"{what} has the shape {found.shape}; it takes two dimensions: (examples, runs)")
    if np.isinf(found).any():
        raise SluiceError(f"{what} holds infinity; a score is a finite number, or NaN where there is none")
    return found
