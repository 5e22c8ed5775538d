"""What alarms on the sandbox do: messages to people, events to functions."""

import json
from typing import Any

import pytest

from tests.sandbox.aws.alarming import ACCOUNT, BLUE, SPACE, Account, arn_of_alarm
from tests.sandbox.aws.life_cycle import REGION


def test_a_message_for_people(account: Account) -> None:
    """A topic's queue gets it wrapped, with a subject; it says what happened, when, why, and what was watched."""
    topic = account.topic("inbox")
    account.watch(AlarmActions=[topic], OKActions=[topic], AlarmDescription="too many errors", DatapointsToAlarm=1)
    began = account.now()
    account.minute(9)
    (wrapped,) = [json.loads(message["Body"]) for message in account.messages("inbox")]
    assert (wrapped["Type"], wrapped["TopicArn"]) == ("Notification", topic)
    assert wrapped["Subject"] == 'ALARM: "errors" in EU (Ireland)'
    told = json.loads(wrapped["Message"])
    assert told["StateChangeTime"].endswith(":00.000+0000")
    assert told["NewStateReason"] == account.alarm()["StateReason"]
    assert told["AlarmConfigurationUpdatedTimestamp"] <= told["StateChangeTime"]
    assert account.alarm()["StateTransitionedTimestamp"].timestamp() == began + 60
    shown = {
        key: told[key]
        for key in ("AlarmName", "AlarmDescription", "AWSAccountId", "NewStateValue", "OldStateValue", "Region")
    }
    assert shown == {
        "AlarmName": "errors",
        "AlarmDescription": "too many errors",
        "AWSAccountId": ACCOUNT,
        "NewStateValue": "ALARM",
        "OldStateValue": "INSUFFICIENT_DATA",
        "Region": "EU (Ireland)",
    }
    assert (told["AlarmArn"], told["AlarmActions"], told["OKActions"]) == (arn_of_alarm("errors"), [topic], [topic])
    assert told["Trigger"] == {
        "MetricName": "errors",
        "Namespace": SPACE,
        "StatisticType": "Statistic",
        "Statistic": "SUM",
        "Unit": None,
        "Dimensions": [{"name": "VariantName", "value": "blue"}],
        "Period": 60,
        "EvaluationPeriods": 1,
        "DatapointsToAlarm": 1,
        "ComparisonOperator": "GreaterThanThreshold",
        "Threshold": 5.0,
        "TreatMissingData": "missing",
        "EvaluateLowSampleCountPercentile": "",
    }


def test_a_raw_message(account: Account) -> None:
    """Where raw delivery is on the queue gets what the alarm said and no more; where it was declined, the wrapping."""
    topic = account.topic("raw", RawMessageDelivery="true")
    account.topic("wrapped", RawMessageDelivery="false")
    account.watch(AlarmActions=[topic])
    account.minute(9)
    (raw,), (wrapped,) = (account.messages(queue) for queue in ("raw", "wrapped"))
    assert json.loads(raw["Body"])["NewStateValue"] == "ALARM"
    assert json.loads(wrapped["Body"])["Message"] == raw["Body"]


def test_a_message_about_an_expression(account: Account) -> None:
    """It has the queries in place of one metric, and the watched percentile by its name."""
    topic = account.topic("inbox", RawMessageDelivery="true")
    metric = {"Namespace": SPACE, "MetricName": "errors", "Dimensions": BLUE}
    nothing = dict.fromkeys(("Namespace", "MetricName", "Dimensions", "Statistic", "Period"))
    queries = [
        {"Id": "double", "Expression": "m1 * 2", "Label": "Twice", "ReturnData": True},
        {"Id": "m1", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}, "ReturnData": False},
    ]
    account.watch(**nothing, Metrics=queries, AlarmActions=[topic])
    account.watch("slow", Statistic=None, ExtendedStatistic="p95", AlarmActions=[topic])
    account.put(9)
    account.aws.advance(60)
    triggers = [json.loads(message["Body"])["Trigger"] for message in account.messages("inbox")]
    by_math, by_percentile = sorted(triggers, key=lambda trigger: "Metrics" not in trigger)
    assert by_math["Metrics"] == queries
    assert (by_percentile["StatisticType"], by_percentile["ExtendedStatistic"]) == ("ExtendedStatistic", "p95")


def test_each_state_has_its_actions(account: Account) -> None:
    """They are taken when the state changes, not while it lasts."""
    topics = {state: account.topic(state, name=state) for state in ("ringing", "fine", "blind")}
    account.watch(
        AlarmActions=[topics["ringing"]],
        OKActions=[topics["fine"]],
        InsufficientDataActions=[topics["blind"]],
    )
    for value in (9, 9, 0, 0):
        account.minute(value)
    account.aws.advance(600)
    assert {state: len(account.messages(state)) for state in topics} == {"ringing": 1, "fine": 1, "blind": 1}
    done = [summary for summary, _ in account.history("Action")]
    assert done == [f"Successfully executed action {topics[state]}" for state in ("ringing", "fine", "blind")]


def test_actions_that_are_off(account: Account) -> None:
    """Nothing is done while they are disabled, and nothing is made up for when they are enabled."""
    topic = account.topic("inbox")
    account.watch(AlarmActions=[topic], OKActions=[topic], ActionsEnabled=False)
    assert account.minute(9) == "ALARM"
    account.cloudwatch.enable_alarm_actions(AlarmNames=["errors"])
    account.minute(9)
    assert account.messages("inbox") == []
    account.minute(0)
    account.cloudwatch.disable_alarm_actions(AlarmNames=["errors"])
    account.minute(9)
    assert len(account.messages("inbox")) == 1
    assert account.alarm()["ActionsEnabled"] is False


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda account, topic: account.sns.delete_topic(TopicArn=topic), "Topic does not exist"),
        (
            lambda account, topic: account.sns.set_topic_attributes(
                TopicArn=topic, AttributeName="KmsMasterKeyId", AttributeValue="alias/aws/sns"
            ),
            "does not have authorization to access the SNS topic encryption key",
        ),
        (
            lambda account, topic: account.sns.set_topic_attributes(
                TopicArn=topic,
                AttributeName="Policy",
                AttributeValue=json.dumps({"Version": "2012-10-17", "Statement": []}),
            ),
            "is not authorized",
        ),
    ],
    ids=["gone", "key of AWS's", "policy"],
)
def test_a_message_that_cannot_be_sent(account: Account, spoil: Any, said: str) -> None:
    """The alarm rings all the same, and its history says what was wrong; the next action is taken."""
    good, bad = account.topic("inbox"), account.topic(name="bad")
    account.watch(AlarmActions=[bad, good])
    spoil(account, bad)
    assert account.minute(9) == "ALARM"
    (failed, data), (succeeded, _) = account.history("Action")
    assert failed.startswith(f"Failed to execute action {bad}. Received error: ")
    assert said in failed
    assert data["actionState"] == "Failed"
    assert succeeded == f"Successfully executed action {good}"
    assert len(account.messages("inbox")) == 1


def test_a_policy_that_lets_alarms_publish(account: Account) -> None:
    """As a topic of a stack has it."""
    topic = account.topic("inbox")
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": topic,
        "Condition": {"ArnLike": {"aws:SourceArn": arn_of_alarm("*")}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    account.sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)
    account.watch(AlarmActions=[topic])
    account.minute(9)
    assert len(account.messages("inbox")) == 1


def test_a_queue_that_does_not_let_the_topic_in(account: Account) -> None:
    """It gets nothing, as on AWS, although the action succeeded; a setting of the queue's leaves its policy alone."""
    topic = account.topic("inbox", "closed")
    url = account.queue("closed")
    account.sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
    account.sqs.set_queue_attributes(QueueUrl=account.queue("inbox"), Attributes={"VisibilityTimeout": "5"})
    account.watch(AlarmActions=[topic])
    account.minute(9)
    assert [len(account.messages(queue)) for queue in ("inbox", "closed")] == [1, 0]
    assert account.history("Action")[0][0].startswith("Successfully")


def test_a_subscriber_that_is_gone(account: Account) -> None:
    """The others hear it; what it would have heard goes to its dead-letter queue."""
    topic = account.topic("gone", "inbox")
    account.queue("lost")
    (gone, _) = account.sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    redrive = json.dumps({"deadLetterTargetArn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:lost"})
    account.sns.set_subscription_attributes(
        SubscriptionArn=gone["SubscriptionArn"], AttributeName="RedrivePolicy", AttributeValue=redrive
    )
    account.sqs.delete_queue(QueueUrl=account.sqs.get_queue_url(QueueName="gone")["QueueUrl"])
    account.watch(AlarmActions=[topic])
    account.minute(9)
    assert [len(account.messages(queue)) for queue in ("inbox", "lost")] == [1, 1]


def test_an_action_that_the_sandbox_does_not_take(account: Account) -> None:
    """It says so, rather than pretend."""
    account.watch(AlarmActions=[f"arn:aws:automate:{REGION}:ec2:reboot"])
    account.minute(9)
    ((summary, _),) = account.history("Action")
    assert "the sandbox takes actions on SNS topics and Lambda functions, and no others" in summary


def test_a_state_set_by_hand_acts_too(account: Account) -> None:
    """At once, as on AWS; setting the state that there is does nothing."""
    topic = account.topic("inbox", RawMessageDelivery="true")
    account.watch(AlarmActions=[topic])
    for _ in range(2):
        account.cloudwatch.set_alarm_state(AlarmName="errors", StateValue="ALARM", StateReason="a rehearsal")
    (told,) = [json.loads(message["Body"]) for message in account.messages("inbox")]
    assert told["NewStateReason"] == "a rehearsal"
