"""What Application Auto Scaling does with the variants of an endpoint, as clients of AWS see it."""

from typing import Any

import pulumi_aws as aws
import pytest
from botocore.exceptions import ClientError

from sluice_sandbox.aws.supervisor import Aws
from sluice_sandbox.errors import UpdateFailed
from sluice_sandbox.harness import Sandbox
from tests.sandbox.aws.cases.case import IMAGE
from tests.sandbox.aws.life_cycle import CONFIG, Client

WHERE = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": "endpoint/digits/variant/blue",
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}
METRIC = {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"}
ROLE = "arn:aws:iam::123456789012:role/digits"


def _put(client: Client, name: str, value: float = 5.0, **where: str) -> Any:
    return client("application-autoscaling").put_scaling_policy(
        **{**WHERE, **where},
        PolicyName=name,
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={"TargetValue": value, "PredefinedMetricSpecification": METRIC},
    )


@pytest.fixture
def scaling(client: Client, sandbox_aws: Aws) -> Any:
    """A client; the endpoint `digits` has the variants blue and green."""
    sandbox_aws.set_durations(endpoint_create=0, endpoint_update=0, endpoint_weights=0, endpoint_delete=0)
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
    sagemaker.create_endpoint_config(
        EndpointConfigName="serverless",
        ProductionVariants=[
            {
                "VariantName": "blue",
                "ModelName": "model",
                "ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 5},
            }
        ],
    )
    for endpoint, configuration in {"digits": "both", "serverless": "serverless"}.items():
        sagemaker.create_endpoint(EndpointName=endpoint, EndpointConfigName=configuration)
    return client("application-autoscaling")


@pytest.mark.parametrize(
    ("resource", "bounds", "said"),
    [
        ("endpoint/digits/variant/red", (1, 2), "endpoint/digits/variant/red does not exist"),
        ("endpoint/letters/variant/blue", (1, 2), "endpoint/letters/variant/blue does not exist"),
        ("endpoint/serverless/variant/blue", (1, 2), "serverless"),
        ("endpoint/digits", (1, 2), "Unsupported service namespace, resource type or scalable dimension"),
        ("endpoint/digits/variant/blue", (-1, 2), "Minimum capacity -1 cannot be less than 0"),
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


def _bounds(scaling: Any) -> list[tuple[int, int]]:
    targets = scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
    return [(target["MinCapacity"], target["MaxCapacity"]) for target in targets]


def _counts(client: Client) -> dict[str, int]:
    variants = client("sagemaker").describe_endpoint(EndpointName="digits")["ProductionVariants"]
    return {variant["VariantName"]: variant["DesiredInstanceCount"] for variant in variants}


def _policies(scaling: Any, **which: Any) -> list[str]:
    told = scaling.describe_scaling_policies(ServiceNamespace="sagemaker", **which)["ScalingPolicies"]
    return [policy["PolicyName"] for policy in told]


def _alarms(client: Client) -> list[Any]:
    alarms: list[Any] = client("cloudwatch").describe_alarms()["MetricAlarms"]
    return alarms


def test_a_new_target_has_bounds(scaling: Any) -> None:
    """Both are required; afterwards one of them may change alone, and must fit the other."""
    with pytest.raises(ClientError, match="MinCapacity and MaxCapacity are required"):
        scaling.register_scalable_target(**WHERE, MinCapacity=1)
    scaling.register_scalable_target(**WHERE, MinCapacity=1, MaxCapacity=4)
    scaling.register_scalable_target(**WHERE, MaxCapacity=6)
    with pytest.raises(ClientError, match="Maximum capacity 6 cannot be less than minimum capacity 7"):
        scaling.register_scalable_target(**WHERE, MinCapacity=7)
    assert _bounds(scaling) == [(1, 6)]


def test_a_target_is_scaled_into_its_bounds(scaling: Any, client: Client) -> None:
    """Out to the least and in to the most, it alone, when it is registered and when its bounds change."""
    scaling.register_scalable_target(**WHERE, MinCapacity=3, MaxCapacity=4)
    assert _counts(client) == {"blue": 3, "green": 1}
    scaling.register_scalable_target(**WHERE, MinCapacity=1, MaxCapacity=2)
    assert _counts(client) == {"blue": 2, "green": 1}
    scaling.register_scalable_target(**WHERE, MinCapacity=0, MaxCapacity=5)
    assert _counts(client) == {"blue": 2, "green": 1}


def test_an_endpoint_that_is_updating_is_not_scaled(scaling: Any, client: Client, sandbox_aws: Aws) -> None:
    """The target is registered all the same."""
    sandbox_aws.stop_clock()
    sandbox_aws.set_durations(endpoint_update=300)
    client("sagemaker").update_endpoint(EndpointName="digits", EndpointConfigName="both")
    scaling.register_scalable_target(**WHERE, MinCapacity=3, MaxCapacity=4)
    sandbox_aws.advance(300)
    assert _counts(client) == {"blue": 1, "green": 1}
    assert _bounds(scaling) == [(3, 4)]


def test_deleting_an_endpoint_deregisters_its_variants(scaling: Any, client: Client) -> None:
    """One of the same name starts without targets and without policies."""
    scaling.register_scalable_target(**WHERE, MinCapacity=1, MaxCapacity=4)
    _put(client, "load")
    sagemaker = client("sagemaker")
    sagemaker.delete_endpoint(EndpointName="digits")
    sagemaker.create_endpoint(EndpointName="digits", EndpointConfigName="both")
    assert _bounds(scaling) == []
    assert _policies(scaling) == []
    assert _alarms(client) == []
    sagemaker.update_endpoint(EndpointName="digits", EndpointConfigName="one")


def test_policies_go_with_their_target(scaling: Any, client: Client) -> None:
    """And their alarms; those of another target stay."""
    other = {**WHERE, "ResourceId": "endpoint/digits/variant/green"}
    for where in (WHERE, other):
        scaling.register_scalable_target(**where, MinCapacity=1, MaxCapacity=4)
        _put(client, "load", ResourceId=where["ResourceId"])
    scaling.deregister_scalable_target(**WHERE)
    (policy,) = scaling.describe_scaling_policies(ServiceNamespace="sagemaker")["ScalingPolicies"]
    assert policy["ResourceId"] == other["ResourceId"]
    assert {alarm["AlarmName"] for alarm in _alarms(client)} == {alarm["AlarmName"] for alarm in policy["Alarms"]}
    with pytest.raises(ClientError, match=r"ObjectNotFoundException.*No scalable target found"):
        scaling.deregister_scalable_target(**WHERE)


def test_a_changed_policy_is_the_same_one(scaling: Any, client: Client) -> None:
    """It keeps its ARN, and its alarms watch for the new value: one that scales out, one that scales in."""
    scaling.register_scalable_target(**WHERE, MinCapacity=1, MaxCapacity=4)
    arns = {_put(client, "load", value)["PolicyARN"] for value in (5.0, 10.0)}
    assert len(arns) == 1
    watching = [(alarm["ComparisonOperator"], alarm["Threshold"]) for alarm in _alarms(client)]
    assert sorted(watching) == [("GreaterThanThreshold", 10.0), ("LessThanThreshold", 9.0)]
    for alarm in _alarms(client):
        assert {it["Name"]: it["Value"] for it in alarm["Dimensions"]} == {
            "EndpointName": "digits",
            "VariantName": "blue",
        }


def test_policies_are_found_by_name_and_by_variant(scaling: Any, client: Client) -> None:
    """By the whole of both: a variant whose name begins as another's does has policies of its own."""
    scaling.register_scalable_target(**WHERE, MinCapacity=1, MaxCapacity=4)
    _put(client, "load")
    assert _policies(scaling, ResourceId=WHERE["ResourceId"], PolicyNames=["load"]) == ["load"]
    assert _policies(scaling, ResourceId=WHERE["ResourceId"] + "2") == []
    assert _policies(scaling, PolicyNames=["other"]) == []


def test_lists_come_in_pages(scaling: Any) -> None:
    """Every target once, whatever the size of a page."""
    for slot in ("blue", "green"):
        where = {**WHERE, "ResourceId": f"endpoint/digits/variant/{slot}"}
        scaling.register_scalable_target(**where, MinCapacity=1, MaxCapacity=4)
    pages = scaling.get_paginator("describe_scalable_targets").paginate(
        ServiceNamespace="sagemaker", PaginationConfig={"PageSize": 1}
    )
    assert [[it["ResourceId"][-5:] for it in page["ScalableTargets"]] for page in pages] == [["/blue"], ["green"]]


def test_tags_of_a_target(scaling: Any) -> None:
    """They are given as it is registered, and changed by their own operations alone."""
    scaling.register_scalable_target(**WHERE, MinCapacity=1, MaxCapacity=4, Tags={"team": "ml", "stage": "dev"})
    with pytest.raises(ClientError, match="The scalable target that you tried to tag already exists"):
        scaling.register_scalable_target(**WHERE, MaxCapacity=8, Tags={"team": "ml"})
    (target,) = scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
    arn = target["ScalableTargetARN"]
    scaling.tag_resource(ResourceARN=arn, Tags={"stage": "prod"})
    scaling.untag_resource(ResourceARN=arn, TagKeys=["team"])
    assert scaling.list_tags_for_resource(ResourceARN=arn)["Tags"] == {"stage": "prod"}
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        scaling.list_tags_for_resource(ResourceARN=arn + "x")


def test_sagemakers_own_role_scales(scaling: Any) -> None:
    """Another one is ignored, as AWS ignores it."""
    scaling.register_scalable_target(**WHERE, MinCapacity=1, MaxCapacity=4, RoleARN=ROLE)
    (target,) = scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
    assert target["RoleARN"].endswith("/AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint")


def test_a_policy_without_a_target(scaling: Any, client: Client) -> None:
    """There is nothing that it could scale."""
    with pytest.raises(ClientError, match=r"ObjectNotFoundException.*No scalable target registered"):
        _put(client, "load")
    with pytest.raises(ClientError, match=r"ObjectNotFoundException.*No scaling policy found"):
        scaling.delete_scaling_policy(**WHERE, PolicyName="load")


@pytest.mark.parametrize(
    ("tracking", "said"),
    [
        ({}, "Exactly one of PredefinedMetricSpecification and CustomizedMetricSpecification"),
        (
            {"PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}},
            "only supports the following predefined metric types: SageMakerVariantInvocationsPerInstance",
        ),
        ({"PredefinedMetricSpecification": METRIC}, "Only one TargetTrackingScaling policy for a given metric"),
    ],
)
def test_what_is_no_policy(scaling: Any, client: Client, tracking: Any, said: str) -> None:
    """A metric is needed, it counts what a variant does, and no other policy follows it."""
    scaling.register_scalable_target(**WHERE, MinCapacity=1, MaxCapacity=4)
    _put(client, "load")
    with pytest.raises(ClientError, match=said):
        scaling.put_scaling_policy(
            **WHERE,
            PolicyName="other",
            PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration={"TargetValue": 5.0, **tracking},
        )
    assert _policies(scaling) == ["load"]


def test_policies_of_one_name(sandbox: Sandbox, scaling: Any, client: Client) -> None:
    """The sandbox says that it could not tell them apart, rather than mix them up."""
    for slot in ("blue", "green"):
        where = {**WHERE, "ResourceId": f"endpoint/digits/variant/{slot}"}
        scaling.register_scalable_target(**where, MinCapacity=1, MaxCapacity=4)
    _put(client, "load", ResourceId="endpoint/digits/variant/green")

    def program() -> None:
        aws.appautoscaling.Policy(
            "it",
            name="load",
            policy_type="TargetTrackingScaling",
            service_namespace="sagemaker",
            resource_id=WHERE["ResourceId"],
            scalable_dimension=WHERE["ScalableDimension"],
            target_tracking_scaling_policy_configuration={
                "target_value": 5.0,
                "predefined_metric_specification": {"predefined_metric_type": METRIC["PredefinedMetricType"]},
            },
        )

    with pytest.raises(UpdateFailed, match="endpoint/digits/variant/green has a policy named load already"):
        sandbox.stack(program, CONFIG).up()
