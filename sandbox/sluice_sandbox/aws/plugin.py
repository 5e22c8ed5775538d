"""The sandbox's `aws` provider as a plugin: what the Pulumi CLI starts and speaks gRPC with."""

import argparse
import asyncio
import sys
from importlib.metadata import version
from pathlib import Path

import grpc
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS
from pulumi.runtime.proto import provider_pb2_grpc

from sluice.provider.servicer import ProviderServicer
from sluice_sandbox.aws import supervisor
from sluice_sandbox.aws.provider import AwsProvider


def main() -> None:
    """Tells the engine a port and serves there until the engine ends it."""
    parser = argparse.ArgumentParser(description="The sandbox's aws provider.")
    parser.add_argument("--aws-home", type=Path, required=True, help="folder of the sandbox's AWS")
    parser.add_argument("engine", nargs="?", default="", help="address of the engine")
    arguments, _ = parser.parse_known_args()
    asyncio.run(serve(arguments.aws_home, arguments.engine))


async def serve(aws_home: Path, engine: str) -> None:
    provider = AwsProvider(lambda: supervisor.start(aws_home).endpoint)
    server = grpc.aio.server(options=_GRPC_CHANNEL_OPTIONS)
    servicer = ProviderServicer(provider, version("pulumi_aws"), engine)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    await server.wait_for_termination()


if __name__ == "__main__":
    main()
