"""Messages of a queue that a function is fed from: each is an event that waits, and comes back until it is handled."""

import json
from typing import Any

from moto.core.exceptions import ServiceException
from moto.moto_api._internal import mock_random
from moto.sqs.models import Message, Queue, sqs_backends

from sluice_sandbox.lambdas.queue import QUEUE, Invocation
from sluice_sandbox.moto_patches.moments import now


def feed(queue: Any, message: Message, mapping: Any) -> None:
    """Puts a message into the line of events of the function that a mapping names, once it can be seen."""
    _, _, _, region, account, _, name, *_ = mapping.function_arn.split(":")
    moment = now()
    due = max(moment, float(getattr(message, "delayed_until", 0) or 0) / 1000)
    identity = str(mock_random.uuid4())
    QUEUE.add(
        Invocation(
            identity,
            account,
            region,
            name,
            json.dumps({"Records": [_record(queue, message, 1)]}),
            moment,
            due,
            source=queue.queue_arn,
            message=str(message.id),
        )
    )


def is_gone(invocation: Invocation) -> bool:
    """Returns whether somebody took the message of an event out of its queue."""
    return bool(invocation.message) and _message(invocation) is None


def follow(invocation: Invocation, error: str | None, result: Any) -> None:
    """Takes a message that was handled out of its queue; another comes back, or goes where the queue sends it."""
    queue, message = _queue(invocation), _message(invocation)
    if queue is None or message is None:
        del QUEUE.waiting[invocation.id]
        return
    failed = result.get("batchItemFailures") if isinstance(result, dict) else None
    if error is None and not any(it.get("itemIdentifier") == invocation.message for it in failed or []):
        _take_out(queue, message)
        del QUEUE.waiting[invocation.id]
        return
    redrive = queue.redrive_policy or {}
    if invocation.attempts >= int(redrive.get("maxReceiveCount", invocation.attempts + 1)):
        _take_out(queue, message)
        del QUEUE.waiting[invocation.id]
        _redrive(redrive["deadLetterTargetArn"], str(message.body))
        return
    invocation.due = now() + float(queue.visibility_timeout)
    invocation.payload = json.dumps({"Records": [_record(queue, message, invocation.attempts + 1)]})


def _record(queue: Any, message: Message, count: int) -> dict[str, Any]:
    return {
        "messageId": message.id,
        "receiptHandle": message.id,
        "body": message.body,
        "attributes": {"ApproximateReceiveCount": str(count), "SentTimestamp": str(round(now() * 1000))},
        "messageAttributes": {},
        "md5OfBody": message.body_md5,
        "eventSource": "aws:sqs",
        "eventSourceARN": queue.queue_arn,
        "awsRegion": queue.region,
    }


def _queue(invocation: Invocation) -> Any:
    _, _, _, region, account, name = invocation.source.split(":")
    return sqs_backends[account][region].queues.get(name)


def _message(invocation: Invocation) -> Message | None:
    queue = _queue(invocation)
    return next((it for it in queue._messages if str(it.id) == invocation.message), None) if queue is not None else None


def _take_out(queue: Queue, message: Message) -> None:
    queue._messages = [it for it in queue._messages if it is not message]


def _redrive(arn: str, body: str) -> None:
    _, _, _, region, account, name = arn.split(":")
    try:
        sqs_backends[account][region].send_message(name, body)
    except ServiceException:
        # AWS keeps it where it was, until it is too old.
        return
