"""Alarms on the sandbox that invoke functions."""

import json

import pytest

from tests.sandbox.aws.alarming import ACCOUNT, SPACE, Account, arn_of_alarm
from tests.sandbox.aws.life_cycle import REGION

ECHO = "def handle(event, context):\n    return {'heard': event['alarmData']['state']['value']}\n"


def test_an_event_for_a_function(account: Account) -> None:
    """It is as AWS documents it, and the function has run when the time has passed."""
    function = account.function(ECHO)
    account.watch(AlarmActions=[function], AlarmDescription="too many errors")
    account.let_in()
    account.minute(0)
    began = account.now()
    account.minute(9)
    (run,) = account.aws.function_runs("rollback")
    assert (run["source"], run["type"], run["attempt"], run["error"]) == (arn_of_alarm("errors"), "Event", 1, None)
    assert run["result"] == {"heard": "ALARM"}
    assert run["role"] == f"arn:aws:iam::{ACCOUNT}:role/rollback-role"
    assert run["at"] == began + 60
    event = run["event"]
    data = event.pop("alarmData")
    assert event.pop("time").endswith(":00.000+0000")
    assert event == {
        "source": "aws.cloudwatch",
        "alarmArn": arn_of_alarm("errors"),
        "accountId": ACCOUNT,
        "region": REGION,
    }
    assert (data["alarmName"], data["state"]["value"], data["previousState"]["value"]) == ("errors", "ALARM", "OK")
    assert data["state"]["reason"] == account.alarm()["StateReason"]
    assert json.loads(data["state"]["reasonData"])["recentDatapoints"] == [9.0]
    assert data["configuration"] == {
        "description": "too many errors",
        "metrics": [
            {
                "id": "m1",
                "metricStat": {
                    "metric": {"namespace": SPACE, "name": "errors", "dimensions": {"VariantName": "blue"}},
                    "period": 60,
                    "stat": "Sum",
                },
                "returnData": True,
            }
        ],
    }


@pytest.mark.parametrize(
    "permission",
    [
        None,
        {"Principal": "events.amazonaws.com"},
        {"SourceAccount": "210987654321"},
        {"SourceArn": arn_of_alarm("another")},
        {"Action": "lambda:GetFunction"},
    ],
    ids=["none", "principal", "account", "alarm", "action"],
)
def test_a_function_that_does_not_let_the_alarm_in(account: Account, permission: dict[str, str] | None) -> None:
    """It is not invoked, and the history says why."""
    function = account.function(ECHO)
    account.watch(AlarmActions=[function])
    if permission is not None:
        account.let_in(**permission)
    assert account.minute(9) == "ALARM"
    assert account.aws.function_runs() == []
    ((summary, _),) = account.history("Action")
    assert "CloudWatch Alarms is not authorized to perform: lambda:InvokeFunction" in summary


def test_a_function_that_is_gone(account: Account) -> None:
    """The history says so."""
    function = account.function(ECHO)
    account.watch(AlarmActions=[function])
    account.functions.delete_function(FunctionName="rollback")
    account.minute(9)
    ((summary, _),) = account.history("Action")
    assert "Function not found" in summary


def test_a_topics_function(account: Account) -> None:
    """A function that a topic invokes gets the message in a record, if it lets the topic in."""
    topic = account.topic()
    function = account.function("def handle(event, context):\n    return event['Records'][0]['Sns']['Subject']\n")
    account.sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=function)
    account.watch(AlarmActions=[topic])
    account.minute(9)
    assert account.aws.function_runs() == []
    account.let_in(Principal="sns.amazonaws.com", SourceArn=topic)
    account.minute(0)
    account.minute(9)
    (run,) = account.aws.function_runs()
    assert run["result"] == 'ALARM: "errors" in EU (Ireland)'
