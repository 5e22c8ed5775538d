"""
Autoscaling of variants that an update removes, or gives another instance type.

SageMaker refuses such an update while they are scalable targets. They are deregistered before it, and registered as
they were after it, tags included, where they still are.
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
    tags: dict[str, str] = field(default_factory=dict)
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
    # All is read before anything is taken out: who may not read it takes nothing out.
    found = [_registered(scaling, resources[target["ResourceId"]], target) for target in answer["ScalableTargets"]]
    for target in found:
        scaling.deregister_scalable_target(**_NAMESPACE, **_DIMENSION, ResourceId=target.resource)
    return found


def register(scaling: Any, targets: Iterable[Registered]) -> None:
    """Puts variants into autoscaling again, as they were."""
    for target in targets:
        where = {**_NAMESPACE, **_DIMENSION, "ResourceId": target.resource}
        tagged = {"Tags": target.tags} if target.tags else {}
        scaling.register_scalable_target(**where, **target.settings, **tagged)
        for policy in target.policies:
            scaling.put_scaling_policy(**where, **policy)


def _registered(scaling: Any, slot: str, target: Values) -> Registered:
    resource = target["ResourceId"]
    policies = scaling.describe_scaling_policies(**_NAMESPACE, **_DIMENSION, ResourceId=resource)["ScalingPolicies"]
    return Registered(
        slot,
        resource,
        {key: target[key] for key in _TARGET if key in target},
        scaling.list_tags_for_resource(ResourceARN=target["ScalableTargetARN"])["Tags"],
        [{key: it[key] for key in _POLICY if key in it} for it in policies],
    )


def _instance_types(sagemaker: Any, configuration: str) -> dict[str, str | None]:
    described = sagemaker.describe_endpoint_config(EndpointConfigName=configuration)
    return {it["VariantName"]: it.get("InstanceType") for it in described["ProductionVariants"]}
