"""The plugin `sluice` as the engine sees it: components and custom resources behind one address."""

import traceback
from functools import cached_property
from typing import TYPE_CHECKING, Any

import grpc
from pulumi.errors import RunError
from pulumi.provider.experimental import provider as sdk
from pulumi.runtime import proto

from sluice.errors import SluiceError
from sluice.provider.servicer import ProviderServicer

if TYPE_CHECKING:
    from sluice.provider.construction import Components


class PluginServicer(ProviderServicer):
    """
    Serves the custom resources of a provider, and the components that are made of them.

    The components and their dependencies are loaded when they are first asked for: a program in Python has its own.
    """

    def __init__(self, served: sdk.Provider, version: str, engine_address: str = "") -> None:
        super().__init__(served, version, engine_address)
        self._engine = engine_address

    @cached_property
    def _components(self) -> "Components":
        from sluice.provider.construction import Components

        return Components(self._version)

    @cached_property
    def _schema(self) -> str:
        from sluice.provider.schema import package_schema

        return package_schema(self._components)

    async def GetSchema(self, request: Any, context: Any) -> Any:
        if request.version != 0:
            reason = f"the schema is asked for in version {request.version}; this Sluice knows version 0: update it"
            await context.abort(grpc.StatusCode.UNIMPLEMENTED, reason)
        return proto.GetSchemaResponse(schema=self._schema)

    async def Construct(self, request: Any, context: Any) -> Any:
        """Makes a component. What it refuses is told without a traceback, which would say nothing to its user."""
        from sluice.provider.construction import Construction

        try:
            return await Construction(self._components, self._engine, request)._construct(request, context)
        except Exception as error:
            await context.abort(grpc.StatusCode.UNKNOWN, _message(error))


def _message(error: Exception) -> str:
    # The SDK wraps what a constructor raises.
    cause = getattr(error, "inner", error)
    if isinstance(cause, SluiceError | RunError):
        return str(cause)
    trace = "".join(traceback.format_exception(cause))
    return f"{cause}; this is a defect of Sluice, and whoever mends it needs this:\n{trace}"
