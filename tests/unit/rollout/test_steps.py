"""The next step of a rollout."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice.rollout import ladder, steps

SHARES = st.tuples(st.integers(0, 100), st.integers(0, 100)).map(sorted)


@given(SHARES, st.integers(1, 100))
def test_a_rise_is_given_by_others(cuts: list[int], rung: int) -> None:
    """The sum stays 100, nobody is below 0, nobody else gains, and the baseline gives first."""
    traffic = {"blue": float(cuts[0]), "green": float(cuts[1] - cuts[0]), "amber": 100.0 - cuts[1]}
    if traffic["green"] > rung:
        return
    after = steps.raised(traffic, "green", rung, "blue")
    assert after["green"] == rung
    assert sum(after.values()) == 100
    assert all(0 <= after[slot] <= traffic[slot] for slot in ("blue", "amber"))
    assert after["amber"] == traffic["amber"] or after["blue"] == 0


def test_the_next_rung_is_the_ladders() -> None:
    """Also from a share between two rungs."""
    assert steps.next_traffic({"blue": 90, "green": 10}, "green", "blue", ladder.DEFAULT) == {"blue": 75, "green": 25}
    assert steps.next_traffic({"blue": 85, "green": 15}, "green", "blue", ladder.DEFAULT) == {"blue": 75, "green": 25}


def test_at_the_top_there_is_no_step() -> None:
    """What is left is to be the baseline."""
    with pytest.raises(
        ValueError, match="green has 100 %, the top of the ladder; make it the baseline: sluice promote"
    ):
        steps.next_traffic({"blue": 0, "green": 100}, "green", "blue", ladder.DEFAULT)


@pytest.mark.parametrize(
    ("traffic", "expected"),
    [({"blue": 100, "green": 0}, "green"), ({"blue": 90, "green": 10, "amber": 0}, "green")],
)
def test_the_candidate_is_the_one_that_has_begun(traffic: dict[str, float], expected: str) -> None:
    """Or the only one that there is."""
    assert steps.candidate(traffic, "blue") == expected


@pytest.mark.parametrize(
    ("traffic", "slot", "said"),
    [
        ({"blue": 100}, None, "say which slot; candidates are: none"),
        ({"blue": 80, "green": 10, "amber": 10}, None, "say which slot; candidates are: green, amber"),
        ({"blue": 90, "green": 10}, "blue", "'blue' is no candidate; candidates are: green"),
    ],
)
def test_who_climbs_must_be_clear(traffic: dict[str, float], slot: str | None, said: str) -> None:
    """The message names the candidates."""
    with pytest.raises(ValueError, match=said):
        steps.candidate(traffic, "blue", slot)
