"""Requests about alarms on the sandbox's CloudWatch: what is told of them, and what is refused."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.aws.alarming import Account, on_expression, sum_of


def test_history(account: Account) -> None:
    """What was configured, how the state changed, and what was done; it outlives the alarm."""
    account.watch()
    account.minute(9)
    account.minute(0)
    account.watch(Threshold=7)
    account.cloudwatch.delete_alarms(AlarmNames=["errors"])
    configured = account.history("ConfigurationUpdate")
    assert [summary for summary, _ in configured] == [
        'Alarm "errors" created',
        'Alarm "errors" updated',
        'Alarm "errors" deleted',
    ]
    assert configured[1][1]["updatedAlarm"]["Threshold"] == 7
    changes = account.history("StateUpdate")
    assert [summary for summary, _ in changes] == [
        "Alarm updated from INSUFFICIENT_DATA to ALARM",
        "Alarm updated from ALARM to OK",
    ]
    data = changes[1][1]
    assert (data["oldState"]["stateValue"], data["newState"]["stateValue"]) == ("ALARM", "OK")
    assert data["newState"]["stateReasonData"]["recentDatapoints"] == [0.0]
    assert account.history("Action") == []


def test_history_is_filtered_ordered_and_paged(account: Account) -> None:
    """By alarm, time and kind, latest first unless asked otherwise."""
    account.watch()
    account.watch("other")
    for value in (9, 0, 9):
        account.minute(value)
    pages = account.cloudwatch.get_paginator("describe_alarm_history").paginate(
        AlarmName="errors", HistoryItemType="StateUpdate", PaginationConfig={"PageSize": 2}
    )
    told = [[item["HistorySummary"].rpartition(" ")[2] for item in page["AlarmHistoryItems"]] for page in pages]
    assert told == [["ALARM", "OK"], ["ALARM"]]
    since = account.cloudwatch.describe_alarm_history(StartDate=account.now() - 60)["AlarmHistoryItems"]
    assert sorted((item["AlarmName"], item["HistoryItemType"]) for item in since) == [
        (name, "StateUpdate") for name in ("errors", "errors", "other", "other")
    ]


def test_alarms_are_filtered_and_paged(account: Account) -> None:
    """By name, prefix, state and action, in the order of their names."""
    topic = account.topic()
    for name in ("b-two", "a-one", "a-two"):
        account.watch(name, AlarmActions=[topic] if name == "a-two" else [])
    account.cloudwatch.set_alarm_state(AlarmName="b-two", StateValue="OK", StateReason="x")

    def names(**asked: Any) -> list[str]:
        return [alarm["AlarmName"] for alarm in account.cloudwatch.describe_alarms(**asked)["MetricAlarms"]]

    assert names() == ["a-one", "a-two", "b-two"]
    assert names(AlarmNamePrefix="a-") == ["a-one", "a-two"]
    assert names(StateValue="OK") == ["b-two"]
    assert names(ActionPrefix="arn:aws:sns") == ["a-two"]
    assert names(AlarmTypes=["CompositeAlarm"]) == []
    pages = account.cloudwatch.get_paginator("describe_alarms").paginate(PaginationConfig={"PageSize": 2})
    assert [len(page["MetricAlarms"]) for page in pages] == [2, 1]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"EvaluationPeriods": 2, "DatapointsToAlarm": 3}, "DatapointsToAlarm must not be greater"),
        ({"TreatMissingData": "good"}, "Option good is not supported"),
        ({"Statistic": None}, "Exactly one of Statistic and ExtendedStatistic"),
        ({"Period": 45}, "must be one of 1, 5, 10, 20, 30 or a multiple of 60"),
        ({"Period": 600, "EvaluationPeriods": 145}, "must be <= 86400"),
        ({"Threshold": None}, "Threshold is required"),
        ({"AlarmActions": ["arn:aws:sns:eu-west-1:alerts"]}, "Invalid arn syntax"),
        ({"OKActions": ["arn:aws:lambda:eu-west-1:123456789012:rollback"]}, "Invalid arn syntax"),
        ({"MetricName": None}, "The parameter MetricName is required"),
    ],
)
def test_what_is_no_alarm(account: Account, wrong: dict[str, Any], said: str) -> None:
    """It is refused, and nothing is kept of it."""
    with pytest.raises(ClientError, match=said) as error:
        account.watch(**wrong)
    assert error.value.response["Error"]["Code"] == "ValidationError"
    assert account.cloudwatch.describe_alarms()["MetricAlarms"] == []


@pytest.mark.parametrize(
    ("expression", "metrics", "said"),
    [
        ("errors +", [sum_of("errors", "errors")], "Error in expression 'watched'"),
        ("EVAL(errors)", [sum_of("errors", "errors")], "Function 'EVAL' does not exist"),
        ("errors", [{**sum_of("errors", "errors"), "ReturnData": True}], "Exactly one element"),
        ("a + b", [sum_of("a", "a"), sum_of("b", "b", period=300)], "Period must be the same"),
        ("a", [sum_of("a", "a", "p101")], "not supported"),
        ("a", [sum_of("a", "a"), sum_of("a", "b")], "not unique"),
    ],
)
def test_what_is_no_alarm_on_an_expression(
    account: Account, expression: str, metrics: list[dict[str, Any]], said: str
) -> None:
    """Before it is ever evaluated."""
    with pytest.raises(ClientError, match=said):
        on_expression(account, expression, *metrics)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"ComparisonOperator": "GreaterThanUpperThreshold"}, "alarms on anomaly detection"),
        ({"ThresholdMetricId": "band"}, "the ThresholdMetricId of alarms"),
    ],
)
def test_what_the_sandbox_has_not(account: Account, more: dict[str, Any], said: str) -> None:
    """It is refused as that, and not taken for something else."""
    with pytest.raises(ClientError, match=f"the sandbox's AWS does not have this: {said}"):
        account.watch(**more)
    with pytest.raises(ClientError, match="does not have this: composite alarms"):
        account.cloudwatch.put_composite_alarm(AlarmName="all", AlarmRule="ALARM(errors)")
