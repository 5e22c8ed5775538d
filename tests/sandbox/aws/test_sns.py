"""SNS: topics, who listens to them, and who may publish."""

import json
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from sluice_sandbox.harness import Sandbox
from tests.sandbox.aws.documents import document
from tests.sandbox.aws.life_cycle import CONFIG, Case, Client, LifeCycle, Meddle, Props

QUEUES = "arn:aws:sqs:eu-west-1:123456789012:"
CLOUDWATCH = {"Service": "cloudwatch.amazonaws.com"}


def _subscription(props: Props) -> pulumi.CustomResource:
    return aws.sns.TopicSubscription("it", topic=aws.sns.Topic("topic").arn, protocol="sqs", **props)


def _policy(props: Props) -> pulumi.CustomResource:
    topic = [aws.sns.Topic(name) for name in ("topic", "other")][props.get("elsewhere", 0)]
    text = topic.arn.apply(lambda arn: document(props["action"], arn, principal=CLOUDWATCH))
    return aws.sns.TopicPolicy("it", arn=topic.arn, policy=text)


def _set(key: str, value: str) -> Meddle:
    return lambda client, it: client("sns").set_topic_attributes(
        TopicArn=it.id, AttributeName=key, AttributeValue=value
    )


ONE = {"endpoint": f"{QUEUES}one"}


class TestLife(LifeCycle):
    cases = [
        Case(
            "aws:sns/topic:Topic",
            lambda props: aws.sns.Topic("it", **props),
            {"display_name": "Alerts"},
            {
                "display_name": "Alarms",
                "kms_master_key_id": "alias/aws/sns",
                "tags": {"team": "ml"},
            },
            {"display_name": "Alerts", "name": "other"},
            _set("DisplayName", "mine"),
            lambda client, it: client("sns").delete_topic(TopicArn=it.id),
        ),
        Case(
            "aws:sns/topic:Topic",
            lambda props: aws.sns.Topic("it", name="it", **props),
            {"policy": document("sns:Publish", "arn:aws:sns:eu-west-1:123456789012:it", principal=CLOUDWATCH)},
            {"policy": document("sns:Subscribe", "arn:aws:sns:eu-west-1:123456789012:it", principal=CLOUDWATCH)},
            meddle=_set("Policy", document("sns:*", "arn:aws:sns:eu-west-1:123456789012:it", principal="*")),
            note="with its policy",
        ),
        Case(
            "aws:sns/topicSubscription:TopicSubscription",
            _subscription,
            ONE,
            {
                **ONE,
                "raw_message_delivery": True,
                "filter_policy": json.dumps({"stage": ["prod"]}),
                "filter_policy_scope": "MessageBody",
                "redrive_policy": json.dumps({"deadLetterTargetArn": f"{QUEUES}dead"}),
            },
            {"endpoint": f"{QUEUES}two"},
            lambda client, it: client("sns").set_subscription_attributes(
                SubscriptionArn=it.id, AttributeName="RawMessageDelivery", AttributeValue="true"
            ),
            lambda client, it: client("sns").unsubscribe(SubscriptionArn=it.id),
        ),
        Case(
            "aws:sns/topicPolicy:TopicPolicy",
            _policy,
            {"action": "sns:Publish"},
            {"action": "sns:Subscribe"},
            {"action": "sns:Publish", "elsewhere": 1},
            lambda client, it: client("sns").set_topic_attributes(
                TopicArn=it.id, AttributeName="Policy", AttributeValue=document("sns:*", it.id, principal="*")
            ),
            resets=True,
        ),
    ]


def _policy_of(client: Client, topic: str) -> Any:
    return json.loads(client("sns").get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"])


def test_a_topic_without_its_policy_has_the_first_one_again(sandbox: Sandbox, client: Client) -> None:
    """Its owner may use it, and nobody else."""
    topic = client("sns").create_topic(Name="theirs")["TopicArn"]
    born_with = _policy_of(client, topic)

    def program() -> None:
        aws.sns.TopicPolicy("it", arn=topic, policy=document("sns:Publish", topic, principal=CLOUDWATCH))

    stack = sandbox.stack(program, CONFIG)
    stack.up()
    assert _policy_of(client, topic) != born_with
    stack.destroy()
    assert _policy_of(client, topic) == born_with


def _fifo() -> None:
    aws.sns.Topic("it", fifo_topic=True)


def _signed() -> None:
    aws.sns.Topic("it", signature_version=2)


def _no_json() -> None:
    aws.sns.TopicPolicy("it", arn="arn:aws:sns:eu-west-1:123456789012:it", policy="publish")


@pytest.mark.parametrize(
    ("program", "path", "reason"),
    [
        (_fifo, "fifoTopic", "the sandbox's AWS does not support this property"),
        (_signed, "signatureVersion", "the sandbox's AWS does not support this property"),
        (_no_json, "policy", "is not JSON"),
    ],
)
def test_what_sns_or_the_sandbox_would_refuse(sandbox: Sandbox, program: Any, path: str, reason: str) -> None:
    """A preview refuses it already."""
    assert f"property {path}: {reason}" in sandbox.stack(program, CONFIG).preview().errors()
