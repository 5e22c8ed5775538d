"""The plugin as the Pulumi CLI starts it: it serves over gRPC until the CLI ends it."""

import asyncio
import sys
from importlib.metadata import version

import grpc
from pulumi.provider.experimental import provider as sdk
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS
from pulumi.runtime.proto import provider_pb2_grpc

from sluice.provider.engine_log import EngineLog
from sluice.provider.plugin import PluginServicer
from sluice.provider.resources import ResourceProvider
from sluice.provider.servicer import ProviderServicer


def main() -> None:
    """Tells the engine a port, and serves there; the engine gives its own address as the last argument."""
    engine = next((argument for argument in reversed(sys.argv[1:]) if not argument.startswith("-")), "")
    asyncio.run(serve_plugin(engine))


async def serve_plugin(engine: str) -> None:
    """Serves Sluice's components and custom resources."""
    provider = ResourceProvider()
    if engine:
        log = EngineLog(engine)
        provider.tell, provider.say, provider.warn = log.tell, log.say, log.warn
    await _serve(PluginServicer(provider, version("pulumi-sluice"), engine))


async def serve(provider: sdk.Provider, plugin_version: str, engine: str) -> None:
    """Serves a provider that has custom resources alone."""
    await _serve(ProviderServicer(provider, plugin_version, engine))


async def _serve(servicer: ProviderServicer) -> None:
    """Writes the port to standard output, as the engine expects, and serves."""
    server = grpc.aio.server(options=_GRPC_CHANNEL_OPTIONS)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    await server.wait_for_termination()
