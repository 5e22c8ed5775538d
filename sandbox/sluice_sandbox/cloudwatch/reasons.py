"""What an alarm says about its state, in AWS's words."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sluice_sandbox.cloudwatch.evaluation import COMPARISONS, Rule, Verdict

_TREATED = {"breaching": "[Breaching]", "notBreaching": "[NonBreaching]", "ignore": "[Ignore]", "missing": "[Missing]"}


def stamp(moment: float) -> str:
    """Returns a time as alarms tell it: `2026-11-23T18:27:00.000+0000`."""
    at = datetime.fromtimestamp(moment, UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}+0000"


def reason(rule: Rule, verdict: Verdict, old_state: str) -> str:
    """Returns why an alarm is in its new state."""
    if verdict.state == "INSUFFICIENT_DATA":
        return f"Insufficient Data: {_counted(rule.evaluation_periods, 'datapoint')} unknown."
    if not verdict.evaluated:
        treated = f"{_counted(verdict.filled, 'missing datapoint')} treated as {_TREATED[rule.missing]}"
        periods = _counted(rule.evaluation_periods, "period").rsplit(" ", 1)[0]
        return f"Threshold Crossed: no datapoints were received for {periods} and {treated}."
    return f"Threshold Crossed: {_listed(rule, verdict)}{_filled(rule, verdict)} {_minimum(rule, verdict, old_state)}."


def reason_data(rule: Rule, verdict: Verdict, watched: Mapping[str, Any], moment: float, counts: list[float]) -> str:
    """
    Returns the same as JSON. `watched` holds what was watched, such as the statistic and the unit; `counts` how many
    samples each evaluated data point has, latest first, empty for an expression.
    """
    evaluated = verdict.evaluated
    started = {"startDate": stamp(evaluated[-1][0])} if evaluated else {}
    points = [
        {"timestamp": stamp(at), **({"sampleCount": counts[index]} if counts else {}), "value": value}
        for index, (at, value) in enumerate(evaluated)
    ]
    document = {
        "version": "1.0",
        "queryDate": stamp(moment),
        **started,
        **watched,
        "period": rule.period,
        "recentDatapoints": [value for _, value in reversed(evaluated)],
        "threshold": rule.threshold,
        **({"evaluatedDatapoints": points} if points else {}),
    }
    return json.dumps(document)


def _listed(rule: Rule, verdict: Verdict) -> str:
    """Returns the data points that decide, latest first: those that breach for ALARM, the others for OK."""
    alarming = verdict.state == "ALARM"
    deciding = [(at, value) for at, value in verdict.evaluated if rule.breaches(value) == alarming]
    told = ", ".join(f"{value} ({datetime.fromtimestamp(at, UTC):%d/%m/%y %H:%M:%S})" for at, value in deciding)
    are = ("was" if len(deciding) == 1 else "were") + ("" if alarming else " not")
    than = f"{COMPARISONS[rule.comparison][1]} the threshold ({rule.threshold})"
    return f"{len(deciding)} out of the last {len(verdict.evaluated)} datapoints [{told}] {are} {than}"


def _filled(rule: Rule, verdict: Verdict) -> str:
    if not verdict.filled or rule.missing not in ("breaching", "notBreaching"):
        return ""
    return f" and {_counted(verdict.filled, 'missing datapoint')} treated as {_TREATED[rule.missing]}"


def _minimum(rule: Rule, verdict: Verdict, old_state: str) -> str:
    needed = rule.datapoints_to_alarm
    if verdict.state == "OK":
        needed = rule.evaluation_periods - rule.datapoints_to_alarm + 1
    plural = "" if needed == 1 else "s"
    return f"(minimum {needed} datapoint{plural} for {_before(old_state, verdict)} -> {verdict.state} transition)"


def _before(old_state: str, verdict: Verdict) -> str:
    # AWS names the two states that a threshold tells apart, also where the alarm comes from neither.
    return old_state if old_state in ("OK", "ALARM") else ("OK" if verdict.state == "ALARM" else "ALARM")


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun} was" if count == 1 else f"{count} {noun}s were"
