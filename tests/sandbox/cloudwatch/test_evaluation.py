"""In which state an alarm is: AWS's own examples, and what holds for all data."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice_sandbox.cloudwatch.evaluation import Rule, Verdict, evaluate
from sluice_sandbox.cloudwatch.reasons import reason

END = 6000
KEPT = None


def _verdict(pattern: str, missing: str, enough: int, periods: int = 3) -> Verdict:
    """Returns what comes of data points as AWS draws them, oldest first: X breaches, 0 does not, - is missing."""
    points = {END - 60 * (age + 1): mark for age, mark in enumerate(reversed(pattern.split())) if mark != "-"}
    series = {at: 1.0 if mark == "X" else 0.0 for at, mark in points.items()}
    return evaluate(Rule("GreaterThanThreshold", 0.5, periods, enough, missing), series, END)


TREATMENTS = ("missing", "ignore", "breaching", "notBreaching")


@pytest.mark.parametrize(
    ("pattern", "states"),
    [
        ("0 - X - X", ("OK", "OK", "OK", "OK")),
        ("0 - - - -", ("OK", "OK", "OK", "OK")),
        ("- - - - -", ("INSUFFICIENT_DATA", KEPT, "ALARM", "OK")),
        ("0 X X - X", ("ALARM", "ALARM", "ALARM", "ALARM")),
        ("- - X - -", ("ALARM", KEPT, "ALARM", "OK")),
    ],
)
def test_three_of_three(pattern: str, states: tuple[str | None, ...]) -> None:
    """The table of AWS's guide for 3 evaluation periods, all of which have to breach."""
    assert tuple(_verdict(pattern, missing, 3).state for missing in TREATMENTS) == states


@pytest.mark.parametrize(
    ("pattern", "states"),
    [
        ("0 - X - X", ("ALARM", "ALARM", "ALARM", "ALARM")),
        ("0 0 X 0 X", ("ALARM", "ALARM", "ALARM", "ALARM")),
        ("0 - X - -", ("OK", "OK", "ALARM", "OK")),
        ("- - - - 0", ("OK", "OK", "ALARM", "OK")),
        ("- - - X -", ("ALARM", KEPT, "ALARM", "OK")),
    ],
)
def test_two_of_three(pattern: str, states: tuple[str | None, ...]) -> None:
    """The same table for 2 of 3."""
    assert tuple(_verdict(pattern, missing, 2).state for missing in TREATMENTS) == states


def test_a_first_breach_is_not_enough() -> None:
    """One data point that breaches, and nothing before it, leaves the state as it is until it is old enough."""
    assert _verdict("- - - - X", "missing", 3).state is KEPT
    assert _verdict("- - - X -", "missing", 3).state is KEPT
    assert _verdict("- - X - -", "missing", 3).state == "ALARM"


@pytest.mark.parametrize(
    ("comparison", "breaching"),
    [
        ("GreaterThanThreshold", [6]),
        ("GreaterThanOrEqualToThreshold", [5, 6]),
        ("LessThanThreshold", [4]),
        ("LessThanOrEqualToThreshold", [4, 5]),
    ],
)
def test_comparisons(comparison: str, breaching: list[int]) -> None:
    """The value stands left of the threshold."""
    rule = Rule(comparison, 5, 1, 1)
    assert [value for value in (4, 5, 6) if evaluate(rule, {END - 60: value}, END).state == "ALARM"] == breaching


MARKS = st.lists(st.sampled_from("X0-"), min_size=5, max_size=5).map(" ".join)


@given(MARKS, st.integers(1, 3))
def test_treatments_are_ordered(pattern: str, enough: int) -> None:
    """What alarms although missing data counts as good, alarms however it counts; what is OK though bad, always is."""
    states = {missing: _verdict(pattern, missing, enough).state for missing in TREATMENTS}
    if states["notBreaching"] == "ALARM":
        assert set(states.values()) == {"ALARM"}
    if states["breaching"] == "OK":
        assert set(states.values()) == {"OK"}
    assert states["missing"] != "INSUFFICIENT_DATA" or set(pattern) == {"-", " "}


@given(st.lists(st.sampled_from("X0"), min_size=5, max_size=5).map(" ".join), st.integers(1, 3))
def test_whole_data_is_counted(pattern: str, enough: int) -> None:
    """Where nothing is missing, the last three points decide alone."""
    expected = "ALARM" if pattern.split()[2:].count("X") >= enough else "OK"
    assert {_verdict(pattern, missing, enough).state for missing in TREATMENTS} == {expected}


def test_reasons_are_in_cloudwatchs_words() -> None:
    """How many points of how many, latest first, against which threshold, and how many it takes."""
    rule = Rule("GreaterThanThreshold", 5.0, 3, 2)
    series = {END - 60: 9.0, END - 120: 4.0, END - 180: 7.0}
    assert reason(rule, evaluate(rule, series, END), "OK") == (
        "Threshold Crossed: 2 out of the last 3 datapoints [9.0 (01/01/70 01:39:00), 7.0 (01/01/70 01:37:00)] were "
        "greater than the threshold (5.0) (minimum 2 datapoints for OK -> ALARM transition)."
    )
    fine = evaluate(rule, {**series, END - 60: 1.0}, END)
    assert reason(rule, fine, "ALARM").endswith(
        "were not greater than the threshold (5.0) (minimum 2 datapoints for ALARM -> OK transition)."
    )
    assert reason(rule, evaluate(rule, {}, END), "OK") == "Insufficient Data: 3 datapoints were unknown."


@pytest.mark.parametrize(("missing", "treated"), [("breaching", "[Breaching]"), ("notBreaching", "[NonBreaching]")])
def test_reasons_tell_what_missing_data_was_taken_for(missing: str, treated: str) -> None:
    """Nothing at all came, and the treatment alone decided."""
    rule = Rule("GreaterThanThreshold", 5.0, 1, 1, missing)
    assert reason(rule, evaluate(rule, {}, END), "OK") == (
        f"Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as {treated}."
    )
