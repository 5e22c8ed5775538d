"""Metric math."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice_sandbox.cloudwatch.arithmetic import evaluate
from sluice_sandbox.cloudwatch.expressions import ExpressionError, parse

GRID = [0, 60, 120, 180]
KNOWN = {
    "errors": {0: 1.0, 60: 0.0, 180: 6.0},
    "requests": {0: 10.0, 60: 0.0, 120: 5.0, 180: 12.0},
    "nothing": {},
}


def _come_to(expression: str) -> Any:
    return evaluate(parse(expression), KNOWN, GRID)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("8 - 4 - 2", 2),
        ("8 / 4 / 2", 1),
        ("-2 ^ 2", -4),
        ("2 ^ 3 ^ 2", 512),
        ("1 < 2 AND 2 < 1 OR 1", 1),
        ("1 || 0 && 0", 1),
        ("1 + 1 == 2", 1),
        (".5 + 1e2", 100.5),
        ("MAX([1, 3, 2])", 3),
        ("MIN([1, 3, 2])", 1),
        ("IF(0, 1, 2)", 2),
    ],
)
def test_operators_bind_as_in_mathematics(expression: str, value: float) -> None:
    """Powers, then products, sums, comparisons, AND, OR."""
    assert _come_to(expression) == value


def test_where_one_series_misses_data_the_result_does() -> None:
    """And where a number is divided by zero."""
    assert _come_to("errors / requests") == {0: 0.1, 180: 0.5}
    assert _come_to("errors + nothing") == {}


def test_a_scalar_goes_with_every_point() -> None:
    """On either side."""
    assert _come_to("2 * errors") == {0: 2.0, 60: 0.0, 180: 12.0}
    assert _come_to("errors >= 1") == {0: 1.0, 60: 0.0, 180: 1.0}


def test_if_chooses_point_by_point() -> None:
    """Without a third argument, or where the chosen series has no data, there is no point."""
    assert _come_to("IF(errors > 0, requests, 99)") == {0: 10.0, 60: 99.0, 180: 12.0}
    assert _come_to("IF(requests > 0, errors / requests)") == {0: 0.1, 180: 0.5}


def test_fill_puts_data_where_there_is_none() -> None:
    """A value, another series, or the last value before; before the first there is nothing to repeat."""
    assert _come_to("FILL(errors, 0)") == {0: 1.0, 60: 0.0, 120: 0.0, 180: 6.0}
    assert _come_to("FILL(errors, requests)") == {0: 1.0, 60: 0.0, 120: 5.0, 180: 6.0}
    assert _come_to("FILL(errors, REPEAT)") == {0: 1.0, 60: 0.0, 120: 0.0, 180: 6.0}
    assert _come_to("FILL(IF(errors > 5, 1), REPEAT)") == {180: 1.0}
    assert _come_to("FILL(nothing, 3)") == dict.fromkeys(GRID, 3.0)


def test_a_floor_for_a_rate() -> None:
    """The greatest of an array, at every point that any of its series has."""
    assert _come_to("MAX([errors / requests, 0.2])") == {0: 0.2, 180: 0.5}
    assert _come_to("SUM([errors, requests])") == {0: 11.0, 60: 0.0, 120: 5.0, 180: 18.0}
    assert _come_to("MAX([errors, nothing])") == KNOWN["errors"]


def test_the_greatest_of_one_series_is_a_scalar() -> None:
    """It can be held against each of its points."""
    assert _come_to("errors == MAX(errors)") == {0: 0.0, 60: 0.0, 180: 1.0}


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("errors +", "Unexpected end"),
        ("errors requests", "Unexpected 'requests'"),
        ("(errors", r"Missing '\)'"),
        ("errors ; requests", "Unexpected character ';'"),
        ("__import__('os')", "does not exist|Unexpected character"),
        ("EVAL(errors)", "Function 'EVAL' does not exist"),
        ("unknown * 2", "'unknown' is not the id"),
        ("IF(errors)", "'IF' takes 2 or 3 arguments"),
        ("FILL(errors)", "'FILL' takes 2 arguments"),
        ("FILL(1, 2)", "FILL takes a series"),
        ("1 / 0", "Division by zero"),
        ("[errors, requests] + 1", "does not take arrays"),
        ("", "Unexpected end"),
    ],
)
def test_what_is_no_expression(expression: str, said: str) -> None:
    """It is refused with what is wrong."""
    with pytest.raises(ExpressionError, match=said):
        _come_to(expression)


@pytest.mark.parametrize("expression", ["CEIL(errors)", "ANOMALY_DETECTION_BAND(errors, 2)", "FILL(errors, LINEAR)"])
def test_what_cloudwatch_has_and_the_sandbox_has_not(expression: str) -> None:
    """It is not taken for a mistake."""
    with pytest.raises(NotImplementedError):
        _come_to(expression)


def _texts() -> st.SearchStrategy[str]:
    leaves = st.sampled_from(["errors", "requests", "nothing", "1", "0", "2.5"])

    def wider(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        pair = st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "<", ">=", "==", "AND", "OR"]), inner)
        return st.one_of(
            pair.map(lambda parts: f"({' '.join(parts)})"),
            st.tuples(inner, inner, inner).map(lambda parts: f"IF({', '.join(parts)})"),
            inner.map(lambda part: f"MAX([{part}, 1])"),
            inner.map(lambda part: f"-{part}"),
        )

    return st.recursive(leaves, wider, max_leaves=12)


@given(_texts())
def test_every_expression_comes_to_finite_numbers(expression: str) -> None:
    """Or is refused; a series has points on the grid alone."""
    value: Any = {}
    refusals = []
    try:
        value = _come_to(expression)
    except ExpressionError as error:
        refusals.append(str(error))
    assert set(refusals) <= {"Division by zero"}
    points = value if isinstance(value, dict) else {0: value}
    assert set(points) <= set(GRID)
    assert all(abs(number) < float("inf") for number in points.values())
