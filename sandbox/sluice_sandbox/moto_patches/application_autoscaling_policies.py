"""
Adds to Application Auto Scaling's policies, for variants of SageMaker's endpoints.

They need a target and a metric that counts, one policy a metric; they have alarms, keep their ARN when they change, and
are found by name and by the whole of a resource's id. That there is none has AWS's own error code.
"""

from typing import Any
from uuid import uuid4

from moto.applicationautoscaling.exceptions import AWSValidationException
from moto.applicationautoscaling.models import ApplicationAutoscalingBackend, FakeApplicationAutoscalingPolicy
from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse, _build_policy
from moto.cloudwatch.models import cloudwatch_backends
from moto.core.exceptions import JsonRESTError

from sluice_sandbox.moto_patches.application_autoscaling import (
    DIMENSION,
    NAMESPACE,
    VARIANT,
    forget_gone,
    page,
    require_target,
    told,
    where_of,
)
from sluice_sandbox.moto_patches.replacing import replace_methods

# From the predefined metrics of this dimension to what their alarms watch: metric, statistic, period.
_METRICS = {
    "SageMakerVariantInvocationsPerInstance": ("InvocationsPerInstance", "Sum", 60),
    "SageMakerVariantConcurrentRequestsPerModelHighResolution": ("ConcurrentRequestsPerModel", "Maximum", 10),
}
_SPECIFICATIONS = ("PredefinedMetricSpecification", "CustomizedMetricSpecification")

_put = ApplicationAutoscalingBackend.put_scaling_policy


def needed() -> bool:
    backend: Any = ApplicationAutoscalingBackend("us-east-1", "123456789012")
    try:
        backend.put_scaling_policy("x", NAMESPACE, "endpoint/x/variant/x", DIMENSION, {}, "TargetTrackingScaling")
    except JsonRESTError:
        return False
    return True


def apply() -> None:
    replace_methods(
        ApplicationAutoscalingBackend,
        put_scaling_policy=put_scaling_policy,
        delete_scaling_policy=delete_scaling_policy,
    )
    replace_methods(ApplicationAutoScalingResponse, describe_scaling_policies=describe_scaling_policies)


def put_scaling_policy(
    self: Any,
    policy_name: str,
    service_namespace: str,
    resource_id: str,
    scalable_dimension: str,
    policy_body: dict[str, Any],
    policy_type: str | None,
) -> Any:
    where = (service_namespace, resource_id, scalable_dimension)
    if service_namespace != NAMESPACE:
        return _put(self, policy_name, *where, policy_body, policy_type)
    forget_gone(self)
    require_target(self, "registered", *where)
    key = _key(policy_name, *where)
    before = self.policies.get(key)
    if policy_type == "TargetTrackingScaling":
        others = [policy for other, policy in self.policies.items() if other != key and where_of(policy) == where]
        _check_tracking(policy_body or {}, others)
    policy: Any = _put(self, policy_name, *where, policy_body, policy_type)
    if before is not None:
        policy.policy_arn, policy.creation_time = before.policy_arn, before.creation_time
        before.delete_alarms(self.account_id, self.region_name)
    policy.alarms = _alarms(self, policy) if policy.policy_type == "TargetTrackingScaling" else []
    return policy


def delete_scaling_policy(
    self: Any, policy_name: str, service_namespace: str, resource_id: str, scalable_dimension: str
) -> None:
    policy = self.policies.pop(_key(policy_name, service_namespace, resource_id, scalable_dimension), None)
    if policy is None:
        where = told(service_namespace, resource_id, scalable_dimension)
        raise JsonRESTError(
            "ObjectNotFoundException", f"No scaling policy found for {where}, policy name: {policy_name}"
        )
    policy.delete_alarms(self.account_id, self.region_name)


def describe_scaling_policies(self: Any) -> str:
    backend = self.applicationautoscaling_backend
    forget_gone(backend)
    wanted = [self._get_param(name) for name in ("ServiceNamespace", "ResourceId", "ScalableDimension")]
    names = self._get_param("PolicyNames")
    found = [
        policy
        for policy in backend.policies.values()
        if all(want in (None, has) for want, has in zip(wanted, where_of(policy), strict=True))
        and (not names or policy.policy_name in names)
    ]
    return page(self, "ScalingPolicies", [_build_policy(policy) for policy in found])


def _key(name: str, namespace: str, resource: str, dimension: str) -> str:
    return FakeApplicationAutoscalingPolicy.formulate_key(namespace, resource, dimension, name)


def _check_tracking(wanted: dict[str, Any], others: list[Any]) -> None:
    given = [name for name in _SPECIFICATIONS if wanted.get(name)]
    if len(given) != 1:
        raise AWSValidationException(f"Exactly one of {' and '.join(_SPECIFICATIONS)} must be specified.")
    kind = wanted.get("PredefinedMetricSpecification", {}).get("PredefinedMetricType")
    if kind is not None and kind not in _METRICS:
        raise AWSValidationException(
            f"Scalable dimension {DIMENSION} only supports the following predefined metric types: {', '.join(_METRICS)}"
        )
    tracked = [other.target_tracking_scaling_policy_configuration or {} for other in others]
    if any(other.get(given[0]) == wanted[given[0]] for other in tracked):
        raise AWSValidationException(
            "Only one TargetTrackingScaling policy for a given metric specification is allowed."
        )


def _alarms(scaling: Any, policy: Any) -> list[Any]:
    """Makes the alarms that scale out and in: above the target for 3 periods, below nine tenths of it for 15."""
    tracking = policy.target_tracking_scaling_policy_configuration
    if tracking.get("CustomizedMetricSpecification", {}).get("Metrics"):
        # moto's alarms over metric math are not what AWS's are; none is better than a wrong one.
        return []
    target = tracking["TargetValue"]
    alarms = [("AlarmHigh", "GreaterThanThreshold", 3, target)]
    if not tracking.get("DisableScaleIn"):
        alarms.append(("AlarmLow", "LessThanThreshold", 15, target * 0.9))
    cloudwatch = cloudwatch_backends[scaling.account_id][scaling.region_name]
    return [
        cloudwatch.put_metric_alarm(
            name=f"TargetTracking-{policy.resource_id}-{name}-{uuid4()}",
            comparison_operator=comparison,
            evaluation_periods=periods,
            threshold=threshold,
            description=f"DO NOT EDIT OR DELETE. For TargetTrackingScaling policy {policy.policy_arn}.",
            alarm_actions=[policy.policy_arn],
            **_watched(policy.resource_id, tracking),
        )
        for name, comparison, periods, threshold in alarms
    ]


def _watched(resource: str, tracking: dict[str, Any]) -> dict[str, Any]:
    """Returns what the alarms of a policy watch."""
    match = VARIANT.fullmatch(resource)
    assert match is not None
    custom = tracking.get("CustomizedMetricSpecification")
    if custom is None:
        metric, statistic, period = _METRICS[tracking["PredefinedMetricSpecification"]["PredefinedMetricType"]]
        dimensions = {"EndpointName": match["endpoint"], "VariantName": match["variant"]}
        custom = {
            "Namespace": "AWS/SageMaker",
            "MetricName": metric,
            "Statistic": statistic,
            "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
        }
    else:
        period = 60
    return {
        "namespace": custom.get("Namespace"),
        "metric_name": custom.get("MetricName"),
        "statistic": custom.get("Statistic"),
        "unit": custom.get("Unit"),
        "dimensions": custom.get("Dimensions", []),
        "period": period,
    }
