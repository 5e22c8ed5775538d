"""Which rise is a step, and which list a ladder."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice.rollout import ladder

ladders = st.sets(st.integers(1, 99)).map(lambda rungs: (*sorted(rungs), 100))
shares = st.floats(0, 100)


@given(ladders, shares, shares)
def test_a_fall_is_always_allowed(rungs: tuple[int, ...], one: float, other: float) -> None:
    """Whatever the ladder, traffic may go down by as much as one likes, at once."""
    assert ladder.refusal(rungs, max(one, other), min(one, other)) is None


@given(ladders, shares, st.integers(0, 100))
def test_no_rise_passes_over_a_rung(rungs: tuple[int, ...], live: float, wanted: int) -> None:
    """An allowed rise ends on a rung, and there is none between."""
    if ladder.rising(live, wanted) and ladder.refusal(rungs, live, wanted) is None:
        assert wanted in rungs
        assert [rung for rung in rungs if live + 0.001 < rung < wanted] == []


@given(ladders, shares)
def test_the_next_rung_is_allowed_until_the_top(rungs: tuple[int, ...], live: float) -> None:
    """Whatever share is live, there is a step up, and it is the one that is told."""
    above = ladder.next_rung(rungs, live)
    assert (above is None) == (live > 100 - 1e-5)
    assert above is None or ladder.refusal(rungs, live, above) is None


@pytest.mark.parametrize(
    ("live", "wanted", "expected"),
    [
        (10, 50, "50 % skips 25 % (1, 5, 10, 25, 50, 100); from 10 % the next step is 25 %"),
        (10, 20, "20 % is not on the ladder (1, 5, 10, 25, 50, 100); from 10 % the next step is 25 %"),
        (7, 25, "25 % skips 10 % (1, 5, 10, 25, 50, 100); from 7 % the next step is 10 %"),
        (0, 100, "100 % skips 1 % (1, 5, 10, 25, 50, 100); from 0 % the next step is 1 %"),
    ],
)
def test_a_refused_step_tells_the_allowed_one(live: float, wanted: float, expected: str) -> None:
    """From the share that is live, which need not be a rung."""
    assert ladder.refusal(ladder.DEFAULT, live, wanted) == expected


def test_weights_that_are_ratios_of_floats_are_the_shares_that_they_mean() -> None:
    """0.1 of 1.0 and a hair is 10 percent: it is no rise, and 25 is next."""
    assert not ladder.rising(10, 10.0000001)
    assert ladder.next_rung(ladder.DEFAULT, 9.9999999) == 25


def test_every_problem_of_a_ladder_is_told() -> None:
    """A rung that is none, two that do not ascend and a top that is too low are four problems."""
    assert [str(problem) for problem in ladder.problems([0, 10, 10, 5])] == [
        "ladder[0] is 0; allowed 1 to 100",
        "ladder[2] is 10, after 10; a ladder ascends (0, 10, 10, 5); allowed 11 or more",
        "ladder[3] is 5, after 10; a ladder ascends (0, 10, 10, 5); allowed 11 or more",
        "ladder ends at 5 (0, 10, 10, 5); add the rung 100, or the candidate never takes over",
    ]
    assert [str(problem) for problem in ladder.problems([])] == ["ladder is empty; it needs at least the rung 100"]


@given(ladders)
def test_what_ascends_to_100_is_a_ladder(rungs: tuple[int, ...]) -> None:
    """Of any length, from 100 alone on."""
    assert list(ladder.problems(rungs)) == []
