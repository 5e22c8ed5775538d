"""
Differences of all units on one axis: right is better, 0 is no difference, -1 the largest tolerated regression.

Each difference is divided by its own margin; of ratios, their logarithms are. Where there is no margin to divide by,
the far end of the interval is 1 away from 0.
"""

import math
from dataclasses import dataclass

from sluice.evaluation.contract import Direction
from sluice.evaluation.display.rows import Row

EXPLAINED = (
    "Each row is divided by its own margin: 0 is no difference, -1 the largest tolerated regression, and right is "
    "better. A row without a margin is scaled to its own interval."
)


@dataclass(frozen=True)
class InMargins:
    """A difference on the common axis."""

    estimate: float
    low: float
    """The worse end."""
    high: float
    limit: float | None
    """Where the largest tolerated regression is. None: none is agreed."""


def in_margins(row: Row) -> InMargins | None:
    """Returns a row's difference on the common axis; None where it has no interval."""
    it = row.compared
    if it.estimate is None or it.low is None or it.high is None:
        return None
    estimate, *ends = (_better_right(row, value) for value in (it.estimate, it.low, it.high))
    limit = None if row.limit is None else _better_right(row, row.limit)
    unit = abs(limit or 0) or max(abs(end) for end in (estimate, *ends)) or 1.0
    return InMargins(estimate / unit, min(ends) / unit, max(ends) / unit, None if limit is None else limit / unit)


def _better_right(row: Row, value: float) -> float:
    change = math.log(max(value, 1e-12)) if row.scale.is_ratio else value
    return change if row.compared.direction is Direction.HIGHER else -change
