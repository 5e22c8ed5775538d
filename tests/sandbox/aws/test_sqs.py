"""SQS: queues, and who may do what with them."""

import json
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from sluice_sandbox.errors import UpdateFailed
from sluice_sandbox.harness import Sandbox
from tests.sandbox.aws.documents import document
from tests.sandbox.aws.life_cycle import CONFIG, Case, LifeCycle, Meddle, Props

ARN = "arn:aws:sqs:eu-west-1:123456789012:it"
SNS = {"Service": "sns.amazonaws.com"}


def _queue(props: Props) -> pulumi.CustomResource:
    return aws.sqs.Queue("it", **props)


def _with_dead_letters(props: Props) -> pulumi.CustomResource:
    dead = aws.sqs.Queue("dead")
    policy = dead.arn.apply(lambda arn: json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": props["count"]}))
    return aws.sqs.Queue("it", redrive_policy=policy)


def _policy(props: Props) -> pulumi.CustomResource:
    queue = [aws.sqs.Queue(name) for name in ("queue", "other")][props.get("elsewhere", 0)]
    text = queue.arn.apply(lambda arn: document(props["action"], arn, principal=SNS))
    return aws.sqs.QueuePolicy("it", queue_url=queue.url, policy=text)


def _set(key: str, value: str) -> Meddle:
    return lambda client, it: client("sqs").set_queue_attributes(QueueUrl=it.id, Attributes={key: value})


class TestLife(LifeCycle):
    cases = [
        Case(
            "aws:sqs/queue:Queue",
            _queue,
            {"visibility_timeout_seconds": 60},
            {
                "visibility_timeout_seconds": 90,
                "message_retention_seconds": 1_209_600,
                "receive_wait_time_seconds": 20,
                "kms_master_key_id": "alias/aws/sqs",
                "tags": {"team": "ml"},
            },
            {"name": "other"},
            _set("VisibilityTimeout", "5"),
            lambda client, it: client("sqs").delete_queue(QueueUrl=it.id),
        ),
        Case(
            "aws:sqs/queue:Queue",
            lambda props: aws.sqs.Queue("it", name="it.fifo", fifo_queue=True, **props),
            {},
            {"content_based_deduplication": True},
            note="in order",
        ),
        Case(
            "aws:sqs/queue:Queue",
            lambda props: aws.sqs.Queue("it", name="it", **props),
            {"policy": document("sqs:SendMessage", ARN, principal=SNS)},
            {"policy": document("sqs:*", ARN, principal=SNS), "delay_seconds": 5},
            meddle=_set("Policy", document("sqs:*", ARN, principal="*")),
            note="with its policy",
        ),
        Case("aws:sqs/queue:Queue", _with_dead_letters, {"count": 3}, {"count": 5}, note="with dead letters"),
        Case(
            "aws:sqs/queuePolicy:QueuePolicy",
            _policy,
            {"action": "sqs:SendMessage"},
            {"action": "sqs:ReceiveMessage"},
            {"action": "sqs:SendMessage", "elsewhere": 1},
            _set("Policy", document("sqs:*", ARN, principal="*")),
            _set("Policy", ""),
        ),
    ]


@pytest.mark.parametrize(
    ("props", "said"),
    [
        ({"fifo_queue": True}, "name: has to end in .fifo"),
        ({"redrive_policy": "{"}, "redrivePolicy: is not JSON"),
        ({"redrive_policy": '{"maxReceiveCount": 3}'}, "redrivePolicy: has no deadLetterTargetArn"),
        ({"policy": '{"Version": "2012-10-17"}'}, "policy: has no Statement"),
        ({"redrive_allow_policy": "{}"}, "redriveAllowPolicy: the sandbox's AWS does not support this property"),
    ],
)
def test_what_is_no_queue(sandbox: Sandbox, props: dict[str, Any], said: str) -> None:
    """It is refused before anything is asked of AWS."""
    with pytest.raises(UpdateFailed) as error:
        sandbox.stack(lambda: _queue(props) and None, CONFIG).up()
    assert said in " ".join(str(error.value).split())
