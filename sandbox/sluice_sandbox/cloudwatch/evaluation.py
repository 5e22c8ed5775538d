"""
In which state an alarm is, given what was measured.

AWS, "Configuring how CloudWatch alarms treat missing data": more periods are looked at than are evaluated; of those
that have data the latest N are evaluated; only when there are fewer does the treatment of missing data count.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from sluice_sandbox.cloudwatch.arithmetic import Series

State = Literal["OK", "ALARM", "INSUFFICIENT_DATA"]
EXTRA_PERIODS = 2
"""Periods that are looked at beyond N. AWS's examples have 5 for N = 3 and leave the number open."""

COMPARISONS: dict[str, tuple[Callable[[float, float], bool], str]] = {
    "GreaterThanThreshold": (lambda value, threshold: value > threshold, "greater than"),
    "GreaterThanOrEqualToThreshold": (lambda value, threshold: value >= threshold, "greater than or equal to"),
    "LessThanThreshold": (lambda value, threshold: value < threshold, "less than"),
    "LessThanOrEqualToThreshold": (lambda value, threshold: value <= threshold, "less than or equal to"),
}


@dataclass(frozen=True)
class Rule:
    """What an alarm holds against its data: M of N."""

    comparison: str
    threshold: float
    evaluation_periods: int
    datapoints_to_alarm: int
    missing: str = "missing"
    """`breaching`, `notBreaching`, `ignore` or `missing`."""
    period: int = 60

    def breaches(self, value: float) -> bool:
        return COMPARISONS[self.comparison][0](value, self.threshold)

    @property
    def looked_at(self) -> int:
        """How many periods are looked at."""
        return self.evaluation_periods + EXTRA_PERIODS


@dataclass(frozen=True)
class Verdict:
    """The state that an evaluation found, None for no change, and on which data points, latest first."""

    state: State | None
    evaluated: tuple[tuple[int, float], ...]
    filled: int
    """How many missing data points the treatment stands in for."""


def evaluate(rule: Rule, series: Series, end: int) -> Verdict:
    """Returns what a rule makes of the data before `end`, which is the end of a period."""
    begin = end - rule.looked_at * rule.period
    there = sorted(((moment, value) for moment, value in series.items() if begin <= moment < end), reverse=True)
    evaluated = tuple(there[: rule.evaluation_periods])
    lacking = rule.evaluation_periods - len(evaluated)
    breaching = sum(rule.breaches(value) for _, value in evaluated)
    enough = rule.datapoints_to_alarm
    if lacking == 0:
        return Verdict("ALARM" if breaching >= enough else "OK", evaluated, 0)
    if rule.missing == "breaching":
        return Verdict("ALARM" if breaching + lacking >= enough else "OK", evaluated, lacking)
    if breaching >= enough:
        return Verdict("ALARM", evaluated, lacking)
    if rule.missing == "notBreaching" or breaching < len(evaluated):
        return Verdict("OK", evaluated, lacking)
    return Verdict(_of_few(rule, evaluated, end), evaluated, lacking)


def _of_few(rule: Rule, evaluated: tuple[tuple[int, float], ...], end: int) -> State | None:
    """Returns the state where too few data points are there, and all of them breach."""
    if rule.missing == "ignore":
        return None
    if not evaluated:
        return "INSUFFICIENT_DATA"
    # AWS: into ALARM when the oldest that breaches is at least as old as M periods and the later ones breach or miss.
    age = (end - evaluated[-1][0]) // rule.period
    return "ALARM" if age >= rule.datapoints_to_alarm else None
