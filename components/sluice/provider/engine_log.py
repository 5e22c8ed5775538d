"""What the plugin says to whoever watches a deployment under the Pulumi CLI."""

import contextlib

import grpc
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc


class EngineLog:
    """Tells the engine how far a resource is; it shows that beside the resource while it lasts."""

    def __init__(self, address: str) -> None:
        self._engine = engine_pb2_grpc.EngineStub(grpc.insecure_channel(address))

    def tell(self, urn: str, message: str) -> None:
        """Tells; that nobody listens is no reason to fail."""
        self._say(engine_pb2.LogRequest(severity=engine_pb2.INFO, urn=urn, message=message, ephemeral=True))

    def say(self, urn: str, message: str) -> None:
        """Says what stays to be read, and is well."""
        self._say(engine_pb2.LogRequest(severity=engine_pb2.INFO, urn=urn, message=message))

    def warn(self, urn: str, message: str) -> None:
        """Says what stays to be read, and may not be well."""
        self._say(engine_pb2.LogRequest(severity=engine_pb2.WARNING, urn=urn, message=message))

    def _say(self, said: engine_pb2.LogRequest) -> None:
        with contextlib.suppress(grpc.RpcError):
            self._engine.Log(said, timeout=5)
