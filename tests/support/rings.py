"""Alarms that ring, for tests of the handler: an endpoint with the slots blue and green, as in `movements`."""

import json
from datetime import datetime
from typing import Any

from sluice.handlers.armed import Armed
from sluice.handlers.decision import Live
from sluice.handlers.events import Ring
from sluice.rollout.movement import Served
from tests.support.movements import ENDPOINT, hour

OLD, NEW = Served("v1", "digits@1"), Served("v2", "digits@2")
ARMED = Armed(ENDPOINT, "green", NEW, "blue", OLD, "error rate, in times what is tolerated")
ALARM = f"{ENDPOINT}-green-errors"
RANG = hour(3)
"""When it rings."""
ARN = f"arn:aws:cloudwatch:eu-west-1:123456789012:alarm:{ALARM}"


def ring(at: datetime = RANG, request: str = "r1", **more: Any) -> Ring:
    """Returns green's alarm for errors."""
    given: dict[str, Any] = {
        "alarm": ALARM,
        "arn": ARN,
        "state": "ALARM",
        "at": at,
        "reason": "Threshold Crossed.",
        "armed": ARMED,
        "request": request,
        "value": 3.2,
        "threshold": 1.0,
    }
    return Ring(**{**given, **more})


def event(at: datetime = RANG, name: str = ALARM, state: str = "ALARM", armed: Armed = ARMED) -> dict[str, Any]:
    """Returns the event of an alarm as CloudWatch sends it."""
    data = {"version": "1.0", "threshold": 1.0, "evaluatedDatapoints": [{"timestamp": "t", "value": 3.2}]}
    stamp = f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}+0000"
    return {
        "source": "aws.cloudwatch",
        "alarmArn": ARN.replace(ALARM, name),
        "accountId": "123456789012",
        "time": stamp,
        "region": "eu-west-1",
        "alarmData": {
            "alarmName": name,
            "state": {
                "value": state,
                "reason": "Threshold Crossed.",
                "reasonData": json.dumps(data),
                "timestamp": stamp,
            },
            "previousState": {"value": "OK"},
            "configuration": {"description": armed.described("Too many errors"), "metrics": []},
        },
    }


def live(green: float = 10, status: str | None = "InService", **counts: int) -> Live:
    """Returns an endpoint on which green has that weight of 100."""
    return Live(status, {"blue": 100 - green, "green": green}, {"blue": 1, "green": 1, **counts})
