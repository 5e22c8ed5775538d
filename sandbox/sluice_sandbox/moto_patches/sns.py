"""
Adds to SNS's deliveries.

Raw delivery that was declined in words is not raw (moto takes the text `false` for true); a queue whose policy does not
let the topic in gets nothing; a subscriber that cannot be reached fails alone, and the message goes to its dead-letter
queue; functions hear of a message in the sandbox's way.
"""

import json
from inspect import getsource
from typing import Any

from moto.core.exceptions import ServiceException
from moto.moto_api._internal import mock_random
from moto.sns.models import SNSBackend, Subscription
from moto.sqs.models import sqs_backends

from sluice_sandbox.cloudwatch.reasons import stamp
from sluice_sandbox.lambdas.permission import permits
from sluice_sandbox.lambdas.queue import QUEUE, Invocation
from sluice_sandbox.moto_patches import function_runs
from sluice_sandbox.moto_patches.moments import now
from sluice_sandbox.moto_patches.replacing import replace_methods

_SNS = "sns.amazonaws.com"
_set = SNSBackend.set_subscription_attributes
_publish = Subscription.publish


def needed() -> bool:
    return "ensure_boolean" not in getsource(_set) and "lower" not in getsource(_set)


def apply() -> None:
    replace_methods(SNSBackend, set_subscription_attributes=set_subscription_attributes)
    replace_methods(Subscription, publish=publish)


def set_subscription_attributes(self: SNSBackend, arn: str, name: str, value: Any) -> None:
    if name == "RawMessageDelivery":
        value = str(value).lower() == "true"
    _set(self, arn, name, value)


def publish(self: Subscription, message: str, message_id: str, *rest: Any, **named: Any) -> None:
    if self.protocol == "lambda":
        _invoke(self, message, message_id, named.get("subject") or (rest[0] if rest else None))
        return
    try:
        if self.protocol == "sqs" and not _lets_in(self):
            raise ServiceException("the queue's policy does not let the topic in")
        _publish(self, message, message_id, *rest, **named)
    except ServiceException:
        _redrive(self, message, message_id, *rest, **named)


def _lets_in(subscription: Subscription) -> bool:
    """Returns whether a queue's policy lets its topic send; without one only its owner may."""
    _, _, _, region, account, name = subscription.endpoint.split(":")
    queue: Any = sqs_backends[account][region].get_queue(name)
    statements = json.loads(queue.policy or "{}").get("Statement", [])
    source = {"aws:sourcearn": subscription.topic.arn, "aws:sourceaccount": subscription.account_id}
    return permits(statements, _SNS, "sqs:SendMessage", subscription.endpoint, source)


def _redrive(subscription: Subscription, message: str, message_id: str, *rest: Any, **named: Any) -> None:
    target = json.loads(subscription.attributes.get("RedrivePolicy") or "{}").get("deadLetterTargetArn")
    if target is None:
        return
    _, _, _, region, account, queue = target.split(":")
    raw = subscription.attributes.get("RawMessageDelivery")
    subject = named.get("subject") or (rest[0] if rest else None)
    body = message if raw else json.dumps(subscription.get_post_data(message, message_id, subject))
    if queue in sqs_backends[account][region].queues:
        sqs_backends[account][region].send_message(queue, body)


def _invoke(subscription: Subscription, message: str, message_id: str, subject: str | None) -> None:
    _, _, _, region, account, _, name, *_ = subscription.endpoint.split(":")
    function = function_runs.find(account, region, name)
    if function is None:
        return
    source = {"aws:sourcearn": subscription.topic.arn, "aws:sourceaccount": subscription.account_id}
    statements = [{**it, "Resource": str(it.get("Resource", "*")).rstrip(":")} for it in function.policy.statements]
    if not permits(statements, _SNS, "lambda:InvokeFunction", subscription.endpoint, source):
        return
    notice: dict[str, Any] = {
        "Type": "Notification",
        "MessageId": message_id,
        "TopicArn": subscription.topic.arn,
        "Subject": subject,
        "Message": message,
        "Timestamp": stamp(now()).replace("+0000", "Z"),
        "MessageAttributes": {},
    }
    record = {"EventSource": "aws:sns", "EventVersion": "1.0", "EventSubscriptionArn": subscription.arn, "Sns": notice}
    event = json.dumps({"Records": [record]})
    QUEUE.add(
        Invocation(str(mock_random.uuid4()), account, region, name, event, now(), now(), source=subscription.topic.arn)
    )
