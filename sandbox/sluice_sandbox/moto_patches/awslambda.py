"""
Adds to Lambda that functions run without Docker: their handlers, in a process of this machine's Python.

And what goes with it: events that wait and are tried again, dead-letter queues and failure destinations, functions
that may not run because nothing is reserved for them, settings of asynchronous invocation that can be changed.
"""

import base64
import json
from inspect import getsource
from typing import Any
from urllib.parse import unquote

from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.models import EventInvokeConfig, LambdaBackend, LambdaFunction
from moto.awslambda.responses import LambdaResponse
from moto.moto_api._internal import mock_random

from sluice_sandbox.lambdas.queue import QUEUE, Invocation
from sluice_sandbox.moto_patches import function_runs
from sluice_sandbox.moto_patches.moments import now
from sluice_sandbox.moto_patches.replacing import replace_methods

Answer = tuple[int, dict[str, Any], str]

_MARK = "_sluice_keeps_dead_letters"
_SYNCHRONOUS, _ASYNCHRONOUS = "RequestResponse", "Event"
_configuration = LambdaFunction.get_configuration
_update = LambdaFunction.update_configuration


def needed() -> bool:
    return "docker" in getsource(LambdaFunction._invoke_lambda)


def apply() -> None:
    original = LambdaFunction.__init__
    if hasattr(original, _MARK):
        return

    def __init__(self: Any, account_id: str, spec: dict[str, Any], *rest: Any, **named: Any) -> None:
        original(self, account_id, spec, *rest, **named)
        _keep(self, spec)

    setattr(__init__, _MARK, True)
    replace_methods(
        LambdaFunction,
        __init__=__init__,
        get_configuration=get_configuration,
        update_configuration=update_configuration,
    )
    replace_methods(LambdaResponse, invoke=invoke)
    replace_methods(
        LambdaBackend,
        put_function_event_invoke_config=put_function_event_invoke_config,
        update_function_event_invoke_config=update_function_event_invoke_config,
    )


def get_configuration(self: LambdaFunction, on_create: bool = False) -> dict[str, Any]:
    more = {member: value for member, value in function_runs.kept(self).items() if any(value.values())}
    return {**_configuration(self, on_create), **more}


def update_configuration(self: LambdaFunction, config_updates: dict[str, Any]) -> dict[str, Any]:
    _keep(self, config_updates)
    return _update(self, config_updates)


def invoke(self: LambdaResponse) -> Answer:
    name = unquote(self.path.rsplit("/", 2)[-2])
    function = self.backend.get_function(name, self._get_param("Qualifier") or self._get_param("qualifier"))
    payload = self.body if isinstance(self.body, str) else (self.body or b"").decode()
    event = _checked(payload or "{}")
    kind = self.headers.get("X-Amz-Invocation-Type") or _SYNCHRONOUS
    if kind == "DryRun":
        return 204, {"status": 204}, ""
    request_id = str(mock_random.uuid4())
    if kind == _ASYNCHRONOUS:
        account, region = function.account_id, function.region
        QUEUE.add(Invocation(request_id, account, region, function.function_name, event, now(), now()))
        return 202, {"status": 202, "x-amzn-RequestId": request_id}, ""
    if function_runs.is_throttled(function):
        return _throttled()
    return _run(self, function, request_id, event)


def put_function_event_invoke_config(self: LambdaBackend, function_name: str, config: dict[str, Any]) -> dict[str, Any]:
    function = self.get_function(function_name)
    function.event_invoke_config = [EventInvokeConfig(function.function_arn, str(function.last_modified), config)]
    return function.event_invoke_config[0].response()


def update_function_event_invoke_config(
    self: LambdaBackend, function_name: str, config: dict[str, Any]
) -> dict[str, Any]:
    before = self.get_function(function_name).event_invoke_config
    return put_function_event_invoke_config(self, function_name, {**(before[0].config if before else {}), **config})


def _run(response: LambdaResponse, function: LambdaFunction, request_id: str, event: str) -> Answer:
    if not function_runs.run_now:
        return 200, {"status": 200}, ""
    task = function_runs.task_of(function, request_id, event)
    outcome = function_runs.run_now[0](task)
    account, region = function.account_id, function.region
    function_runs.done[0](function_runs.told(task, outcome, _SYNCHRONOUS, "invoke", region, account))
    headers: dict[str, Any] = {
        "status": 200,
        "content-type": "application/json",
        "x-amz-executed-version": "$LATEST",
        "x-amzn-RequestId": request_id,
    }
    if outcome.error is not None:
        headers["x-amz-function-error"] = outcome.error
    if response.headers.get("X-Amz-Log-Type") == "Tail":
        headers["x-amz-log-result"] = base64.b64encode(outcome.logs.encode()[-4096:]).decode()
    return 200, headers, outcome.payload


def _throttled() -> Answer:
    told = {"Reason": "ReservedFunctionConcurrentInvocationLimitExceeded", "message": "Rate Exceeded."}
    return 429, {"status": 429, "x-amzn-errortype": "TooManyRequestsException"}, json.dumps(told)


def _checked(payload: str) -> str:
    try:
        json.loads(payload)
    except ValueError as error:
        raise LambdaClientError(
            "InvalidRequestContentException", f"Could not parse request body into json: {error}"
        ) from error
    return payload


def _keep(function: Any, given: dict[str, Any]) -> None:
    """Keeps what moto drops, and what it does not change."""
    for member in ("DeadLetterConfig", "LoggingConfig"):
        if member in given:
            function_runs.kept(function)[member] = given[member] or {}
    if "KMSKeyArn" in given:
        function.kms_key_arn = given["KMSKeyArn"]
    if "TracingConfig" in given:
        function.tracing_config = given["TracingConfig"]
    if "EphemeralStorage" in given:
        function.ephemeral_storage = given["EphemeralStorage"]["Size"]
