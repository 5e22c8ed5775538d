"""A provider over gRPC, as the Pulumi CLI reaches it."""

from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.provider.experimental import provider
from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.provider.experimental.server import ProviderServicer as SdkServicer
from pulumi.runtime import proto
from pulumi.runtime.proto import status_pb2

from sluice.provider import protocol, wire

_KINDS = {kind: getattr(proto.PropertyDiff, kind.name) for kind in provider.PropertyDiffKind}
_Handler = Callable[[Any, Any, grpc.aio.ServicerContext], Awaitable[Any]]


def _plainly(handler: _Handler) -> _Handler:
    """Reports what a provider raises as its message alone; a traceback in a deployment's output helps nobody."""

    @wraps(handler)
    async def guarded(self: Any, request: Any, context: grpc.aio.ServicerContext) -> Any:
        try:
            return await handler(self, request, context)
        except protocol.ResourceInitFailed as failure:
            await context.abort_with_status(_init_failed(failure))
        except NotImplementedError as error:
            await context.abort(grpc.StatusCode.UNIMPLEMENTED, str(error))
        except Exception as error:
            await context.abort(grpc.StatusCode.UNKNOWN, str(error) or type(error).__name__)

    return guarded


class ProviderServicer(SdkServicer):
    """
    Serves a provider to the engine, losing nothing on the wire.

    Adds what the SDK's servicer lacks: `Attach`, for a provider that is already running; asset hashes; unknowns in
    results; and errors without tracebacks.
    """

    def __init__(self, served: provider.Provider, version: str, engine_address: str = "") -> None:
        super().__init__([], version, served, engine_address)

    async def Attach(self, request: Any, context: Any) -> Any:
        return empty_pb2.Empty()

    @_plainly
    async def CheckConfig(self, request: Any, context: Any) -> Any:
        return _checked(await self._provider.check_config(_check_request(request)))

    @_plainly
    async def DiffConfig(self, request: Any, context: Any) -> Any:
        return _differed(await self._provider.diff_config(_diff_request(request)))

    @_plainly
    async def Configure(self, request: Any, context: Any) -> Any:
        asked = provider.ConfigureRequest(
            dict(request.variables), wire.received(request.args), request.acceptSecrets, request.acceptResources
        )
        answer = await self._provider.configure(asked)
        return proto.ConfigureResponse(
            acceptSecrets=answer.accept_secrets,
            acceptResources=answer.accept_resources,
            acceptOutputs=answer.accept_outputs,
            supportsPreview=answer.supports_preview,
        )

    @_plainly
    async def Check(self, request: Any, context: Any) -> Any:
        return _checked(await self._provider.check(_check_request(request)))

    @_plainly
    async def Diff(self, request: Any, context: Any) -> Any:
        return _differed(await self._provider.diff(_diff_request(request)))

    @_plainly
    async def Create(self, request: Any, context: Any) -> Any:
        properties = wire.received(request.properties)
        asked = provider.CreateRequest(request.urn, properties, request.timeout, request.preview)
        answer = await self._provider.create(asked)
        return proto.CreateResponse(id=answer.resource_id or "", properties=_struct(answer.properties))

    @_plainly
    async def Read(self, request: Any, context: Any) -> Any:
        asked = provider.ReadRequest(
            request.urn, request.id, wire.received(request.properties), wire.received(request.inputs)
        )
        answer = await self._provider.read(asked)
        # The SDK cannot say "inputs as before"; no inputs at all is how a provider means it.
        inputs = _struct(answer.inputs) if answer.inputs else None
        return proto.ReadResponse(id=answer.resource_id or "", properties=_struct(answer.properties), inputs=inputs)

    @_plainly
    async def Update(self, request: Any, context: Any) -> Any:
        asked = protocol.UpdateRequest(
            request.urn,
            request.id,
            wire.received(request.olds),
            wire.received(request.news),
            request.timeout,
            list(request.ignoreChanges),
            request.preview,
            wire.received(request.old_inputs),
        )
        answer = await self._provider.update(asked)
        return proto.UpdateResponse(properties=_struct(answer.properties))

    @_plainly
    async def Delete(self, request: Any, context: Any) -> Any:
        properties = wire.received(request.properties)
        await self._provider.delete(provider.DeleteRequest(request.urn, request.id, properties, request.timeout))
        return empty_pb2.Empty()

    @_plainly
    async def Invoke(self, request: Any, context: Any) -> Any:
        answer = await self._provider.invoke(provider.InvokeRequest(request.tok, wire.received(request.args)))
        fields: dict[str, Any] = {"return": _struct(answer.return_value), "failures": _failures(answer.failures)}
        return proto.InvokeResponse(**fields)


def _check_request(request: Any) -> provider.CheckRequest:
    return provider.CheckRequest(
        request.urn, wire.received(request.olds), wire.received(request.news), request.randomSeed
    )


def _diff_request(request: Any) -> provider.DiffRequest:
    return protocol.DiffRequest(
        request.urn,
        request.id,
        wire.received(request.olds),
        wire.received(request.news),
        list(request.ignoreChanges),
        wire.received(request.old_inputs),
    )


def _checked(answer: provider.CheckResponse) -> Any:
    return proto.CheckResponse(inputs=_struct(answer.inputs), failures=_failures(answer.failures))


def _differed(answer: provider.DiffResponse) -> Any:
    verdicts = {None: proto.DiffResponse.DIFF_UNKNOWN, True: proto.DiffResponse.DIFF_SOME}
    return proto.DiffResponse(
        replaces=answer.replaces,
        stables=answer.stables,
        deleteBeforeReplace=answer.delete_before_replace,
        changes=verdicts.get(answer.changes, proto.DiffResponse.DIFF_NONE),
        diffs=answer.diffs,
        detailedDiff={
            path: proto.PropertyDiff(kind=_KINDS[diff.kind], inputDiff=diff.input_diff)
            for path, diff in answer.detailed_diff.items()
        },
        hasDetailedDiff=bool(answer.detailed_diff),
    )


def _failures(failures: list[provider.CheckFailure] | None) -> list[Any]:
    return [proto.CheckFailure(property=failure.property, reason=failure.reason) for failure in failures or []]


def _struct(properties: Mapping[str, PropertyValue] | None) -> Any:
    return None if properties is None else wire.sent(properties)


def _init_failed(failure: protocol.ResourceInitFailed) -> grpc.Status:
    detail = proto.ErrorResourceInitFailed(
        id=failure.resource_id, properties=wire.sent(failure.properties), reasons=failure.reasons
    )
    rich = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=str(failure))
    rich.details.add().Pack(detail)
    status = grpc.Status()
    status.code = grpc.StatusCode.UNKNOWN
    status.details = str(failure)
    status.trailing_metadata = (("grpc-status-details-bin", rich.SerializeToString()),)
    return status
