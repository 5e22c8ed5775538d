"""Where the difference of two means is, at all looks together."""

import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice.rollout.cohorts import Sums
from sluice.rollout.means import Interval, difference, radius


def sums_of(values: list[float]) -> Sums:
    return Sums(len(values), sum(values), sum(value * value for value in values))


def test_the_bound_is_where_the_mixture_martingale_reaches_its_limit() -> None:
    """Integrated by hand over Robbins' normal mixture, the evidence at the interval's ends is 1/alpha."""
    information, margin, alpha = 40_000.0, 0.02, 0.01
    half = radius(information, margin, alpha)
    twice = -2 * math.log(alpha)
    ratio = twice + math.log(1 + twice)
    precision = (1 + 1 / ratio) * (math.log(1 + ratio) + twice) / margin**2 / ratio
    width, steps = 20 / math.sqrt(precision + information), 20_000
    centre = information * half / (precision + information)
    total = 0.0
    for step in range(steps):
        effect = centre - width / 2 + width * (step + 0.5) / steps
        total += math.exp(effect * information * half - effect**2 * information / 2 - effect**2 * precision / 2)
    mixture = total * width / steps * math.sqrt(precision / (2 * math.pi))
    assert mixture == pytest.approx(1 / alpha, rel=1e-6)


def stages(shift: float, runs: int, seed: int) -> list[list[Interval]]:
    """Draws the intervals of stages of 60 looks at skewed values with a difference of means."""
    random, found = Random(seed), []
    for _ in range(runs):
        ours: list[float] = []
        theirs: list[float] = []
        looks = []
        for _ in range(60):
            ours += [random.expovariate(1) + shift for _ in range(20)]
            theirs += [random.expovariate(1) for _ in range(60)]
            interval = difference(sums_of(ours), sums_of(theirs), 0.1, 0.05)
            looks += [] if interval is None else [interval]
        found.append(looks)
    return found


def test_the_difference_is_seldom_ever_outside_of_the_interval() -> None:
    """Sixty looks together miss it in 5 percent of stages at most, skewed as the values are."""
    missed = sum(any(not it.low <= 0 <= it.high for it in looks) for looks in stages(0.0, 150, 5))
    assert missed / 150 <= 0.05


def test_a_loss_beyond_the_margin_is_seen() -> None:
    """0.3 more of something with a spread of 1 is found in 1,200 values."""
    assert sum(looks[-1].low > 0.1 for looks in stages(0.3, 30, 6)) >= 27


@given(st.integers(0, 99), st.integers(0, 10_000))
def test_a_thin_cohort_tells_nothing(few: int, many: int) -> None:
    """What holds in the long run holds for nobody's first hundred values."""
    one, other = Sums(few, few * 0.5, few * 0.5), Sums(many, many * 0.5, many * 0.5)
    assert difference(one, other, 0.05, 0.01) is None
    assert difference(other, one, 0.05, 0.01) is None


def test_values_that_are_all_the_same_are_not_taken_for_certain() -> None:
    """A hundred times 1.0 leaves an interval, which becomes smaller as more come."""
    few = difference(Sums(100, 100, 100), Sums(100, 100, 100), 0.05, 0.01)
    many = difference(Sums(9000, 9000, 9000), Sums(9000, 9000, 9000), 0.05, 0.01)
    assert few is not None
    assert many is not None
    assert few.low < many.low < 0 < many.high < few.high
