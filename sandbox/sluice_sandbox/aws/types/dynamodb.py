"""DynamoDB: tables."""

from collections.abc import Iterator, Mapping
from typing import Any

from sluice.provider.properties import UNKNOWN
from sluice_sandbox.aws.clients import Clients
from sluice_sandbox.aws.resource_type import Failure, ResourceType, Values
from sluice_sandbox.aws.tagging import Tagging

_KEYS = {"hashKey": "HASH", "rangeKey": "RANGE"}
_BLOCKS = {
    "ttl": frozenset({"attributeName", "enabled"}),
    "pointInTimeRecovery": frozenset({"enabled", "recoveryPeriodInDays"}),
    "serverSideEncryption": frozenset({"enabled", "kmsKeyArn"}),
}
_STREAM = ("streamEnabled", "streamViewType")
_THROUGHPUT = ("billingMode", "readCapacity", "writeCapacity")


class Table(ResourceType):
    """A table without secondary indexes, replicas or restored content."""

    token = "aws:dynamodb/table:Table"
    service = "dynamodb"
    create_operation, read_operation, delete_operation = "CreateTable", "DescribeTable", "DeleteTable"
    autonamed, name_length = "name", 255
    result = "Table"
    names = {
        "name": "TableName",
        "attributes": "AttributeDefinitions",
        "attributes.name": "AttributeName",
        "attributes.type": "AttributeType",
    }
    computed = {"arn": "TableArn", "streamArn": "LatestStreamArn", "streamLabel": "LatestStreamLabel"}
    extra_inputs = frozenset({*_KEYS, *_BLOCKS, *_STREAM, *_THROUGHPUT})
    # The type of a key's attribute AWS does not change, and there are no others without secondary indexes.
    mutable = ResourceType.mutable | {*_BLOCKS, *_STREAM, *_THROUGHPUT, "deletionProtectionEnabled"}
    tagging = Tagging(lists="ListTagsOfResource", adds="TagResource", removes="UntagResource")

    def check_more(self, inputs: Values) -> Iterator[Failure]:
        yield from _block_failures(inputs)
        yield from _key_failures(inputs)
        yield from _capacity_failures(inputs)
        if inputs.get("streamEnabled") is True and "streamViewType" not in inputs:
            yield "streamViewType", "is missing; a stream that is enabled needs it"

    def create(self, aws: Clients, inputs: Values, timeout: float) -> tuple[str, Values]:
        identity, _ = super().create(aws, inputs, timeout)
        self._set_ttl(aws, identity, {}, inputs)
        if inputs.get("pointInTimeRecovery"):
            self._set_recovery(aws, identity, inputs)
        return identity, self.read_existing(aws, identity)

    def update(self, aws: Clients, identity: str, old: Values, new: Values, timeout: float) -> Values:
        # AWS makes one kind of change at a time.
        for keys, request in (
            (_THROUGHPUT, _billing(new)),
            (_STREAM, {"StreamSpecification": _stream(new)}),
            (("serverSideEncryption",), {"SSESpecification": _encryption(new)}),
            (("deletionProtectionEnabled",), {"DeletionProtectionEnabled": bool(new.get("deletionProtectionEnabled"))}),
        ):
            if any(old.get(key) != new.get(key) for key in keys):
                aws.call(self.service, "UpdateTable", TableName=identity, **request)
        self._set_ttl(aws, identity, old, new)
        if old.get("pointInTimeRecovery") != new.get("pointInTimeRecovery"):
            self._set_recovery(aws, identity, new)
        return super().update(aws, identity, old, new, timeout)

    def request(self, inputs: Values) -> Values:
        asked = {**super().request(inputs), "KeySchema": _key_schema(inputs), **_billing(inputs)}
        if inputs.get("streamEnabled"):
            asked["StreamSpecification"] = _stream(inputs)
        if (inputs.get("serverSideEncryption") or {}).get("enabled"):
            asked["SSESpecification"] = _encryption(inputs)
        return asked

    def complete(self, aws: Clients, identity: str, outputs: Values, described: Values) -> Values:
        schema = {key["KeyType"]: key["AttributeName"] for key in described["KeySchema"]}
        stream = described.get("StreamSpecification") or {}
        throughput = described.get("ProvisionedThroughput") or {}
        told = {
            **outputs,
            **{key: schema[role] for key, role in _KEYS.items() if role in schema},
            "billingMode": (described.get("BillingModeSummary") or {}).get("BillingMode", "PROVISIONED"),
            "readCapacity": throughput.get("ReadCapacityUnits"),
            "writeCapacity": throughput.get("WriteCapacityUnits"),
            "streamEnabled": stream.get("StreamEnabled", False),
            "streamViewType": stream.get("StreamViewType"),
            "serverSideEncryption": _encryption_told(described),
            "ttl": self._ttl_told(aws, identity),
            "pointInTimeRecovery": self._recovery_told(aws, identity),
        }
        return super().complete(aws, identity, told, described)

    def tag_target(self, aws: Clients, identity: str) -> str:
        return f"arn:aws:dynamodb:{aws.region}:{aws.account}:table/{identity}"

    def input_names(self) -> frozenset[str]:
        own = {"name", "attributes", "deletionProtectionEnabled", "tags", "region"}
        return frozenset(own | self.extra_inputs)

    def _set_ttl(self, aws: Clients, identity: str, old: Values, new: Values) -> None:
        before, after = (given.get("ttl") or {} for given in (old, new))
        enabled = bool(after.get("enabled"))
        # Without a word of it a time to live is off.
        if before == after or not (enabled or before.get("enabled")):
            return
        attribute = (after if enabled else before)["attributeName"]
        specification = {"AttributeName": attribute, "Enabled": enabled}
        aws.call(self.service, "UpdateTimeToLive", TableName=identity, TimeToLiveSpecification=specification)

    def _set_recovery(self, aws: Clients, identity: str, inputs: Values) -> None:
        given = inputs.get("pointInTimeRecovery") or {}
        specification: Values = {"PointInTimeRecoveryEnabled": bool(given.get("enabled"))}
        if given.get("enabled") and given.get("recoveryPeriodInDays"):
            specification["RecoveryPeriodInDays"] = int(given["recoveryPeriodInDays"])
        aws.call(
            self.service,
            "UpdateContinuousBackups",
            TableName=identity,
            PointInTimeRecoverySpecification=specification,
        )

    def _ttl_told(self, aws: Clients, identity: str) -> Values:
        answer = aws.call(self.service, "DescribeTimeToLive", TableName=identity)["TimeToLiveDescription"]
        enabled = answer["TimeToLiveStatus"] in ("ENABLED", "ENABLING")
        return {"enabled": enabled, "attributeName": answer["AttributeName"] if enabled else ""}

    def _recovery_told(self, aws: Clients, identity: str) -> Values:
        answer = aws.call(self.service, "DescribeContinuousBackups", TableName=identity)
        told = answer["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription") or {}
        if told.get("PointInTimeRecoveryStatus") != "ENABLED":
            return {"enabled": False}
        return {"enabled": True, "recoveryPeriodInDays": told["RecoveryPeriodInDays"]}


def _key_schema(inputs: Values) -> list[dict[str, str]]:
    return [{"AttributeName": inputs[key], "KeyType": role} for key, role in _KEYS.items() if inputs.get(key)]


def _billing(inputs: Values) -> Values:
    mode = inputs.get("billingMode") or "PROVISIONED"
    if mode == "PAY_PER_REQUEST":
        return {"BillingMode": mode}
    units = {f"{it.capitalize()}CapacityUnits": int(inputs.get(f"{it}Capacity") or 1) for it in ("read", "write")}
    return {"BillingMode": mode, "ProvisionedThroughput": units}


def _stream(inputs: Values) -> Values:
    if not inputs.get("streamEnabled"):
        return {"StreamEnabled": False}
    return {"StreamEnabled": True, "StreamViewType": inputs["streamViewType"]}


def _encryption(inputs: Values) -> Values:
    """Returns how AWS is told to encrypt: without a word it takes a key of its own that nobody sees."""
    given = inputs.get("serverSideEncryption") or {}
    if not given.get("enabled"):
        return {"Enabled": False}
    key = {"KMSMasterKeyId": given["kmsKeyArn"]} if given.get("kmsKeyArn") else {}
    return {"Enabled": True, "SSEType": "KMS", **key}


def _encryption_told(described: Values) -> Values | None:
    told = described.get("SSEDescription") or {}
    if told.get("Status") not in ("ENABLED", "ENABLING", "UPDATING"):
        return None
    return {"enabled": True, "kmsKeyArn": told["KMSMasterKeyArn"]}


def _block_failures(inputs: Values) -> Iterator[Failure]:
    for block, known in _BLOCKS.items():
        given = inputs.get(block)
        if not isinstance(given, Mapping):
            continue
        yield from ((f"{block}.{key}", "AWS has no such property") for key in sorted(given.keys() - known))
        if "enabled" not in given and block != "ttl":
            yield f"{block}.enabled", "is missing; AWS requires it"
    ttl, recovery = (inputs.get(block) for block in ("ttl", "pointInTimeRecovery"))
    if isinstance(ttl, Mapping) and ttl.get("enabled") is True and not ttl.get("attributeName"):
        yield "ttl.attributeName", "is missing; a time to live that is enabled needs it"
    days = recovery.get("recoveryPeriodInDays") if isinstance(recovery, Mapping) else None
    if isinstance(days, int | float) and not 1 <= days <= 35:
        yield "pointInTimeRecovery.recoveryPeriodInDays", f"is {days:g}; allowed: 1 to 35"


def _key_failures(inputs: Values) -> Iterator[Failure]:
    if "hashKey" not in inputs:
        yield "hashKey", "is missing; AWS requires it"
    attributes = inputs.get("attributes") or []
    keys = [inputs[key] for key in _KEYS if key in inputs]
    if not isinstance(attributes, list | tuple) or any(_is_open(it) for it in [*attributes, *keys]):
        return
    named = [str(it.get("name")) for it in attributes]
    for key in _KEYS:
        if key in inputs and inputs[key] not in named:
            yield key, f"is {inputs[key]!r}, which is no attribute; attributes are: {', '.join(named) or 'none'}"
    for unused in sorted(set(named) - set(keys)):
        yield "attributes", f"has {unused}, which is no key; AWS takes attributes of keys alone"


def _capacity_failures(inputs: Values) -> Iterator[Failure]:
    mode = inputs.get("billingMode", "PROVISIONED")
    for key in _THROUGHPUT[1:]:
        units = inputs.get(key)
        if mode == "PAY_PER_REQUEST" and isinstance(units, int | float) and units:
            yield key, f"is {units:g}; a table that is billed per request has none"
        if mode == "PROVISIONED" and not _is_open(units) and not units:
            yield key, "is missing; a table of billing mode PROVISIONED needs 1 or more"


def _is_open(value: Any) -> bool:
    """True for what is not known yet, wholly or in part."""
    return value is UNKNOWN or (isinstance(value, Mapping) and any(it is UNKNOWN for it in value.values()))
