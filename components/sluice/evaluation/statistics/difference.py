"""What is known of the difference between two versions in one figure, and how it comes about from a test."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Self

from sluice.errors import SluiceError
from sluice.evaluation.statistics.runs import Paired, answers_in, require_share


@dataclass(frozen=True)
class Question:
    """What is asked of examples that both versions answered, where higher is better."""

    pairs: Paired
    margin: float | None
    """The largest tolerated regression. None: none is agreed."""
    alpha: float
    """Two-sided significance; each one-sided test has half of it."""
    power: float

    def __post_init__(self) -> None:
        """Raises SluiceError for a negative margin, or what is no probability."""
        require_share(self.alpha, "alpha")
        require_share(self.power, "power")
        if self.margin is not None and not 0 <= self.margin < math.inf:
            raise SluiceError(f"margin is {self.margin:g}; allowed: 0 or more, or None where none is agreed")

    @property
    def confidence(self) -> float:
        """Of the interval, two-sided."""
        return 1 - self.alpha


@dataclass(frozen=True)
class Evidence:
    """What a method found, where higher is better."""

    estimate: float
    ends: tuple[float, float]
    p_above: Callable[[float], float]
    """Returns the one-sided p value of "the truth is this or less"."""
    p_better: float
    p_worse: float
    method: str
    smallest_effect: float


@dataclass(frozen=True)
class Difference:
    """New less old, or new over old; NaN: the scores do not tell it. P values are one-sided and not corrected."""

    estimate: float
    low: float
    high: float
    confidence: float
    """Two-sided, 1 - alpha: each end belongs to a one-sided test at alpha/2 (ICH E9, section 5.5)."""
    p_not_worse: float | None
    """Of "new is worse by the margin or more". None: there is no margin."""
    p_better: float
    """Of "new is not better"."""
    p_worse: float
    """Of "new is not worse"."""
    method: str
    examples: int
    """How many have a score of both."""
    runs_old: int
    """How many scores those have of the old version, over all runs."""
    runs_new: int
    only_old: int
    """How many examples have a score of the old version only; they are left out."""
    only_new: int
    smallest_effect: float
    """The smallest true difference that so many examples see with the power, in the figure's unit."""

    @classmethod
    def of(cls, asked: Question, found: Evidence) -> Self:
        """Returns what the evidence says to the question. A margin of 0 asks whether it is better."""
        margin, pairs = asked.margin, asked.pairs
        p_not_worse = None
        if margin is not None:
            p_not_worse = found.p_above(-margin) if margin > 0 else found.p_better
        low, high = found.ends
        return cls(
            estimate=found.estimate,
            low=low,
            high=high,
            confidence=asked.confidence,
            p_not_worse=p_not_worse,
            p_better=found.p_better,
            p_worse=found.p_worse,
            method=found.method,
            examples=pairs.examples,
            runs_old=answers_in(pairs.old),
            runs_new=answers_in(pairs.new),
            only_old=pairs.only_old,
            only_new=pairs.only_new,
            smallest_effect=found.smallest_effect,
        )

    def mapped(self, change: Callable[[float], float], *, turned: bool) -> Self:
        """Returns it in another unit; `turned` says that what was higher is lower there."""
        low, high = (self.high, self.low) if turned else (self.low, self.high)
        return replace(self, estimate=change(self.estimate), low=change(low), high=change(high))


def unknown(why: str, estimate: float = math.nan) -> Evidence:
    """Returns the evidence where there is none; `why` takes the method's place."""
    nothing = math.nan
    return Evidence(estimate, (nothing, nothing), lambda _: nothing, nothing, nothing, why, nothing)
