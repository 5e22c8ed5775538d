"""How often sixty looks at a stage are wrong, and how often they see; `make bench` prints the figures."""

import pytest

from tests.support import looks
from tests.support.looks import World

QUIET = World(0.01, 0.01, 6_000, 54_000)
WORLDS = [QUIET, World(0.01, 0.01, 6_000, 54_000, swing=0.6), World(0.002, 0.002, 30_000, 30_000)]


def at_boundary(world: World) -> World:
    """Returns the same stage with a candidate that is half a point worse."""
    return World(
        world.baseline_rate + 0.005,
        world.baseline_rate,
        world.candidate_requests,
        world.baseline_requests,
    )


@pytest.mark.parametrize("world", WORLDS)
def test_a_candidate_that_is_as_good_is_seldom_called_worse(world: World) -> None:
    """In 5 percent of stages at most, all looks together, and though rates swing with the day."""
    assert looks.ever(looks.always_valid_worse, world, 0.05, 200, seed=7) <= 0.05


@pytest.mark.parametrize("world", WORLDS)
def test_a_candidate_at_the_margin_is_seldom_called_tolerable(world: World) -> None:
    """This error lets a bad version rise: in 5 percent of stages at most, all looks together."""
    assert looks.ever(looks.always_valid_not_worse(0.005), at_boundary(world), 0.05, 200, seed=8) <= 0.05


def test_looks_at_a_fixed_level_are_wrong_again_and_again() -> None:
    """What is 5 percent at one look is about 30 at sixty: why a gate is not a plain test."""
    assert 0.2 <= looks.ever(looks.fixed_level_differs, QUIET, 0.05, 200, seed=9) <= 0.45
    assert looks.finally_(looks.fixed_level_differs, QUIET, 0.05, 200, seed=9) <= 0.1


@pytest.mark.parametrize(("rate", "least"), [(0.02, 0.9), (0.03, 0.99), (0.05, 0.99)])
def test_a_regression_is_seen_on_the_second_rung(rate: float, least: float) -> None:
    """Twice the errors of 1 percent, in 6,000 requests of 60,000, with 99 percent confidence."""
    world = World(rate, 0.01, 6_000, 54_000)
    assert looks.finally_(looks.always_valid_worse, world, 0.01, 100, seed=10) >= least


def test_a_candidate_that_is_as_good_is_found_so() -> None:
    """0.2 percent of errors, half a point tolerated: 6,000 requests of 60,000 tell nine times of ten."""
    world = World(0.002, 0.002, 6_000, 54_000)
    assert looks.finally_(looks.always_valid_not_worse(0.005), world, 0.01, 100, seed=11) >= 0.9


def test_draws_are_binomial() -> None:
    """The mean and the spread of what is drawn are those of the distribution."""
    random = looks.Random(1)
    drawn = [looks.binomial(random, 400, 0.05) for _ in range(4000)]
    mean = sum(drawn) / len(drawn)
    assert mean == pytest.approx(20, abs=0.3)
    assert sum((each - mean) ** 2 for each in drawn) / len(drawn) == pytest.approx(19, abs=1.5)
