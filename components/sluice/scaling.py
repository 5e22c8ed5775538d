"""Instances that follow a variant's load."""

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from sluice.hosting import AutoscalingArgs
from sluice.live_endpoint import LiveEndpoint

_DIMENSION = "sagemaker:variant:DesiredInstanceCount"


def scale(
    name: str,
    endpoint: LiveEndpoint,
    slot: str,
    args: AutoscalingArgs,
    tags: Mapping[str, pulumi.Input[str]],
    opts: pulumi.ResourceOptions,
) -> None:
    """Registers a variant as a target that tracks requests per instance."""
    target = aws.appautoscaling.Target(
        name,
        service_namespace="sagemaker",
        # By way of the ARN: the variant is there once the endpoint is.
        resource_id=endpoint.arn.apply(lambda arn: f"endpoint/{arn.rpartition('/')[2]}/variant/{slot}"),
        scalable_dimension=_DIMENSION,
        min_capacity=args.min_instances,
        max_capacity=args.max_instances,
        tags=tags,
        opts=opts,
    )
    aws.appautoscaling.Policy(
        name,
        policy_type="TargetTrackingScaling",
        service_namespace=target.service_namespace,
        resource_id=target.resource_id,
        scalable_dimension=target.scalable_dimension,
        target_tracking_scaling_policy_configuration=aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs(
            target_value=args.invocations_per_instance,
            scale_in_cooldown=_or(args.scale_in_cooldown_seconds, 300),
            scale_out_cooldown=_or(args.scale_out_cooldown_seconds, 60),
            predefined_metric_specification=aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs(
                predefined_metric_type="SageMakerVariantInvocationsPerInstance"
            ),
        ),
        opts=opts,
    )


def _or(value: int | None, default: int) -> int:
    return default if value is None else value
