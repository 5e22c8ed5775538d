"""Lambda: functions, who may invoke them, and what becomes of events that fail."""

import json
from collections.abc import Iterator
from typing import Any

import pulumi

from sluice.provider.properties import UNKNOWN
from sluice_sandbox.aws import archives
from sluice_sandbox.aws.clients import Clients
from sluice_sandbox.aws.resource_type import Failure, ResourceType, Values
from sluice_sandbox.aws.tagging import Tagging

_UNSAID: Values = {
    "description": "",
    "timeout": 3,
    "memorySize": 128,
    "environment": {"variables": {}},
    "deadLetterConfig": {"targetArn": ""},
    "kmsKeyArn": "",
    "tracingConfig": {"mode": "PassThrough"},
    "ephemeralStorage": {"size": 512},
}
"""What a setting is when nothing is said of it."""
_CODE = ("code", "s3Bucket", "s3Key", "s3ObjectVersion", "sourceCodeHash")
_WHERE = {"s3Bucket": "S3Bucket", "s3Key": "S3Key", "s3ObjectVersion": "S3ObjectVersion"}


class Function(ResourceType):
    """A function whose code is an archive, or an object in S3."""

    token = "aws:lambda/function:Function"
    service = "lambda"
    create_operation, read_operation, delete_operation = "CreateFunction", "GetFunction", "DeleteFunction"
    update_operations = ("UpdateFunctionConfiguration",)
    autonamed, name_length = "name", 64
    result = "Configuration"
    names = {"name": "FunctionName", "kmsKeyArn": "KMSKeyArn"}
    computed = {
        "arn": "FunctionArn",
        "codeSha256": "CodeSha256",
        "version": "Version",
        "lastModified": "LastModified",
    }
    extra_inputs = frozenset({*_CODE, "reservedConcurrentExecutions"})
    untold = frozenset(_CODE)
    refused = frozenset(
        {
            "codeSigningConfigArn",
            "capacityProviderConfig",
            "durableConfig",
            "fileSystemConfigs",
            "imageConfig",
            "layers",
            "publish",
            "publishTo",
            "snapStart",
            "tenancyConfig",
            "vpcConfig",
            "acceleratorConfig",
            "runtimeConfig",
        }
    )
    optional_members = frozenset({"Code"})
    mutable = ResourceType.mutable | {*_CODE, "reservedConcurrentExecutions"}
    tagging = Tagging(key="", target="Resource", lists="ListTags", adds="TagResource", removes="UntagResource")

    def check_more(self, inputs: Values) -> Iterator[Failure]:
        code, bucket = inputs.get("code"), inputs.get("s3Bucket")
        if code is None and bucket is None:
            yield "code", "is missing; give an archive, or s3Bucket and s3Key"
        if code is not None and bucket is not None:
            yield "s3Bucket", "is given together with code; a function has one code"
        if code is not None and code is not UNKNOWN and (why := archives.unpacked_problem(code)) is not None:
            yield "code", why
        for key in ("handler", "runtime"):
            if inputs.get(key) is None and inputs.get("packageType") != "Image":
                yield key, "is missing; a function of a zip archive needs it"

    def create(self, aws: Clients, inputs: Values, timeout: float) -> tuple[str, Values]:
        asked = {key: value for key, value in inputs.items() if key not in self.extra_inputs}
        aws.call(self.service, self.create_operation, **self.request(asked), Code=_code(inputs))
        identity = self.identity_of(inputs)
        self._reserve(aws, identity, None, inputs.get("reservedConcurrentExecutions"))
        return identity, self.read_existing(aws, identity)

    def update(self, aws: Clients, identity: str, old: Values, new: Values, timeout: float) -> Values:
        if any(old.get(key) != new.get(key) for key in _CODE):
            aws.call(self.service, "UpdateFunctionCode", FunctionName=identity, **_code(new))
        concurrency = "reservedConcurrentExecutions"
        if old.get(concurrency) != new.get(concurrency):
            self._reserve(aws, identity, old.get(concurrency), new.get(concurrency))
        # What is no longer said has to be said to be as usual.
        said = {**{key: value for key, value in _UNSAID.items() if old.get(key) is not None}, **_given(new)}
        return super().update(aws, identity, _given(old), said, timeout)

    def complete(self, aws: Clients, identity: str, outputs: Values, described: Values) -> Values:
        answer = aws.call(self.service, "GetFunctionConcurrency", FunctionName=identity)
        arn = described["FunctionArn"]
        told = {key: value for key, value in outputs.items() if key not in _CODE and value not in ("", None)}
        reserved = answer.get("ReservedConcurrentExecutions")
        invoke = f"arn:aws:apigateway:{aws.region}:lambda:path/2015-03-31/functions/{arn}/invocations"
        told |= {
            "reservedConcurrentExecutions": -1 if reserved is None else reserved,
            "invokeArn": invoke,
            "sourceCodeSize": described.get("CodeSize", 0),
        }
        return super().complete(aws, identity, told, described)

    def tag_target(self, aws: Clients, identity: str) -> str:
        return f"arn:aws:lambda:{aws.region}:{aws.account}:function:{identity}"

    def input_names(self) -> frozenset[str]:
        return super().input_names() - {"dryRun", "revisionId", "zipFile"}

    def _invalid(self, inputs: Values) -> Iterator[Failure]:
        # An archive is no structure of AWS's.
        return super()._invalid({key: value for key, value in inputs.items() if key not in self.extra_inputs})

    def _reserve(self, aws: Clients, identity: str, before: Any, now: Any) -> None:
        if now is not None and now >= 0:
            reserved = {"ReservedConcurrentExecutions": int(now)}
            aws.call(self.service, "PutFunctionConcurrency", FunctionName=identity, **reserved)
        elif before is not None:
            aws.call(self.service, "DeleteFunctionConcurrency", FunctionName=identity)


class Permission(ResourceType):
    """Somebody who may invoke a function. Its id is the function's name and the statement's, so that it can be read."""

    token = "aws:lambda/permission:Permission"
    service = "lambda"
    create_operation, read_operation, delete_operation = "AddPermission", "GetPolicy", "RemovePermission"
    autonamed, name_length = "statementId", 100
    names = {"function": "FunctionName", "principalOrgId": "PrincipalOrgID"}
    refused = frozenset({"qualifier", "eventSourceToken", "functionUrlAuthType", "invokedViaFunctionUrl", "revisionId"})

    def read(self, aws: Clients, identity: str) -> Values | None:
        function, _, statement_id = identity.rpartition("/")
        answer = aws.find(self.service, self.read_operation, self.missing, FunctionName=function)
        statements = json.loads(answer["Policy"])["Statement"] if answer is not None else []
        found = next((it for it in statements if it["Sid"] == statement_id), None)
        if found is None:
            return None
        condition = {key.lower(): value for keys in found.get("Condition", {}).values() for key, value in keys.items()}
        principal = found["Principal"]
        outputs = {
            "function": function,
            "statementId": statement_id,
            "action": found["Action"],
            "principal": next(iter(principal.values())) if isinstance(principal, dict) else principal,
            "sourceArn": condition.get("aws:sourcearn"),
            "sourceAccount": condition.get("aws:sourceaccount"),
            "principalOrgId": condition.get("aws:principalorgid"),
        }
        return self.complete(aws, identity, outputs, found)

    def delete(self, aws: Clients, identity: str, outputs: Values, timeout: float) -> None:
        function, _, statement_id = identity.rpartition("/")
        asked = {"FunctionName": function, "StatementId": statement_id}
        aws.find(self.service, self.delete_operation, self.missing, **asked)

    def identity_of(self, inputs: Values) -> str:
        return f"{inputs['function']}/{inputs['statementId']}"


class FunctionEventInvokeConfig(ResourceType):
    """How often an event is tried, and where it goes in the end."""

    token = "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig"
    service = "lambda"
    create_operation, read_operation, delete_operation = (
        "PutFunctionEventInvokeConfig",
        "GetFunctionEventInvokeConfig",
        "DeleteFunctionEventInvokeConfig",
    )
    update_operations = ("PutFunctionEventInvokeConfig",)
    identity = "functionName"
    refused = frozenset({"qualifier"})

    def complete(self, aws: Clients, identity: str, outputs: Values, described: Values) -> Values:
        told = {key: value for key, value in outputs.items() if value is not None}
        return super().complete(aws, identity, {**told, "functionName": identity}, described)


class EventSourceMapping(ResourceType):
    """A queue that a function is fed from. Its id is what AWS made up."""

    token = "aws:lambda/eventSourceMapping:EventSourceMapping"
    service = "lambda"
    create_operation, read_operation, delete_operation = (
        "CreateEventSourceMapping",
        "GetEventSourceMapping",
        "DeleteEventSourceMapping",
    )
    update_operations = ("UpdateEventSourceMapping",)
    identity = "uuid"
    names = {"kmsKeyArn": "KMSKeyArn", "uuid": "UUID"}
    computed = {"arn": "EventSourceMappingArn", "functionArn": "FunctionArn", "state": "State", "uuid": "UUID"}
    refused = frozenset(
        {
            "amazonManagedKafkaEventSourceConfig",
            "bisectBatchOnFunctionError",
            "destinationConfig",
            "documentDbEventSourceConfig",
            "filterCriteria",
            "kmsKeyArn",
            "loggingConfig",
            "maximumBatchingWindowInSeconds",
            "maximumRecordAgeInSeconds",
            "maximumRetryAttempts",
            "metricsConfig",
            "parallelizationFactor",
            "provisionedPollerConfig",
            "queues",
            "selfManagedEventSource",
            "selfManagedKafkaEventSourceConfig",
            "sourceAccessConfigurations",
            "startingPosition",
            "startingPositionTimestamp",
            "tags",
            "topics",
            "tumblingWindowInSeconds",
        }
    )

    def create(self, aws: Clients, inputs: Values, timeout: float) -> tuple[str, Values]:
        identity = aws.call(self.service, self.create_operation, **self.request(inputs))["UUID"]
        return identity, self.read_existing(aws, identity)

    def complete(self, aws: Clients, identity: str, outputs: Values, described: Values) -> Values:
        told = {key: value for key, value in outputs.items() if value is not None}
        name = str(described["FunctionArn"]).split(":")[6]
        known = {"functionName": name, "enabled": described.get("State") == "Enabled"}
        return super().complete(aws, identity, {**told, **known}, described)


def _given(inputs: Values) -> Values:
    return {key: value for key, value in inputs.items() if key not in (*_CODE, "reservedConcurrentExecutions")}


def _code(inputs: Values) -> Values:
    archive = inputs.get("code")
    if isinstance(archive, pulumi.Archive):
        return {"ZipFile": archives.zipped(archive)}
    return {member: inputs[key] for key, member in _WHERE.items() if inputs.get(key) is not None}
