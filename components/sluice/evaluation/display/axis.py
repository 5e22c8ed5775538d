"""An axis of a chart: where values are, and round numbers to read them by."""

import math
from dataclasses import dataclass

_STEPS = (1, 2, 5, 10)


@dataclass(frozen=True)
class Axis:
    """Values from `low` to `high` between two places, linear or logarithmic."""

    low: float
    high: float
    start: float
    end: float
    logarithmic: bool = False

    def at(self, value: float) -> float:
        """Returns where a value is; beyond the ends, the end."""
        value = min(max(value, self.low), self.high)
        share = (self._scaled(value) - self._scaled(self.low)) / (self._scaled(self.high) - self._scaled(self.low))
        return round(self.start + share * (self.end - self.start), 2)

    def ticks(self, most: int) -> list[float]:
        """Returns up to `most` round values within, at least two where the axis has room for them."""
        if self.logarithmic:
            return _log_ticks(self.low, self.high, most)
        return linear_ticks(self.low, self.high, most)

    def _scaled(self, value: float) -> float:
        return math.log(value) if self.logarithmic else value


def spanning(values: list[float], start: float, end: float, slack: float = 0.08) -> Axis:
    """Returns a linear axis with all the values on it, and a little room at the ends."""
    low, high = min(values), max(values)
    room = (high - low) * slack or abs(high) * slack or 1.0
    return Axis(low - room, high + room, start, end)


def linear_ticks(low: float, high: float, most: int) -> list[float]:
    """Returns multiples of 1, 2 or 5 times a power of ten from `low` to `high`, as many as fit."""
    power = 10.0 ** math.floor(math.log10((high - low) / max(most, 1)))
    for step in (factor * power for factor in (*_STEPS, 20, 50)):
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first < most:
            return [round(number * step, 12) for number in range(first, last + 1)]
    return []


def _log_ticks(low: float, high: float, most: int) -> list[float]:
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for factors in ((1, 2, 5), (1, 3), (1,)):
        found = [factor * 10.0**power for power in powers for factor in factors if low <= factor * 10.0**power <= high]
        if len(found) <= most:
            return found
    return found[:: math.ceil(len(found) / most)]
