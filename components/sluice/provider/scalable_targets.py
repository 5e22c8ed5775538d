"""
Autoscaling of variants that an update removes, or gives another instance type.

SageMaker refuses such an update while they are scalable targets. They are deregistered before it, and registered as
they were after it, where they still are.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sluice.provider.custom_type import Values

_NAMESPACE = {"ServiceNamespace": "sagemaker"}
_DIMENSION = {"ScalableDimension": "sagemaker:variant:DesiredInstanceCount"}
_POLICY = ("PolicyName", "PolicyType", "TargetTrackingScalingPolicyConfiguration", "StepScalingPolicyConfiguration")
_TARGET = ("MinCapacity", "MaxCapacity", "SuspendedState")


@dataclass
class Registered:
    """A scalable target, and the policies that scale it."""

    slot: str
    resource: str
    settings: Values
    policies: list[Values] = field(default_factory=list)


def changing_slots(sagemaker: Any, before: str, after: str) -> set[str]:
    """Returns the variants that are gone in another configuration, or of another instance type."""
    old, new = (_instance_types(sagemaker, name) for name in (before, after))
    return {slot for slot, kind in old.items() if new.get(slot) != kind}


def deregister(scaling: Any, endpoint: str, slots: Iterable[str]) -> list[Registered]:
    """Takes variants out of autoscaling, and returns what they were."""
    resources = {f"endpoint/{endpoint}/variant/{slot}": slot for slot in sorted(slots)}
    if not resources:
        return []
    answer = scaling.describe_scalable_targets(**_NAMESPACE, **_DIMENSION, ResourceIds=list(resources))
    found = []
    for target in answer["ScalableTargets"]:
        resource = target["ResourceId"]
        policies = scaling.describe_scaling_policies(**_NAMESPACE, **_DIMENSION, ResourceId=resource)
        found.append(
            Registered(
                resources[resource],
                resource,
                {key: target[key] for key in _TARGET if key in target},
                [{key: it[key] for key in _POLICY if key in it} for it in policies["ScalingPolicies"]],
            )
        )
        scaling.deregister_scalable_target(**_NAMESPACE, **_DIMENSION, ResourceId=resource)
    return found


def register(scaling: Any, targets: Iterable[Registered]) -> None:
    """Puts variants into autoscaling again, as they were."""
    for target in targets:
        scaling.register_scalable_target(**_NAMESPACE, **_DIMENSION, ResourceId=target.resource, **target.settings)
        for policy in target.policies:
            scaling.put_scaling_policy(**_NAMESPACE, **_DIMENSION, ResourceId=target.resource, **policy)


def _instance_types(sagemaker: Any, configuration: str) -> dict[str, str | None]:
    described = sagemaker.describe_endpoint_config(EndpointConfigName=configuration)
    return {it["VariantName"]: it.get("InstanceType") for it in described["ProductionVariants"]}
