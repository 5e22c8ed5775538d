"""
Numbers as a product manager reads them: percent and percentage points, milliseconds, money.

Estimates have as many decimals as show their interval with two digits; what a contract sets is shown as it is set.
"""

import math
from dataclasses import dataclass
from enum import Enum

UNKNOWN = "not known"


class Measure(Enum):
    """What a figure is, which says how it and its differences are written."""

    SHARE = "share"
    """`94.0 %`, with differences in percentage points."""
    NUMBER = "number"
    DURATION = "duration"
    """Milliseconds, with differences as ratios: `+25 %`."""
    MONEY = "money"


@dataclass(frozen=True)
class Scale:
    """How a figure is written."""

    measure: Measure
    unit: str = ""
    """Behind a number, or the currency."""

    @property
    def is_ratio(self) -> bool:
        """Whether the two versions are compared by the ratio of their figures."""
        return self.measure is Measure.DURATION

    def value(self, value: float | None, width: float | None = None) -> str:
        """Returns a figure with its unit: `94.0 %`. `width` is that of its interval, where it has one."""
        return UNKNOWN if value is None else self._with_unit(self.number(value, width))

    def number(self, value: float, width: float | None = None) -> str:
        """Returns a figure without its unit: `94.0`."""
        factor = 100 if self.measure is Measure.SHARE else 1
        return _rounded(value * factor, decimals(value * factor, width and width * factor, self._least))

    def set_value(self, value: float) -> str:
        """Returns a figure exactly as somebody set it: `97.5 %`."""
        return self._with_unit(_exact(value * 100 if self.measure is Measure.SHARE else value))

    def tick(self, value: float) -> str:
        """Returns a round figure for an axis, with its unit if that is a short one of ours."""
        return self.set_value(value) if self.measure in (Measure.SHARE, Measure.DURATION) else _exact(value)

    def change_tick(self, value: float) -> str:
        """Returns a round difference for an axis, with its unit if that is a short one of ours."""
        return self.set_change(value) if self._factor == 100 else _signed(_exact(value))

    def change(self, value: float | None, width: float | None = None) -> str:
        """Returns a difference with its sign, without its unit: `-5.0`; of a ratio in percent, `+25`."""
        if value is None:
            return UNKNOWN
        inner = self._inner(value)
        return _signed(_rounded(inner, decimals(inner, width and width * self._factor, self._least)))

    def set_change(self, value: float) -> str:
        """Returns a difference as somebody set it, with its sign and unit: `-2 pp`."""
        return self.with_change_unit(_signed(_exact(self._inner(value))))

    def size(self, value: float | None) -> str:
        """Returns how large a difference is, without its sign: `6.1 pp`."""
        if value is None:
            return UNKNOWN
        inner = abs(self._inner(value))
        return self.with_change_unit(_rounded(inner, decimals(inner, inner, 0)))

    def with_change_unit(self, number: str) -> str:
        """Returns a difference with the unit behind it."""
        unit = {Measure.SHARE: "pp", Measure.DURATION: "%"}.get(self.measure, self.unit)
        return f"{number} {unit}".rstrip()

    def _with_unit(self, number: str) -> str:
        unit = {Measure.SHARE: "%", Measure.DURATION: "ms"}.get(self.measure, self.unit)
        return f"{number} {unit}".rstrip()

    def _inner(self, value: float) -> float:
        return (value - 1) * 100 if self.is_ratio else value * self._factor

    @property
    def _factor(self) -> float:
        return 100 if self.is_ratio or self.measure is Measure.SHARE else 1

    @property
    def _least(self) -> int:
        return 1 if self.measure is Measure.SHARE else 0


def decimals(value: float, width: float | None, least: int = 0) -> int:
    """Returns how many decimals show an interval's width with two digits, or without one the value with three."""
    size, digits = (abs(width), 2) if width else (abs(value), 3)
    if size == 0 or not math.isfinite(size):
        return least
    return min(max(digits - 1 - math.floor(math.log10(size)), least), 8)


def count(number: int) -> str:
    """Returns a number of things: `1,240`."""
    return f"{number:,}"


def _rounded(value: float, places: int) -> str:
    text = f"{value:,.{places}f}"
    return text.lstrip("-") if float(text.replace(",", "")) == 0 else text


def _exact(value: float) -> str:
    return f"{round(value, 10):,.10f}".rstrip("0").rstrip(".")


def _signed(text: str) -> str:
    return text if text.startswith("-") or not text.strip("0.") else f"+{text}"
