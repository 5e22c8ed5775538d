"""The sandbox's `aws` provider: the types of `pulumi_aws` that Sluice uses, on the sandbox's AWS."""

import asyncio
import difflib
import json
from collections.abc import Callable
from importlib.metadata import version
from typing import Any, TypeVar

from botocore.exceptions import ClientError
from pulumi.provider.experimental import provider as sdk
from pulumi.provider.experimental.property_value import PropertyValue

from sluice.provider import wire
from sluice.provider.properties import UNKNOWN, secret_keys, to_plain, to_properties
from sluice.provider.protocol import DiffRequest, UpdateRequest
from sluice_sandbox.aws import functions
from sluice_sandbox.aws.clients import Clients
from sluice_sandbox.aws.resource_type import ResourceType, Values, autoname, same_json
from sluice_sandbox.aws.schema import aws_schema
from sluice_sandbox.aws.types import all_types
from sluice_sandbox.engine import diff as diffs
from sluice_sandbox.engine import urn as urns
from sluice_sandbox.engine.diff import Kind
from sluice_sandbox.engine.paths import at, parse
from sluice_sandbox.errors import SandboxError

T = TypeVar("T")
_DEFAULTS = "__defaults"
_KINDS = {
    (Kind.ADD, False): sdk.PropertyDiffKind.ADD,
    (Kind.ADD, True): sdk.PropertyDiffKind.ADD_REPLACE,
    (Kind.DELETE, False): sdk.PropertyDiffKind.DELETE,
    (Kind.DELETE, True): sdk.PropertyDiffKind.DELETE_REPLACE,
    (Kind.UPDATE, False): sdk.PropertyDiffKind.UPDATE,
    (Kind.UPDATE, True): sdk.PropertyDiffKind.UPDATE_REPLACE,
}


class AwsProvider(sdk.Provider):
    """Manages resources of one region. Everything is checked before anything is asked of AWS."""

    def __init__(self, endpoint: Callable[[], str]) -> None:
        """`endpoint` returns the address of the sandbox's AWS; it is asked when the first request is due."""
        self._endpoint = endpoint
        self._region = "us-east-1"
        self._default_tags: dict[str, str] = {}
        self._aws: dict[str, Clients] = {}

    async def get_schema(self, request: sdk.GetSchemaRequest) -> sdk.GetSchemaResponse:
        return sdk.GetSchemaResponse(aws_schema(version("pulumi_aws")))

    async def diff_config(self, request: sdk.DiffRequest) -> sdk.DiffResponse:
        old, new = to_plain(request.old_state), to_plain(request.new_inputs)
        changed = sorted(key for key in {*old, *new} if old.get(key) != new.get(key))
        # Another region is another place: everything is made anew there.
        return sdk.DiffResponse(
            changes=bool(changed), replaces=[key for key in changed if key == "region"], diffs=changed
        )

    async def configure(self, request: sdk.ConfigureRequest) -> sdk.ConfigureResponse:
        settings = to_plain(request.args)
        self._region = settings.get("region") or "us-east-1"
        tags = settings.get("defaultTags")
        tags = json.loads(tags) if isinstance(tags, str) else tags
        self._default_tags = (tags or {}).get("tags") or {}
        return await super().configure(request)

    async def check(self, request: sdk.CheckRequest) -> sdk.CheckResponse:
        kind = _type(request.urn)
        inputs = dict(request.new_inputs)
        self._apply_default_tags(kind, inputs)
        _apply_name(kind, request, inputs)
        failures = [sdk.CheckFailure(path, reason) for path, reason in kind.check(_without_defaults(inputs))]
        return sdk.CheckResponse(inputs=inputs, failures=failures)

    async def diff(self, request: sdk.DiffRequest) -> sdk.DiffResponse:
        kind = _type(request.urn)
        before = request.old_inputs if isinstance(request, DiffRequest) else request.old_state
        old, new = wire.from_properties(before), wire.from_properties(request.new_inputs)
        changes = {
            path: change
            for path, change in diffs.between(old, new).items()
            if change.kind is not Kind.UPDATE or not same_json(at(old, parse(path)), at(new, parse(path)))
        }
        heads = {str(parse(path)[0]) for path in changes}
        replaces = sorted(head for head in heads if kind.replaces(head))
        detailed = {
            path: sdk.PropertyDiff(_KINDS[change.kind, str(parse(path)[0]) in replaces], input_diff=True)
            for path, change in changes.items()
        }
        return sdk.DiffResponse(
            changes=bool(changes),
            replaces=replaces,
            diffs=sorted(heads),
            detailed_diff=detailed,
            delete_before_replace=bool(replaces) and _same_fixed_name(kind, old, new),
        )

    async def create(self, request: sdk.CreateRequest) -> sdk.CreateResponse:
        kind, inputs = _type(request.urn), request.properties
        if request.preview:
            return sdk.CreateResponse("", self._foreseen(kind, inputs))
        plain = _without_defaults(inputs)
        identity, outputs = await _off_loop(lambda: kind.create(self._clients(plain), plain, request.timeout))
        return sdk.CreateResponse(identity, _outputs(inputs, outputs))

    async def read(self, request: sdk.ReadRequest) -> sdk.ReadResponse:
        kind = _type(request.urn)
        before, inputs = to_plain(request.properties), dict(request.inputs)
        outputs = await _off_loop(lambda: kind.read(self._clients(before), request.resource_id))
        if outputs is None:
            return sdk.ReadResponse()
        for key in kind.input_names() - kind.untold - (kind.shared - inputs.keys()):
            if not same_json(_normal(outputs.get(key)), _normal(before.get(key))):
                _adopt(inputs, key, outputs.get(key))
        return sdk.ReadResponse(request.resource_id, _outputs(inputs, outputs), inputs)

    async def update(self, request: sdk.UpdateRequest) -> sdk.UpdateResponse:
        kind, inputs = _type(request.urn), request.news
        if request.preview:
            # No change in place gives a resource another ARN, and so what refers to it is not made anew.
            kept = {key: it for key, it in request.olds.items() if key == "arn"}
            return sdk.UpdateResponse({**request.olds, **self._foreseen(kind, inputs), **kept})
        before = request.old_inputs if isinstance(request, UpdateRequest) else request.olds
        old, new = _without_defaults(before), _without_defaults(inputs)
        outputs = await _off_loop(
            lambda: kind.update(self._clients(new), request.resource_id, old, new, request.timeout)
        )
        return sdk.UpdateResponse(_outputs(inputs, outputs))

    async def delete(self, request: sdk.DeleteRequest) -> None:
        kind, outputs = _type(request.urn), to_plain(request.properties)
        await _off_loop(lambda: kind.delete(self._clients(outputs), request.resource_id, outputs, request.timeout))

    async def invoke(self, request: sdk.InvokeRequest) -> sdk.InvokeResponse:
        function = functions.all_functions().get(request.tok)
        if function is None:
            known = ", ".join(sorted(functions.all_functions()))
            raise SandboxError(f"the sandbox's AWS does not have the function {request.tok}; it has: {known}")
        arguments = to_plain(request.args)
        result = await _off_loop(lambda: function(self._clients({}), arguments))
        return sdk.InvokeResponse(to_properties(result))

    def _clients(self, properties: Values) -> Clients:
        region = properties.get("region") or self._region
        if region not in self._aws:
            self._aws[region] = Clients(region, self._endpoint())
        return self._aws[region]

    def _apply_default_tags(self, kind: ResourceType, inputs: wire.Properties) -> None:
        if not self._default_tags or not kind.tagging.enabled:
            return
        secret = "tags" in secret_keys(inputs)
        own = to_plain(inputs).get("tags") or {}
        if own is not UNKNOWN:
            inputs |= to_properties({"tags": {**self._default_tags, **own}}, {"tags"} if secret else ())

    def _foreseen(self, kind: ResourceType, inputs: wire.Properties) -> wire.Properties:
        """Returns what a preview can tell of the outputs: the inputs, and what AWS decides as not known yet."""
        decided = {key: PropertyValue.computed() for key in kind.computed}
        tags = {"tagsAll": inputs["tags"]} if "tags" in inputs else {}
        return {**decided, **tags, **{key: value for key, value in inputs.items() if key != _DEFAULTS}}


def _type(urn: str) -> ResourceType:
    token = urns.type_of(urn)
    kind = all_types().get(token)
    if kind is None:
        close = difflib.get_close_matches(token, all_types(), n=3, cutoff=0.5)
        hint = f" The closest that it has: {', '.join(close)}." if close else ""
        raise SandboxError(
            f"the sandbox's AWS does not have the type {token}; use the Pulumi CLI and AWS for it.{hint}"
        )
    return kind


def _apply_name(kind: ResourceType, request: sdk.CheckRequest, inputs: wire.Properties) -> None:
    key = kind.autonamed
    if key is None or key in inputs:
        return
    before = to_plain(request.old_inputs)
    if key in before.get(_DEFAULTS, []):
        name = before[key]
    else:
        name = autoname(urns.name_of(request.urn), request.random_seed, kind.name_length)
        name = name.lower() if kind.service == "s3" else name
        name = f"alias/{name}" if kind.token == "aws:kms/alias:Alias" else name
    inputs[key] = PropertyValue(name)
    inputs[_DEFAULTS] = PropertyValue([PropertyValue(key)])


def _same_fixed_name(kind: ResourceType, old: Values, new: Values) -> bool:
    """True when old and new must have one name: then the old one has to go first."""
    key = kind.autonamed
    return key is not None and key not in new.get(_DEFAULTS, []) and old.get(key) == new.get(key)


def _without_defaults(inputs: wire.Properties) -> Values:
    return {key: value for key, value in to_plain(inputs).items() if key != _DEFAULTS}


def _outputs(inputs: wire.Properties, outputs: Values) -> wire.Properties:
    """Returns what AWS tells, what it does not tell as it was asked for, and secrets as secrets."""
    secret = secret_keys(inputs)
    told = to_properties(outputs, secret | ({"tagsAll"} if "tags" in secret else set()))
    asked = {key: value for key, value in inputs.items() if key != _DEFAULTS and outputs.get(key) is None}
    return {**asked, **told}


def _adopt(inputs: wire.Properties, key: str, value: Any) -> None:
    if value is None:
        inputs.pop(key, None)
    else:
        secret = key in inputs and inputs[key].contains_secret()
        inputs[key] = to_properties({key: value}, {key} if secret else ())[key]


def _normal(value: Any) -> Any:
    """Returns a value in which nothing and an empty collection are the same, and whole numbers have no fraction."""
    if isinstance(value, dict):
        return {key: _normal(item) for key, item in value.items() if _normal(item) is not None} or None
    if isinstance(value, list):
        return [_normal(item) for item in value] or None
    return value


async def _off_loop(work: Callable[[], T]) -> T:
    """Runs blocking work beside the event loop, and puts AWS's refusals into a person's words."""
    try:
        return await asyncio.to_thread(work)
    except ClientError as error:
        problem = error.response["Error"]
        raise SandboxError(f"{error.operation_name}: {problem['Code']}: {problem['Message']}") from error
