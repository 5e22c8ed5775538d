"""A provider of a test, served over gRPC as a plugin's process would serve it."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import grpc
from pulumi.provider.experimental import provider as sdk
from pulumi.runtime.proto import provider_pb2_grpc

from sluice.provider.servicer import ProviderServicer


@contextmanager
def served(provider: sdk.Provider) -> Iterator[int]:
    """Serves a provider on a free port of this machine's, in a thread, until the end of the block."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="served provider", daemon=True)
    thread.start()

    async def start() -> tuple[grpc.aio.Server, int]:
        server = grpc.aio.server()
        provider_pb2_grpc.add_ResourceProviderServicer_to_server(ProviderServicer(provider, "1.0.0"), server)
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        return server, port

    server, port = asyncio.run_coroutine_threadsafe(start(), loop).result()
    try:
        yield port
    finally:
        asyncio.run_coroutine_threadsafe(server.stop(None), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
