"""Numbers as a product manager reads them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice.evaluation.display.figures import Measure, Scale, decimals

SHARE, NUMBER = Scale(Measure.SHARE), Scale(Measure.NUMBER, "points")
DURATION, MONEY = Scale(Measure.DURATION), Scale(Measure.MONEY, "EUR")


@pytest.mark.parametrize(
    ("scale", "value", "width", "said"),
    [
        (SHARE, 0.94, 0.06, "94.0 %"),
        (SHARE, 0.0004, 0.0002, "0.040 %"),
        (SHARE, 1.0, None, "100.0 %"),
        (NUMBER, 0.7123, 0.04, "0.712 points"),
        (NUMBER, 12345.678, 210.0, "12,346 points"),
        (DURATION, 112.4, 21.0, "112 ms"),
        (MONEY, 0.000423, 0.00002, "0.000423 EUR"),
        (SHARE, None, None, "not known"),
    ],
)
def test_a_figure_has_its_unit_and_as_many_decimals_as_its_interval_has_sense(
    scale: Scale, value: float | None, width: float | None, said: str
) -> None:
    """A figure is in percent, milliseconds, money or its own unit; its interval's width is seen with two digits."""
    assert scale.value(value, width) == said


@pytest.mark.parametrize(
    ("scale", "value", "said"),
    [
        (SHARE, -0.05, "-5.0"),
        (SHARE, 0.05, "+5.0"),
        (SHARE, 0.0, "0.0"),
        (SHARE, -0.00001, "0.0"),
        (DURATION, 1.25, "+25"),
        (DURATION, 0.9, "-10"),
        (NUMBER, -0.052, "-0.052"),
    ],
)
def test_a_difference_has_a_sign_unless_it_is_nothing(scale: Scale, value: float, said: str) -> None:
    """Differences of shares are percentage points, of latencies percent; what rounds to 0 has no sign."""
    assert scale.change(value, 0.06 if scale is not DURATION else 0.3) == said


@pytest.mark.parametrize(
    ("scale", "value", "said"),
    [
        (SHARE, -0.0125, "-1.25 pp"),
        (SHARE, 0.02, "+2 pp"),
        (DURATION, 1.2, "+20 %"),
        (MONEY, 0.0001, "+0.0001 EUR"),
        (SHARE, 0.0, "0 pp"),
    ],
)
def test_what_a_contract_sets_is_shown_as_it_is_set(scale: Scale, value: float, said: str) -> None:
    """A margin is never rounded, however wide the interval beside it is."""
    assert scale.set_change(value) == said


def test_bounds_are_shown_as_they_are_set() -> None:
    """A bound of 0.975 is 97.5 %."""
    assert [SHARE.set_value(0.975), DURATION.set_value(1200.0)] == ["97.5 %", "1,200 ms"]


def test_the_size_of_an_effect_has_no_sign() -> None:
    """How large a difference a set sees is the same both ways."""
    assert [SHARE.size(0.06), DURATION.size(1.25), NUMBER.size(None)] == ["6.0 pp", "25 %", "not known"]


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6))
def test_rounding_moves_a_figure_by_less_than_a_tenth_of_its_interval(value: float, width: float) -> None:
    """Whoever reads a rounded figure sees it where it is in its interval."""
    read = float(f"{value:.{decimals(value, width)}f}")
    assert abs(read - value) <= width / 10 + 1e-8
