"""What an endpoint asks of AWS, operation by operation."""

from pathlib import Path

from sluice import LiveEndpoint, LiveEndpointArgs
from sluice.provider.resources import ResourceProvider
from sluice_sandbox.aws import supervisor
from sluice_sandbox.aws.session import client
from sluice_sandbox.harness import Sandbox
from tests.support.calls import counting

REGION = "eu-west-1"
IMAGE = f"bench@sha256:{'ab' * 32}"


def counted(folder: Path) -> dict[str, list[str]]:
    """Returns the operations of an update and a refresh without changes, and of a shift of traffic."""
    aws = supervisor.start(folder / "aws")
    aws.set_durations(endpoint_create=0, endpoint_weights=0)
    made: list[str] = []
    clients = counting(lambda service, region: client(service, region, aws.endpoint), made)
    traffic = {"blue": 90, "green": 10}

    def program() -> None:
        args = LiveEndpointArgs(name="bench", endpoint_config_name="bench", weights=traffic, region=REGION)
        LiveEndpoint("bench", args)

    try:
        _configure(client("sagemaker", REGION, aws.endpoint))
        stack = Sandbox(folder, lambda: aws).stack(
            program, providers={"sluice": lambda: ResourceProvider(clients, lambda: REGION)}
        )
        stack.up()
        figures: dict[str, list[str]] = {}
        for what, act in (("an update without changes", stack.up), ("a refresh without changes", stack.refresh)):
            made.clear()
            act()
            figures[what] = list(made)
        traffic |= {"blue": 50, "green": 50}
        made.clear()
        stack.up()
        figures["a shift of traffic"] = list(made)
    finally:
        supervisor.stop(folder / "aws")
    return figures


def _configure(sagemaker: object) -> None:
    asked = {"ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    role = "arn:aws:iam::123456789012:role/serving"
    sagemaker.create_model(ModelName="m", ExecutionRoleArn=role, PrimaryContainer={"Image": IMAGE})  # type: ignore[attr-defined]
    variants = [{"VariantName": slot, **asked} for slot in ("blue", "green")]
    sagemaker.create_endpoint_config(EndpointConfigName="bench", ProductionVariants=variants)  # type: ignore[attr-defined]
