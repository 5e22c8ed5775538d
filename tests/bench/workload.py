"""What is measured: a program of so many resources, on the sandbox engine or on a monitor that does nothing."""

import asyncio
from pathlib import Path
from typing import Any

import pulumi
from google.protobuf import empty_pb2
from pulumi.provider.experimental import provider as sdk
from pulumi.runtime.mocks import MockMonitor
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.stack import run_in_stack


class Item(pulumi.CustomResource):
    """A resource with the properties of an ordinary one."""

    arn: pulumi.Output[str]

    def __init__(self, name: str, of: pulumi.Input[str] | None) -> None:
        props = {"arn": None, "of": of, "size": 3, "tags": {"owner": "ml", "stage": "bench"}, "rules": [{"days": 30}]}
        super().__init__("bench:index:Item", name, props)


def declare(count: int) -> None:
    """Declares resources in chains of ten."""
    last: Item | None = None
    for number in range(count):
        last = Item(f"item-{number}", last.arn if last is not None and number % 10 else None)


class Quick(sdk.Provider):
    """A provider that takes no time of its own."""

    async def check(self, request: sdk.CheckRequest) -> sdk.CheckResponse:
        return sdk.CheckResponse(inputs=request.new_inputs)

    async def check_config(self, request: sdk.CheckRequest) -> sdk.CheckResponse:
        return sdk.CheckResponse(inputs=request.new_inputs)

    async def configure(self, request: sdk.ConfigureRequest) -> sdk.ConfigureResponse:
        return sdk.ConfigureResponse(supports_preview=True)

    async def create(self, request: sdk.CreateRequest) -> sdk.CreateResponse:
        return sdk.CreateResponse("id", {**request.properties, "arn": sdk.PropertyValue("arn")})


class _Empty(MockMonitor):
    """Answers registrations with what they came with: whatever time passes is the SDK's own."""

    def __init__(self) -> None:
        pass

    def RegisterResource(self, request: Any) -> Any:
        urn = f"urn:pulumi:bench::bench::{request.type}::{request.name}"
        return resource_pb2.RegisterResourceResponse(urn=urn, id="id", object=request.object)

    def RegisterResourceOutputs(self, request: Any) -> Any:
        return empty_pb2.Empty()

    def SupportsFeature(self, request: Any) -> Any:
        return resource_pb2.SupportsFeatureResponse(hasSupport=True)

    def GetDeploymentInfo(self, request: Any) -> Any:
        known = resource_pb2.ResourceMonitorFeature
        return resource_pb2.DeploymentInfo(supportedFeatures=list(known.values()))


def run_on_sdk(count: int) -> None:
    """Runs the program on a monitor that does nothing."""
    settings = pulumi.runtime.Settings("bench", "bench", monitor=_Empty(), dry_run=True, parallel=16)
    pulumi.runtime.configure(settings)
    asyncio.run(run_in_stack(lambda: declare(count)))


def run_on_engine(count: int, folder: Path) -> None:
    """Previews the program on the sandbox engine."""
    from sluice_sandbox.harness import Sandbox

    stack = Sandbox(folder, _no_aws).stack(lambda: declare(count), providers={"bench": Quick})
    result = stack.preview()
    assert result.changes == {"create": count + 1}, result.errors()


def _no_aws() -> Any:
    raise AssertionError("this program needs no AWS")
