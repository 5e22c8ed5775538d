"""What does not go together on an endpoint: the sandbox refuses it, so that nothing passes here that AWS refuses."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from sluice_sandbox.aws.supervisor import Aws
from tests.sandbox.aws.cases.case import IMAGE
from tests.sandbox.aws.conftest import Client

ROLE = "arn:aws:iam::123456789012:role/digits"
SERVERLESS = {"ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 5}}
QUEUE = {"OutputConfig": {"S3OutputPath": "s3://answers/here"}}
HALF = {"Type": "CAPACITY_PERCENT", "Value": 50}
ROLLING = {"RollingUpdatePolicy": {"MaximumBatchSize": HALF, "WaitIntervalInSeconds": 0}}


def variant(slot: str, count: int = 1, **changes: Any) -> dict[str, Any]:
    hosted = changes or {"InstanceType": "ml.m5.large", "InitialInstanceCount": count}
    return {"VariantName": slot, "ModelName": "model", **hosted}


def shifted(kind: str, **size: Any) -> dict[str, Any]:
    return {
        "BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": {"Type": kind, "WaitIntervalInSeconds": 0, **size}}
    }


@pytest.fixture
def sagemaker(client: Client, sandbox_aws: Aws) -> Any:
    """A client, with a model."""
    sandbox_aws.set_durations(endpoint_create=0, endpoint_update=0, endpoint_weights=0)
    made = client("sagemaker")
    made.create_model(ModelName="model", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": IMAGE})
    return made


@pytest.mark.parametrize(
    ("slots", "shadows", "more", "said"),
    [
        ([variant("blue"), variant("green")], [variant("dark")], {}, "exactly one variant .*; 2 and 1 were"),
        ([variant("blue")], [variant("dark"), variant("dim")], {}, "exactly one variant .*; 1 and 2 were"),
        ([variant("blue", **SERVERLESS)], [variant("dark")], {}, "not supported for serverless variants"),
        ([variant("blue")], [variant("dark")], {"AsyncInferenceConfig": QUEUE}, "not supported for asynchronous"),
    ],
)
def test_a_shadow_has_one_variant_with_instances_beside_it(
    sagemaker: Any, slots: list[dict[str, Any]], shadows: list[dict[str, Any]], more: dict[str, Any], said: str
) -> None:
    """No second of either kind, nothing serverless, no queue; with one of each there is a configuration."""
    asked = {"EndpointConfigName": "one", "ProductionVariants": slots, **more}
    with pytest.raises(ClientError, match=said):
        sagemaker.create_endpoint_config(**asked, ShadowProductionVariants=shadows)
    sagemaker.create_endpoint_config(
        EndpointConfigName="one", ProductionVariants=[variant("blue")], ShadowProductionVariants=[variant("dark")]
    )


def served(sagemaker: Any, slots: list[dict[str, Any]]) -> None:
    """Makes an endpoint `digits` of a configuration `one`, and another configuration `two` of the same variants."""
    for name in ("one", "two"):
        sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=slots)
    sagemaker.create_endpoint(EndpointName="digits", EndpointConfigName="one")


@pytest.mark.parametrize(
    ("slots", "deployment", "said"),
    [
        ([variant("blue", 2), variant("green", 2)], ROLLING, "RollingUpdatePolicy is not supported .* several"),
        ([variant("blue")], shifted("CANARY", CanarySize=HALF), 'CANARY needs two instances or more; variant "blue"'),
        ([variant("blue")], shifted("LINEAR", LinearStepSize=HALF), "LINEAR needs two instances or more"),
        ([variant("blue", 2)], shifted("CANARY"), "CanarySize must be specified"),
    ],
)
def test_a_guardrail_is_for_a_fleet_that_has_parts(
    sagemaker: Any, slots: list[dict[str, Any]], deployment: dict[str, Any], said: str
) -> None:
    """What is refused changes nothing; all at once is always possible."""
    served(sagemaker, slots)
    with pytest.raises(ClientError, match=said):
        sagemaker.update_endpoint(EndpointName="digits", EndpointConfigName="two", DeploymentConfig=deployment)
    assert sagemaker.describe_endpoint(EndpointName="digits")["EndpointConfigName"] == "one"
    at_once = shifted("ALL_AT_ONCE")
    sagemaker.update_endpoint(EndpointName="digits", EndpointConfigName="two", DeploymentConfig=at_once)
    assert sagemaker.describe_endpoint(EndpointName="digits")["EndpointConfigName"] == "two"


@pytest.mark.parametrize("deployment", [ROLLING, shifted("CANARY", CanarySize=HALF)])
def test_a_fleet_of_two_can_be_taken_in_parts(sagemaker: Any, deployment: dict[str, Any]) -> None:
    """And the live count is what matters, when it is retained."""
    served(sagemaker, [variant("blue")])
    sagemaker.update_endpoint_weights_and_capacities(
        EndpointName="digits", DesiredWeightsAndCapacities=[{"VariantName": "blue", "DesiredInstanceCount": 2}]
    )
    sagemaker.update_endpoint(
        EndpointName="digits",
        EndpointConfigName="two",
        DeploymentConfig=deployment,
        RetainAllVariantProperties=True,
    )
    assert sagemaker.describe_endpoint(EndpointName="digits")["EndpointConfigName"] == "two"
