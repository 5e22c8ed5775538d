"""What was measured within a stretch of time, and its statistics."""

import math
import re
from collections import Counter
from dataclasses import dataclass, field

STATISTICS = ("SampleCount", "Average", "Sum", "Minimum", "Maximum")
_PERCENTILE = re.compile(r"p(?P<percent>\d{1,2}(\.\d{1,10})?|100)")


def percentile_of(stat: str) -> float | None:
    """Returns the share that a percentile statistic names, 0.95 for `p95`, or None for another statistic."""
    found = _PERCENTILE.fullmatch(stat)
    return float(found["percent"]) / 100 if found else None


@dataclass
class Samples:
    """Measured values, as counts of each; a statistic set adds to the sums and hides its values."""

    count: float = 0.0
    total: float = 0.0
    minimum: float = math.inf
    maximum: float = -math.inf
    values: Counter[float] = field(default_factory=Counter)
    hidden: bool = False
    """True when values are not known one by one, so that there are no percentiles."""

    def add(self, value: float, count: float = 1.0) -> None:
        """Adds one value, `count` times."""
        self.values[value] += count  # type: ignore[assignment]
        self._widen(count, value * count, value, value)

    def add_set(self, count: float, total: float, minimum: float, maximum: float) -> None:
        """Adds a statistic set. One value, or equal ones, are as good as told one by one."""
        if minimum == maximum or count == 1:
            self.values[minimum] += count  # type: ignore[assignment]
        else:
            self.hidden = True
        self._widen(count, total, minimum, maximum)

    def merge(self, other: "Samples") -> None:
        """Adds all of another."""
        self.values.update(other.values)
        self.hidden = self.hidden or other.hidden
        self._widen(other.count, other.total, other.minimum, other.maximum)

    def statistic(self, stat: str) -> float | None:
        """Returns a statistic, or None where there is none: of nothing, or a percentile of hidden values."""
        if self.count <= 0:
            return None
        share = percentile_of(stat)
        if share is not None:
            return self._percentile(share)
        match stat:
            case "SampleCount":
                return self.count
            case "Sum":
                return self.total
            case "Average":
                return self.total / self.count
            case "Minimum":
                return self.minimum
            case "Maximum":
                return self.maximum
        raise ValueError(f"{stat} is no statistic that the sandbox knows")

    def _percentile(self, share: float) -> float | None:
        """Returns the least value that at least this share of the values does not exceed (the nearest rank)."""
        if self.hidden:
            return None
        needed, seen = share * self.count, 0.0
        for value in sorted(self.values):
            seen += self.values[value]
            if seen >= needed - 1e-9:
                return value
        return self.maximum

    def _widen(self, count: float, total: float, minimum: float, maximum: float) -> None:
        self.count += count
        self.total += total
        self.minimum, self.maximum = min(self.minimum, minimum), max(self.maximum, maximum)


def too_few(stat: str, count: float) -> bool:
    """
    Returns whether there are too few values for a percentile to be statistically significant.

    AWS ("Percentile-based alarms and low data samples"): 10/(1-p) values are needed from the median on, 10/p below it.
    """
    share = percentile_of(stat)
    if share is None or share in (0.0, 1.0):
        return False
    return count < round(10 / (1 - share if share >= 0.5 else share), 6)
