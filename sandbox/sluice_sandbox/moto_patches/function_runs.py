"""From moto's Lambda functions to runs of them, and from outcomes to what follows."""

import base64
import json
from collections.abc import Callable
from typing import Any

from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.models import LambdaFunction, lambda_backends
from moto.core.exceptions import ServiceException
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends

from sluice_sandbox.aws.session import SECRET_KEY
from sluice_sandbox.cloudwatch.reasons import stamp
from sluice_sandbox.lambdas.queue import QUEUE, Invocation, failure_message
from sluice_sandbox.lambdas.runner import Outcome, Task
from sluice_sandbox.moto_patches import queue_feeds
from sluice_sandbox.moto_patches.moments import now

_RETRIES, _OLDEST = 2, 21_600
ACCESS_KEY = "ASIASANDBOXFUNCTION0"
"""Whose requests are those of functions; the session token tells the role."""
_KEPT = "_sluice_kept"

run_now: list[Callable[[Task], Outcome]] = []
"""Runs a task while the caller waits; empty while the journal is replayed, when what a run did is in it already."""
done: list[Callable[[dict[str, Any]], None]] = []
"""Makes an outcome last, by way of the journal."""
endpoint: list[str] = [""]
"""Where the server answers."""


def kept(function: LambdaFunction) -> dict[str, Any]:
    """Returns the settings of a function that moto has no place for, by their members; it may be changed."""
    if not hasattr(function, _KEPT):
        setattr(function, _KEPT, {})
    found: dict[str, Any] = getattr(function, _KEPT)
    return found


def find(account: str, region: str, name: str, qualifier: str | None = None) -> LambdaFunction | None:
    """Returns a function, or None when there is none of that name."""
    try:
        return lambda_backends[account][region].get_function(name, qualifier)
    except (LambdaClientError, ServiceException):
        return None


def task_of(function: LambdaFunction, request_id: str, payload: str) -> Task:
    """Returns a run of a function with an event."""
    return Task(
        request_id=request_id,
        arn=function.function_arn,
        name=function.function_name,
        handler=str(function.handler),
        code=function.code_bytes,
        payload=payload,
        endpoint=endpoint[0],
        region=function.region,
        environment=dict(function.environment_vars or {}),
        credentials=(ACCESS_KEY, SECRET_KEY, base64.b64encode(function.role.encode()).decode()),
        role=function.role,
        timeout=float(function.timeout),
        memory=int(function.memory_size),
        now=now(),
    )


def told(task: Task, outcome: Outcome, kind: str, source: str, region: str, account: str) -> dict[str, Any]:
    """Returns an outcome as the journal and the record hold it."""
    return {
        "id": task.request_id,
        "function": task.name,
        "arn": task.arn,
        "role": task.role,
        "region": region,
        "account": account,
        "type": kind,
        "source": source,
        "event": json.loads(task.payload),
        "result": json.loads(outcome.payload),
        "error": outcome.error,
        "logs": outcome.logs,
    }


def finish(record: dict[str, Any]) -> None:
    """Notes an outcome and does what follows: logs, retries, and where a message goes that is given up."""
    invocation = QUEUE.waiting.get(record["id"])
    if record["type"] == "Event" and invocation is None:
        return
    attempt = 1
    if invocation is not None:
        invocation.attempts += 1
        attempt = invocation.attempts
    QUEUE.record(**record, attempt=attempt, at=now())
    function = find(record["account"], record["region"], record["function"])
    if function is not None:
        function.logs_backend.ensure_log_group(function.logs_group_name)
        function.save_logs(record["logs"])
    if invocation is not None:
        _follow(invocation, function, record)


def give_up(invocation: Invocation) -> None:
    """Forgets an event whose function is gone."""
    QUEUE.waiting.pop(invocation.id, None)


def is_throttled(function: LambdaFunction) -> bool:
    """Returns whether a function may not run at all: its reserved concurrency is 0."""
    return function.reserved_concurrency is not None and int(function.reserved_concurrency) == 0


def _follow(invocation: Invocation, function: LambdaFunction | None, record: dict[str, Any]) -> None:
    if invocation.message:
        queue_feeds.follow(invocation, record["error"], record["result"])
        return
    config = _config(function)
    if record["error"] is None:
        del QUEUE.waiting[invocation.id]
        return
    retries, oldest = config.get("MaximumRetryAttempts"), config.get("MaximumEventAgeInSeconds")
    condition = QUEUE.failed(
        invocation, now(), _RETRIES if retries is None else int(retries), _OLDEST if oldest is None else int(oldest)
    )
    if condition is None or function is None:
        return
    response = json.dumps(record["result"])
    destination = (config.get("DestinationConfig") or {}).get("OnFailure", {}).get("Destination")
    if destination:
        message = failure_message(invocation, function.function_arn, condition, response, stamp(now()))
        _send(destination, message, {})
    dead_letter = kept(function).get("DeadLetterConfig", {}).get("TargetArn")
    if dead_letter:
        _send(dead_letter, invocation.payload, _attributes(invocation, record))


def _attributes(invocation: Invocation, record: dict[str, Any]) -> dict[str, Any]:
    values = {"RequestID": invocation.id, "ErrorCode": "200", "ErrorMessage": str(record["result"].get("errorMessage"))}
    return {
        key: {"DataType": "Number" if key == "ErrorCode" else "String", "StringValue": value[:1024]}
        for key, value in values.items()
    }


def _send(arn: str, message: str, attributes: dict[str, Any]) -> None:
    _, _, service, region, account, name = arn.split(":", 5)
    try:
        if service == "sqs":
            sqs_backends[account][region].send_message(name, message, message_attributes=attributes)
        elif service == "sns":
            sns_backends[account][region].publish(message, arn=arn)
    except ServiceException:
        # AWS counts it (DestinationDeliveryFailures, DeadLetterErrors) and goes on.
        return


def _config(function: LambdaFunction | None) -> dict[str, Any]:
    configs = function.event_invoke_config if function is not None else []
    return dict(configs[-1].config) if configs else {}
