"""Nearness to a number."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice.errors import InvalidInput
from tests.unit.evaluation.scorers.samples import score, scorer

numbers = st.floats(-1e9, 1e9)


@pytest.mark.parametrize(
    ("output", "reference", "options", "expected"),
    [
        (1, 1.0, {}, 1),
        (1.1, 1, {"absolute": 0.1}, 1),
        (0.3, 0.2, {"absolute": 0.1}, 1),
        (1.11, 1, {"absolute": 0.1}, 0),
        (110, 100, {"relative": 0.1}, 1),
        (90, -100, {"relative": 0.1}, 0),
        (111, 100, {"relative": 0.1}, 0),
        (105, 100, {"relative": 0.01, "absolute": 5}, 1),
        (0.5, 0, {"relative": 1}, 0),
        (" 1e3 ", 1000, {}, 1),
        ("1,000", 1000, {}, 0),
        ("1_000", 1000, {}, 0),
        ("nan", 1, {"absolute": 1e9}, 0),
        ("inf", 1, {"absolute": 1e9}, 0),
        (True, 1, {}, 0),
        (None, 1, {}, 0),
        ("", 1, {}, 0),
        (10**400, 1, {}, 0),
        ("9" * 500, 1, {}, 0),
        (1, "1.0", {}, 1),
    ],
)
def test_a_number_matches_within_the_tolerance(output: Any, reference: Any, options: Any, expected: float) -> None:
    """The tolerance's edge is within, in decimals; what is no number does not match."""
    assert score("numeric", output, reference, **options) == expected


@pytest.mark.parametrize("reference", [None, "x", True, math.nan, [1]])
def test_without_a_number_to_compare_with_there_is_no_score(reference: Any) -> None:
    """A reference that is no number scores nothing."""
    assert score("numeric", 1, reference) is None


@pytest.mark.parametrize(("find", "expected"), [("whole", 0), ("first", 0), ("last", 1)])
def test_numbers_are_found_in_texts(find: str, expected: float) -> None:
    """The first or the last number of a text counts when that is asked for."""
    assert score("numeric", "6 times 7 is -42.5.", -42.5, find=find) == expected


def test_errors_are_told_instead() -> None:
    """The error is absolute, or a share of the reference, and never negative."""
    assert score("numeric", 90, -100, score="absolute_error") == 190
    assert score("numeric", 90, 100, score="relative_error") == 0.1
    assert score("numeric", 90, 0, score="relative_error") is None


def test_an_output_without_a_number_has_no_error_unless_it_is_said() -> None:
    """What it counts as is the contract's word; else it is not scored, and counted."""
    assert score("numeric", "many", 3, score="absolute_error") is None
    assert score("numeric", "many", 3, score="absolute_error", unreadable=100) == 100


@pytest.mark.parametrize(
    "options", [{"absolute": -1}, {"relative": math.inf}, {"absolute": math.nan}, {"score": "square"}]
)
def test_options_are_checked(options: Any) -> None:
    """A tolerance is a finite number from 0, and a score one of three."""
    with pytest.raises(InvalidInput, match=r"metrics.m.scorer.numeric."):
        scorer("numeric", **options)


@given(numbers, numbers, st.floats(0, 1e6))
def test_more_tolerance_never_turns_right_into_wrong(output: float, reference: float, tolerance: float) -> None:
    """What matches with some tolerance matches with more."""
    less = score("numeric", output, reference, absolute=tolerance)
    more = score("numeric", output, reference, absolute=tolerance * 2)
    assert less is not None
    assert more is not None
    assert less <= more


@given(numbers, numbers)
def test_a_match_is_an_error_of_nothing(output: float, reference: float) -> None:
    """Without tolerance, a match and an error of 0 are the same."""
    assert (score("numeric", output, reference) == 1) == (
        score("numeric", output, reference, score="absolute_error") == 0
    )
