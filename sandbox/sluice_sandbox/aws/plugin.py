"""The sandbox's `aws` provider as a plugin: what the Pulumi CLI starts and speaks gRPC with."""

import argparse
import asyncio
from importlib.metadata import version
from pathlib import Path

from sluice.provider.host import serve
from sluice_sandbox.aws import supervisor
from sluice_sandbox.aws.provider import AwsProvider


def main() -> None:
    """Tells the engine a port and serves there until the engine ends it."""
    parser = argparse.ArgumentParser(description="The sandbox's aws provider.")
    parser.add_argument("--aws-home", type=Path, required=True, help="folder of the sandbox's AWS")
    parser.add_argument("engine", nargs="?", default="", help="address of the engine")
    arguments, _ = parser.parse_known_args()
    provider = AwsProvider(lambda: supervisor.start(arguments.aws_home).endpoint)
    asyncio.run(serve(provider, version("pulumi_aws"), arguments.engine))


if __name__ == "__main__":
    main()
