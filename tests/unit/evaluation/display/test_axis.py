"""Axes of charts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice.evaluation.display.axis import Axis, spanning


def test_values_are_where_they_belong() -> None:
    """The middle of a linear axis is its mean, of a logarithmic one its geometric mean."""
    assert Axis(0, 10, 100, 200).at(5) == 150
    assert Axis(1, 100, 100, 200, logarithmic=True).at(10) == 150


def test_what_is_beyond_an_axis_is_at_its_end() -> None:
    """Nothing is drawn outside of the picture."""
    assert (Axis(0, 10, 100, 200).at(-5), Axis(0, 10, 100, 200).at(50)) == (100, 200)


def test_ticks_are_round() -> None:
    """People read multiples of 1, 2 and 5."""
    assert Axis(-0.083, 0.004, 0, 1).ticks(5) == [-0.08, -0.06, -0.04, -0.02, 0]
    assert Axis(7, 220, 0, 1, logarithmic=True).ticks(5) == [10, 20, 50, 100, 200]


@given(st.floats(-1e5, 1e5), st.floats(1e-6, 1e5), st.integers(2, 6))
def test_ticks_are_on_the_axis_and_not_too_many(low: float, width: float, most: int) -> None:
    """Whatever the values, some ticks are on the axis, and no more than asked for."""
    ticks = Axis(low, low + width, 0, 1).ticks(most)
    assert 1 <= len(ticks) <= most
    assert all(low - width * 1e-3 <= it <= low + width * 1.001 for it in ticks)


@pytest.mark.parametrize("values", [[0.0, 0.0], [5.0, 5.0], [-1.0, 3.0]])
def test_an_axis_has_room_around_its_values(values: list[float]) -> None:
    """Equal values and zeros have an axis too."""
    axis = spanning(values, 0, 100)
    assert axis.low < min(values) <= max(values) < axis.high
