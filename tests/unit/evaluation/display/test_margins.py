"""Differences of all units on one axis, and the bars made of them."""

import pytest

from sluice.evaluation.comparison import ComparedMetric
from sluice.evaluation.contract import Direction
from sluice.evaluation.display.bar import ASCII, bar
from sluice.evaluation.display.figures import Measure, Scale
from sluice.evaluation.display.margins import InMargins, in_margins
from sluice.evaluation.display.rows import Row
from sluice.evaluation.verdict import Verdict
from tests.unit.evaluation.display.samples import compared, ratio


def placed(it: ComparedMetric, measure: Measure = Measure.SHARE) -> InMargins | None:
    return in_margins(Row("m", it, Scale(measure)))


def test_a_difference_is_counted_in_margins() -> None:
    """A loss of 5 points with a margin of 2 is 2.5 margins to the left, and the limit is at -1."""
    it = placed(compared(Verdict.WORSE, 0.99, 0.94, (-0.08, -0.02)))
    assert it is not None
    assert (it.estimate, it.low, it.high, it.limit) == pytest.approx((-2.5, -4, -1, -1))


def test_right_is_better_also_where_lower_is() -> None:
    """A loss that falls goes to the right, and its worse end is the left one."""
    it = placed(compared(Verdict.BETTER, 0.25, 0.21, (-0.06, -0.02), direction=Direction.LOWER))
    assert it is not None
    assert (it.estimate, it.low, it.high, it.limit) == pytest.approx((2, 1, 3, -1))


def test_ratios_are_counted_by_their_logarithms() -> None:
    """1.44 times the latency, with 1.2 tolerated, is two margins to the left."""
    it = placed(ratio(1.44, 1.2, 1.728, Verdict.WORSE), Measure.DURATION)
    assert it is not None
    assert (it.estimate, it.low, it.high, it.limit) == pytest.approx((-2, -3, -1, -1))


def test_without_a_margin_the_interval_is_the_scale() -> None:
    """The far end of the interval is 1 away, and no limit is drawn."""
    it = placed(compared(Verdict.CANNOT_TELL, 0.5, 0.5, (-0.04, 0.02), margin=None))
    assert it == InMargins(0.0, -1.0, 0.5, None)


def test_a_margin_of_nothing_is_at_no_difference() -> None:
    """Where nothing is tolerated, the limit is at 0, and the interval is the scale."""
    it = placed(compared(Verdict.CANNOT_TELL, 0.5, 0.5, (-0.04, 0.02), margin=0.0))
    assert it is not None
    assert (it.low, it.limit) == (-1.0, 0.0)


def test_what_has_no_interval_has_no_place() -> None:
    """A figure that cannot be told is not drawn."""
    it = compared(Verdict.CANNOT_TELL, 0.5, 0.5, (-0.04, 0.02)).model_copy(update={"low": None})
    assert placed(it) is None


def test_a_bar_shows_interval_limit_and_no_difference() -> None:
    """Each has its place between three margins to the left and three to the right."""
    assert bar(InMargins(1.0, 0.5, 1.5, -1.0), 13, ASCII) == "    : |-o-   "


def test_a_bar_that_is_crossed_shows_it() -> None:
    """An interval that holds no difference has a mark there."""
    assert bar(InMargins(0.5, -0.5, 1.5, None), 13, ASCII) == "     -+o--   "


def test_an_interval_that_leaves_the_bar_ends_in_arrows() -> None:
    """What is beyond three margins is not drawn as if it ended there."""
    assert bar(InMargins(0.0, -9.0, 9.0, -1.0), 13, ASCII) == "<---:-o----->"
