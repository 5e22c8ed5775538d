"""Equality with the reference."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.evaluation.scorers.samples import score

values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize(
    ("output", "reference", "expected"),
    [
        ("a", "a", 1),
        ("a", "A", 0),
        (1, 1.0, 1),
        (1, True, 0),
        (0, False, 0),
        ([True], [1], 0),
        ("1", 1, 0),
        ({"a": 1, "b": [2]}, {"b": [2], "a": 1}, 1),
        ([1, 2], [2, 1], 0),
        ([1], [1, 2], 0),
        ({"a": 1}, {"a": 1, "b": None}, 0),
        (None, "a", 0),
        ("é", "é", 1),
        (0, 0, 1),
        ("", "", 1),
    ],
)
def test_equality_is_json_s(output: Any, reference: Any, expected: float) -> None:
    """Values are equal as JSON has it, and a truth is no number."""
    assert score("exact", output, reference) == expected


def test_no_reference_is_no_score() -> None:
    """What has nothing to be held against is not scored, and is not wrong either."""
    assert score("exact", "a", None) is None


def test_a_false_reference_is_a_reference() -> None:
    """False, 0 and an empty text are references like others."""
    assert [score("exact", it, it) for it in (False, 0, "", [], {})] == [1, 1, 1, 1, 1]


def test_case_and_whitespace_can_be_ignored() -> None:
    """Each counts unless it is said not to, inside of lists and objects too."""
    assert score("exact", {"a": [" Straße\n 1"]}, {"a": ["STRASSE 1"]}) == 0
    options = {"ignore_case": True, "ignore_whitespace": True}
    assert score("exact", {"a": [" Straße\n 1"]}, {"a": ["STRASSE 1"]}, **options) == 1
    assert score("exact", "a b", "ab", **options) == 0


def test_paths_find_the_parts() -> None:
    """A part of the output is held against a part of the reference."""
    options = {"path": "choices[0].label", "reference_path": "label"}
    assert score("exact", {"choices": [{"label": "x"}]}, {"label": "x", "why": "y"}, **options) == 1
    assert score("exact", "no object", {"label": "x"}, **options) == 0
    assert score("exact", {}, {"why": "y"}, **options) is None


def test_a_function_of_a_path_that_does_not_fit_finds_nothing() -> None:
    """An output that a path's function cannot take is a wrong answer, and no failure of the scorer."""
    assert score("exact", {"a": 1}, 1, path="length(a)") == 0


def test_any_of_several_answers_is_good() -> None:
    """With any_of each member of the reference is good; without it the list itself is."""
    assert score("exact", "b", ["a", "b"], any_of=True) == 1
    assert score("exact", "c", ["a", "b"], any_of=True) == 0
    assert score("exact", "b", ["a", "b"]) == 0
    assert score("exact", "b", "b", any_of=True) == 1


@given(values.filter(lambda it: it is not None), st.booleans(), st.booleans())
def test_everything_is_itself(value: Any, case: bool, space: bool) -> None:
    """Whatever is ignored, a value equals itself."""
    assert score("exact", value, value, ignore_case=case, ignore_whitespace=space) == 1


@given(values.filter(lambda it: it is not None), values.filter(lambda it: it is not None))
def test_equality_has_no_sides(one: Any, other: Any) -> None:
    """Which is the output and which the reference does not matter."""
    assert score("exact", one, other) == score("exact", other, one)
