"""Figures as people read them."""


def percent(share: float) -> str:
    """Returns a share as `1.9 %`, small ones with the digits that tell them apart: `0.04 %`."""
    value = 100 * share
    if value != 0 and abs(value) < 0.1:
        return f"{value:.2g} %"
    return f"{value:.1f} %"


def points(difference: float) -> str:
    """Returns a difference of shares in percentage points: `0.5 points`."""
    value = 100 * difference
    return f"{value:.1f} points" if abs(value) >= 1 else f"{value:.2g} points"


def number(value: float) -> str:
    """Returns a count with separators, and so a number of 1,000 or more; any other number with three digits."""
    return f"{value:,.0f}" if isinstance(value, int) or abs(value) >= 1000 else f"{value:.3g}"


def hours(value: float) -> str:
    """Returns hours, as `3.2` or `24`."""
    return f"{value:.1f}".removesuffix(".0")
