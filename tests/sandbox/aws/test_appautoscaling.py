"""Autoscaling of an endpoint's variants."""

from typing import Any

import pulumi
import pulumi_aws as aws
import pytest
from botocore.exceptions import ClientError

from sluice_sandbox.aws.supervisor import Aws
from tests.sandbox.aws.cases.case import IMAGE, TRUST
from tests.sandbox.aws.conftest import Client
from tests.sandbox.aws.life_cycle import Case, LifeCycle, Props

DIMENSION = "sagemaker:variant:DesiredInstanceCount"
WHERE = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": "endpoint/digits/variant/blue",
    "ScalableDimension": DIMENSION,
}
ROLE = "arn:aws:iam::123456789012:role/digits"


def _endpoint() -> aws.sagemaker.Endpoint:
    role = aws.iam.Role("role", assume_role_policy=TRUST)
    model = aws.sagemaker.Model("model", execution_role_arn=role.arn, primary_container={"image": IMAGE})
    variants = [
        {"variant_name": slot, "model_name": model.name, "instance_type": "ml.m5.large", "initial_instance_count": 1}
        for slot in ("blue", "green")
    ]
    configuration = aws.sagemaker.EndpointConfiguration("config", production_variants=variants)  # type: ignore[arg-type]
    return aws.sagemaker.Endpoint("endpoint", name="digits", endpoint_config_name=configuration.name)


def _target(props: Props, name: str = "it") -> aws.appautoscaling.Target:
    slot, bounds = props.get("slot", "blue"), {"min_capacity": 1, "max_capacity": 4, **props.get("bounds", {})}
    return aws.appautoscaling.Target(
        name,
        service_namespace="sagemaker",
        resource_id=_endpoint().name.apply(lambda endpoint: f"endpoint/{endpoint}/variant/{slot}"),
        scalable_dimension=DIMENSION,
        **bounds,
    )


def _policy(props: Props) -> pulumi.CustomResource:
    target = _target({}, "target")
    return aws.appautoscaling.Policy(
        "it",
        name=props.get("name"),
        policy_type="TargetTrackingScaling",
        service_namespace=target.service_namespace,
        resource_id=target.resource_id,
        scalable_dimension=target.scalable_dimension,
        target_tracking_scaling_policy_configuration={
            "target_value": props["load"],
            "scale_in_cooldown": 300,
            "predefined_metric_specification": {"predefined_metric_type": "SageMakerVariantInvocationsPerInstance"},
        },
    )


class TestLife(LifeCycle):
    cases = [
        Case(
            "aws:appautoscaling/target:Target",
            _target,
            {},
            {"bounds": {"min_capacity": 2, "max_capacity": 8}},
            {"slot": "green"},
            lambda client, it: client("application-autoscaling").register_scalable_target(**WHERE, MaxCapacity=9),
            lambda client, it: client("application-autoscaling").deregister_scalable_target(**WHERE),
        ),
        Case(
            "aws:appautoscaling/policy:Policy",
            _policy,
            {"load": 600.0},
            {"load": 900.0},
            {"load": 600.0, "name": "other"},
            lose=lambda client, it: client("application-autoscaling").delete_scaling_policy(PolicyName=it.id, **WHERE),
        ),
    ]


@pytest.fixture
def scaling(client: Client, sandbox_aws: Aws) -> Any:
    """A client; the endpoint `digits` has the variants blue and green."""
    sandbox_aws.set_durations(endpoint_create=0, endpoint_update=0)
    sagemaker = client("sagemaker")
    sagemaker.create_model(ModelName="model", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": IMAGE})
    for name, kinds in {
        "both": {"blue": "ml.m5.large", "green": "ml.m5.large"},
        "larger": {"blue": "ml.m5.xlarge", "green": "ml.m5.large"},
        "one": {"green": "ml.m5.large"},
        "same": {"blue": "ml.m5.large"},
    }.items():
        variants = [
            {"VariantName": slot, "ModelName": "model", "InstanceType": kind, "InitialInstanceCount": 1}
            for slot, kind in kinds.items()
        ]
        sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=variants)
    sagemaker.create_endpoint(EndpointName="digits", EndpointConfigName="both")
    return client("application-autoscaling")


@pytest.mark.parametrize(
    ("resource", "bounds", "said"),
    [
        ("endpoint/digits/variant/red", (1, 2), "endpoint/digits/variant/red does not exist"),
        ("endpoint/letters/variant/blue", (1, 2), "endpoint/letters/variant/blue does not exist"),
        ("endpoint/digits/variant/blue", (3, 2), "Maximum capacity 2 cannot be less than minimum capacity 3"),
    ],
)
def test_what_is_no_target(scaling: Any, resource: str, bounds: tuple[int, int], said: str) -> None:
    """A variant that there is not, and bounds that are none; nothing is registered."""
    with pytest.raises(ClientError, match=said):
        scaling.register_scalable_target(
            **{**WHERE, "ResourceId": resource}, MinCapacity=bounds[0], MaxCapacity=bounds[1]
        )
    assert scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"] == []


@pytest.mark.parametrize("configuration", ["larger", "one"])
def test_a_registered_variant_stays_as_it_is(scaling: Any, client: Client, configuration: str) -> None:
    """Another instance type, or its removal, is refused until it is deregistered; other changes are not."""
    scaling.register_scalable_target(**WHERE, MinCapacity=1, MaxCapacity=4)
    sagemaker = client("sagemaker")
    sagemaker.update_endpoint(EndpointName="digits", EndpointConfigName="same")
    with pytest.raises(ClientError, match="variants blue registered as scalable targets"):
        sagemaker.update_endpoint(EndpointName="digits", EndpointConfigName=configuration)
    scaling.deregister_scalable_target(**WHERE)
    sagemaker.update_endpoint(EndpointName="digits", EndpointConfigName=configuration)
    assert sagemaker.describe_endpoint(EndpointName="digits")["EndpointConfigName"] == configuration


def test_policies_go_with_their_target(scaling: Any) -> None:
    """There is nothing left that they could scale."""
    scaling.register_scalable_target(**WHERE, MinCapacity=1, MaxCapacity=4)
    metric = {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"}
    scaling.put_scaling_policy(
        **WHERE,
        PolicyName="load",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={"TargetValue": 5.0, "PredefinedMetricSpecification": metric},
    )
    scaling.deregister_scalable_target(**WHERE)
    assert scaling.describe_scaling_policies(ServiceNamespace="sagemaker")["ScalingPolicies"] == []
