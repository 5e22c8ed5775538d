"""The plugin as the Pulumi CLI starts it: it serves the custom resources over gRPC until the CLI ends it."""

import asyncio
import sys
from importlib.metadata import version

import grpc
from pulumi.provider.experimental import provider as sdk
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS
from pulumi.runtime.proto import provider_pb2_grpc

from sluice.provider.resources import ResourceProvider
from sluice.provider.servicer import ProviderServicer


def main() -> None:
    """Tells the engine a port, and serves there; the engine gives its own address as the last argument."""
    engine = next((argument for argument in reversed(sys.argv[1:]) if not argument.startswith("-")), "")
    asyncio.run(serve(ResourceProvider(), version("pulumi-sluice"), engine))


async def serve(provider: sdk.Provider, plugin_version: str, engine: str) -> None:
    """Serves a provider, and writes its port to standard output, as the engine expects."""
    server = grpc.aio.server(options=_GRPC_CHANNEL_OPTIONS)
    servicer = ProviderServicer(provider, plugin_version, engine)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    await server.wait_for_termination()
