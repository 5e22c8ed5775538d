"""Application Auto Scaling: scalable targets, and the policies that scale them."""

from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from sluice_sandbox.aws.supervisor import Aws
from sluice_sandbox.engine.state import Resource
from sluice_sandbox.harness import Sandbox
from tests.sandbox.aws.cases.case import IMAGE, TRUST
from tests.sandbox.aws.life_cycle import CONFIG, Case, Client, LifeCycle, Props

KEY = "target_tracking_scaling_policy_configuration"
DIMENSION = "sagemaker:variant:DesiredInstanceCount"
WHERE = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": "endpoint/digits/variant/blue",
    "ScalableDimension": DIMENSION,
}


def _resource(slot: str) -> pulumi.Output[str]:
    role = aws.iam.Role("role", assume_role_policy=TRUST)
    model = aws.sagemaker.Model("model", execution_role_arn=role.arn, primary_container={"image": IMAGE})
    variants = [
        {"variant_name": name, "model_name": model.name, "instance_type": "ml.m5.large", "initial_instance_count": 2}
        for name in ("blue", "green")
    ]
    configuration = aws.sagemaker.EndpointConfiguration("config", production_variants=variants)  # type: ignore[arg-type]
    endpoint = aws.sagemaker.Endpoint("endpoint", name="digits", endpoint_config_name=configuration.name)
    return endpoint.name.apply(lambda name: f"endpoint/{name}/variant/{slot}")


def _target(props: Props, name: str = "it") -> aws.appautoscaling.Target:
    slot = props.get("slot", "blue")
    given: Props = {"min_capacity": 1, "max_capacity": 4, **props.get("given", {})}
    where: Props = {"service_namespace": "sagemaker", "scalable_dimension": DIMENSION}
    return aws.appautoscaling.Target(name, resource_id=_resource(slot), **where, **given)


def _policy(props: Props) -> pulumi.CustomResource:
    tracking: Props = {KEY: {"scale_in_cooldown": 300, **props["tracking"]}}
    target = _target({"slot": props.get("slot", "blue")}, "target")
    return aws.appautoscaling.Policy(
        "it",
        name=props.get("name"),
        policy_type="TargetTrackingScaling",
        service_namespace=target.service_namespace,
        resource_id=target.resource_id,
        scalable_dimension=target.scalable_dimension,
        **tracking,
    )


def _tracking(value: float) -> Props:
    metric = {"predefined_metric_type": "SageMakerVariantInvocationsPerInstance"}
    return {"target_value": value, "predefined_metric_specification": metric}


CUSTOM = {
    "target_value": 60.0,
    "customized_metric_specification": {
        "namespace": "/aws/sagemaker/Endpoints",
        "metric_name": "CPUUtilization",
        "statistic": "Average",
        "dimensions": [{"name": "EndpointName", "value": "digits"}, {"name": "VariantName", "value": "blue"}],
    },
}


def _retarget(client: Client, it: Resource) -> None:
    tracking = {
        "TargetValue": 5.0,
        "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
    }
    client("application-autoscaling").put_scaling_policy(
        **WHERE,
        PolicyName=it.id,
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration=tracking,
    )


class TestLife(LifeCycle):
    cases = [
        Case(
            "aws:appautoscaling/target:Target",
            _target,
            {},
            {
                "given": {
                    "min_capacity": 2,
                    "max_capacity": 8,
                    "tags": {"team": "ml"},
                    "suspended_state": {
                        "dynamic_scaling_in_suspended": True,
                        "dynamic_scaling_out_suspended": False,
                        "scheduled_scaling_suspended": False,
                    },
                }
            },
            {"slot": "green"},
            lambda client, it: client("application-autoscaling").register_scalable_target(**WHERE, MaxCapacity=9),
            lambda client, it: client("application-autoscaling").deregister_scalable_target(**WHERE),
        ),
        Case(
            "aws:appautoscaling/policy:Policy",
            _policy,
            {"tracking": _tracking(600.0)},
            {"tracking": {**_tracking(900.0), "disable_scale_in": True, "scale_out_cooldown": 60}},
            {"tracking": _tracking(600.0), "slot": "green"},
            _retarget,
            lambda client, it: client("application-autoscaling").delete_scaling_policy(PolicyName=it.id, **WHERE),
        ),
        Case(
            "aws:appautoscaling/policy:Policy",
            _policy,
            {"tracking": CUSTOM},
            {"tracking": {**CUSTOM, "target_value": 70.0}},
            note="of a metric of one's own",
        ),
    ]


@pytest.mark.parametrize(("keeps", "alarms"), [(False, 2), (True, 1)])
def test_a_policy_tells_its_alarms(
    sandbox: Sandbox, sandbox_aws: Aws, client: Client, keeps: bool, alarms: int
) -> None:
    """One that scales out and one that scales in; without the latter where instances are kept."""
    sandbox_aws.set_durations(endpoint_create=0)

    def program() -> None:
        _policy({"tracking": {**_tracking(5.0), "disable_scale_in": keeps}})

    stack = sandbox.stack(program, CONFIG)
    stack.up()
    (policy,) = [it for it in stack.state().resources if it.name == "it"]
    there = {alarm["AlarmArn"] for alarm in client("cloudwatch").describe_alarms()["MetricAlarms"]}
    assert set(policy.outputs["alarmArns"]) == there
    assert len(there) == alarms


def _other_service() -> None:
    where: Props = {"service_namespace": "ecs", "scalable_dimension": "ecs:service:DesiredCount"}
    aws.appautoscaling.Target("it", resource_id="service/c/s", min_capacity=1, max_capacity=2, **where)


def _upside_down() -> None:
    _target({"given": {"min_capacity": 5}})


def _both() -> None:
    _policy({"tracking": {**CUSTOM, **_tracking(5.0)}})


def _steps() -> None:
    where: Props = {
        "service_namespace": "sagemaker",
        "scalable_dimension": DIMENSION,
        "resource_id": WHERE["ResourceId"],
    }
    aws.appautoscaling.Policy("it", **where)


@pytest.mark.parametrize(
    ("program", "path", "reason"),
    [
        (_other_service, "serviceNamespace", "is 'ecs'; the sandbox's AWS scales instances of variants alone"),
        (_upside_down, "maxCapacity", "is 4, less than minCapacity, which is 5"),
        (_both, "targetTrackingScalingPolicyConfiguration", "has predefinedMetricSpecification and customized"),
        (_steps, "policyType", "is missing, which means 'StepScaling'"),
    ],
)
def test_what_a_preview_refuses(sandbox: Sandbox, program: Any, path: str, reason: str) -> None:
    """What AWS would refuse, and what the sandbox has not."""
    assert f"property {path}: {reason}" in sandbox.stack(program, CONFIG).preview().errors()
