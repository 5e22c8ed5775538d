"""What an alarm does when its state changes: publishes to a topic, invokes a function."""

import json
from collections.abc import Callable
from typing import Any

from moto.cloudwatch.models import CloudWatchBackend
from moto.core.exceptions import ServiceException
from moto.moto_api._internal import mock_random
from moto.sns.models import sns_backends

from sluice_sandbox.cloudwatch.messages import Change, for_lambda, for_sns
from sluice_sandbox.cloudwatch.reasons import stamp
from sluice_sandbox.lambdas.permission import permits
from sluice_sandbox.lambdas.queue import QUEUE, Invocation
from sluice_sandbox.moto_patches import alarm_history, function_runs
from sluice_sandbox.moto_patches.moments import now

_ALARMS, _ALARMS_TO_LAMBDA = "cloudwatch.amazonaws.com", "lambda.alarms.cloudwatch.amazonaws.com"


class Refused(Exception):
    """An action that could not be taken, in AWS's words."""


def act(backend: CloudWatchBackend, alarm: Any, change: Change) -> None:
    """Takes the actions of an alarm for the state that it is in now, and notes each in its history."""
    if not alarm.actions_enabled:
        return
    actions = {
        "ALARM": alarm.alarm_actions,
        "OK": alarm.ok_actions,
        "INSUFFICIENT_DATA": alarm.insufficient_data_actions,
    }[change.after.value]
    for action in actions or []:
        error, sent = None, None
        try:
            sent = _taker(action)(action, change)
        except Refused as refusal:
            error = str(refusal)
        except Exception as failure:
            # An action that breaks must not stop the alarms, and with them every request.
            error = f"the sandbox's AWS failed: {type(failure).__name__}: {failure}"
        alarm_history.acted(backend, alarm, action, error, sent, stamp(change.after.at))


def _taker(action: str) -> Callable[[str, Change], Any]:
    parts = action.split(":")
    service = parts[2] if len(parts) > 5 else ""
    return {"sns": _publish, "lambda": _invoke}.get(service, _nothing)


def _publish(topic_arn: str, change: Change) -> Any:
    _, _, _, region, account, _ = topic_arn.split(":", 5)
    subject, message = for_sns(change)
    backend = sns_backends[account][region]
    try:
        topic = backend.get_topic(topic_arn)
    except ServiceException as error:
        raise Refused("Resource: Topic does not exist") from error
    if str(topic.kms_master_key_id or "").endswith("alias/aws/sns"):
        # AWS's own key has a policy that nobody can change, and that does not let CloudWatch in.
        raise Refused("CloudWatch Alarms does not have authorization to access the SNS topic encryption key.")
    statements = json.loads(topic.policy).get("Statement", [])
    source = {**_source(change), "aws:sourceowner": change.account}
    if not permits(statements, _ALARMS, "SNS:Publish", topic_arn, source):
        raise Refused(
            f"Resource: {topic_arn} is not authorized: the topic's policy does not let {_ALARMS} perform SNS:Publish."
        )
    backend.publish(json.dumps(message), arn=topic_arn, subject=subject)
    return message


def _invoke(function_arn: str, change: Change) -> Any:
    _, _, _, region, account, _, name, *qualifier = function_arn.split(":")
    event = for_lambda(change)
    function = function_runs.find(account, region, name, qualifier[0] if qualifier else None)
    if function is None:
        raise Refused(f"Function not found: {function_arn}")
    statements = [_of_version(statement) for statement in function.policy.statements]
    if not permits(statements, _ALARMS_TO_LAMBDA, "lambda:InvokeFunction", function_arn, _source(change)):
        raise Refused(
            f"CloudWatch Alarms is not authorized to perform: lambda:InvokeFunction on the resource: {function_arn} "
            "because no resource-based policy allows the lambda:InvokeFunction action"
        )
    identity = str(mock_random.uuid4())
    QUEUE.add(Invocation(identity, account, region, name, json.dumps(event), now(), now(), source=change.arn))
    return event


def _of_version(statement: dict[str, Any]) -> dict[str, Any]:
    # moto leaves a colon where it takes `$LATEST` off.
    return {**statement, "Resource": str(statement.get("Resource", "*")).rstrip(":")}


def _nothing(action: str, change: Change) -> Any:
    raise Refused("the sandbox takes actions on SNS topics and Lambda functions, and no others")


def _source(change: Change) -> dict[str, str]:
    return {"aws:sourcearn": change.arn, "aws:sourceaccount": change.account}
