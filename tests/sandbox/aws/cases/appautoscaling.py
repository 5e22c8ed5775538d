"""Scalable targets, and the policies that scale them."""

import pulumi
import pulumi_aws as aws

from tests.sandbox.aws.cases.case import IMAGE, TRUST, Case, Props

WHERE = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": "endpoint/digits/variant/blue",
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}


def _target(props: Props, name: str = "it") -> aws.appautoscaling.Target:
    role = aws.iam.Role("role", assume_role_policy=TRUST)
    model = aws.sagemaker.Model("model", execution_role_arn=role.arn, primary_container={"image": IMAGE})
    variant: Props = {"model_name": model.name, "instance_type": "ml.m5.large", "initial_instance_count": 1}
    variants = [{"variant_name": slot, **variant} for slot in ("blue", "green")]
    configuration = aws.sagemaker.EndpointConfiguration("config", production_variants=variants)  # type: ignore[arg-type]
    endpoint = aws.sagemaker.Endpoint("endpoint", name="digits", endpoint_config_name=configuration.name)
    slot = props.get("slot", "blue")
    return aws.appautoscaling.Target(
        name,
        service_namespace="sagemaker",
        resource_id=endpoint.name.apply(lambda it: f"endpoint/{it}/variant/{slot}"),
        scalable_dimension=WHERE["ScalableDimension"],
        min_capacity=1,
        max_capacity=props.get("most", 4),
        tags=props.get("tags"),
    )


def _policy(props: Props) -> pulumi.CustomResource:
    target = _target(props, "target")
    return aws.appautoscaling.Policy(
        "it",
        policy_type="TargetTrackingScaling",
        service_namespace=target.service_namespace,
        resource_id=target.resource_id,
        scalable_dimension=target.scalable_dimension,
        target_tracking_scaling_policy_configuration={
            "target_value": props["load"],
            "predefined_metric_specification": {"predefined_metric_type": "SageMakerVariantInvocationsPerInstance"},
        },
    )


CASES = [
    Case(
        "scalable target",
        _target,
        {},
        {"most": 8, "tags": {"team": "ml"}},
        {"slot": "green"},
        lambda client, it: client("application-autoscaling").register_scalable_target(**WHERE, MaxCapacity=9),
        lambda client, it: client("application-autoscaling").deregister_scalable_target(**WHERE),
    ),
    Case(
        "scaling policy",
        _policy,
        {"load": 600.0},
        {"load": 900.0},
        {"load": 600.0, "slot": "green"},
        lose=lambda client, it: client("application-autoscaling").delete_scaling_policy(PolicyName=it.id, **WHERE),
    ),
]
