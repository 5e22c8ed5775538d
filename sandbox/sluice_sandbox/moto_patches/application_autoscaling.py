"""
Adds to Application Auto Scaling's targets, for variants of SageMaker's endpoints.

A target is a variant that there is, within bounds that are bounds, and its count is brought into them. Deregistering
it, or deleting its endpoint, takes its policies and their alarms away. Targets have tags, and lists of them pages.
"""

import json
import re
from typing import Any

from moto.applicationautoscaling.exceptions import AWSValidationException
from moto.applicationautoscaling.models import ApplicationAutoscalingBackend, applicationautoscaling_backends
from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse, _build_target
from moto.core.exceptions import JsonRESTError
from moto.sagemaker.models import sagemaker_backends

from sluice_sandbox.moto_patches.endpoint_life import Endpoint, Serving, Variant
from sluice_sandbox.moto_patches.replacing import replace_methods

NAMESPACE = "sagemaker"
DIMENSION = "sagemaker:variant:DesiredInstanceCount"
VARIANT = re.compile(r"endpoint/(?P<endpoint>[^/]+)/variant/(?P<variant>[^/]+)")
_NOT_SUSPENDED = dict.fromkeys(
    ("DynamicScalingInSuspended", "DynamicScalingOutSuspended", "ScheduledScalingSuspended"), False
)
_PAGE = 50

_register = ApplicationAutoscalingBackend.register_scalable_target


def needed() -> bool:
    backend: Any = ApplicationAutoscalingBackend("us-east-1", "123456789012")
    try:
        backend.register_scalable_target(NAMESPACE, "endpoint/none/variant/none", DIMENSION, 1, 1, None, None)
    except JsonRESTError:
        return False
    return True


def apply() -> None:
    replace_methods(
        ApplicationAutoscalingBackend,
        register_scalable_target=register_scalable_target,
        deregister_scalable_target=deregister_scalable_target,
    )
    replace_methods(
        ApplicationAutoScalingResponse,
        register_scalable_target=answer_register_scalable_target,
        describe_scalable_targets=describe_scalable_targets,
        list_tags_for_resource=list_tags_for_resource,
        tag_resource=tag_resource,
        untag_resource=untag_resource,
    )


def registered_variants(backend: Any, endpoint_name: str) -> set[str]:
    """Returns the variants of an endpoint that are scalable targets; `backend` is SageMaker's."""
    scaling = applicationautoscaling_backends[backend.account_id][backend.region_name]
    forget_gone(scaling)
    matches = [VARIANT.fullmatch(resource) for resource in scaling.targets.get(DIMENSION, {})]
    return {match["variant"] for match in matches if match is not None and match["endpoint"] == endpoint_name}


def register_scalable_target(
    self: Any, namespace: str, r_id: str, dimension: str, min_capacity: Any, max_capacity: Any, **more: Any
) -> Any:
    if namespace != NAMESPACE:
        return _register(self, namespace, r_id, dimension, min_capacity, max_capacity, **more)
    forget_gone(self)
    known = self.targets.get(dimension, {}).get(r_id)
    _check_bounds(
        min_capacity if known is None or min_capacity is not None else known.min_capacity,
        max_capacity if known is None or max_capacity is not None else known.max_capacity,
    )
    endpoint, variant = _find(self, r_id)
    target: Any = _register(self, namespace, r_id, dimension, min_capacity, max_capacity, **more)
    if known is None:
        target.endpoint, target.tags = endpoint, {}
        target.suspended_state = {**_NOT_SUSPENDED, **(target.suspended_state or {})}
        # SageMaker has a role of its own for this; AWS ignores another one.
        target.role_arn = _service_role(self.account_id)
    _scale_into_bounds(endpoint, variant, target)
    return target


def deregister_scalable_target(self: Any, namespace: str, r_id: str, dimension: str) -> None:
    forget_gone(self)
    require_target(self, "found", namespace, r_id, dimension)
    _forget(self, namespace, r_id, dimension)


def answer_register_scalable_target(self: Any) -> str:
    backend, tags = self.applicationautoscaling_backend, self._get_param("Tags")
    where = [self._get_param(name) for name in ("ServiceNamespace", "ResourceId", "ScalableDimension")]
    self._validate_params()
    forget_gone(backend)
    if tags and where[1] in backend.targets.get(where[2], {}):
        raise AWSValidationException(
            "The scalable target that you tried to tag already exists. To update tags on an existing scalable target, "
            "use the TagResource API."
        )
    target = backend.register_scalable_target(
        *where,
        min_capacity=self._get_int_param("MinCapacity"),
        max_capacity=self._get_int_param("MaxCapacity"),
        role_arn=self._get_param("RoleARN"),
        suspended_state=self._get_param("SuspendedState"),
    )
    if tags:
        target.tags = dict(tags)
    return json.dumps({"ScalableTargetARN": target.arn})


def describe_scalable_targets(self: Any) -> str:
    backend = self.applicationautoscaling_backend
    self._validate_params()
    forget_gone(backend)
    found = backend.describe_scalable_targets(
        self._get_param("ServiceNamespace"), self._get_param("ResourceIds"), self._get_param("ScalableDimension")
    )
    return page(self, "ScalableTargets", [_build_target(target) for target in found])


def list_tags_for_resource(self: Any) -> str:
    return json.dumps({"Tags": _tagged(self).tags})


def tag_resource(self: Any) -> str:
    _tagged(self).tags.update(self._get_param("Tags"))
    return "{}"


def untag_resource(self: Any) -> str:
    tags = _tagged(self).tags
    for key in self._get_param("TagKeys"):
        tags.pop(key, None)
    return "{}"


def _tagged(response: Any) -> Any:
    arn = response._get_param("ResourceARN")
    for targets in response.applicationautoscaling_backend.targets.values():
        for target in targets.values():
            if target.arn == arn:
                target.tags = getattr(target, "tags", {})
                return target
    raise JsonRESTError("ResourceNotFoundException", f"The resource {arn} was not found.")


def page(response: Any, member: str, found: list[Any]) -> str:
    start = int(response._get_param("NextToken") or 0)
    end = start + (response._get_int_param("MaxResults") or _PAGE)
    return json.dumps({member: found[start:end], "NextToken": str(end) if end < len(found) else None})


def _endpoint(scaling: Any, name: str) -> Endpoint | None:
    """Returns an endpoint that is there to stay, or None."""
    endpoints: Any = sagemaker_backends[scaling.account_id][scaling.region_name].endpoints
    endpoint: Endpoint | None = endpoints.get(name)
    return endpoint if endpoint is not None and endpoint.settle() and endpoint.status != "Deleting" else None


def _find(scaling: Any, resource: str) -> tuple[Endpoint, Variant]:
    match = VARIANT.fullmatch(resource)
    if match is None:
        raise AWSValidationException("Unsupported service namespace, resource type or scalable dimension")
    endpoint = _endpoint(scaling, match["endpoint"])
    variants = {variant["VariantName"]: variant for variant in endpoint.live.variants} if endpoint is not None else {}
    variant = variants.get(match["variant"])
    if endpoint is None or variant is None:
        raise AWSValidationException(f"The resource {resource} does not exist: verify the endpoint and its variant.")
    if "DesiredInstanceCount" not in variant:
        raise AWSValidationException(f"The resource {resource} is serverless: it has no {DIMENSION}.")
    return endpoint, variant


def _check_bounds(least: int | None, most: int | None) -> None:
    if least is None or most is None:
        raise AWSValidationException("MinCapacity and MaxCapacity are required to register a new scalable target.")
    if least < 0:
        raise AWSValidationException(f"Minimum capacity {least} cannot be less than 0.")
    if least > most:
        raise AWSValidationException(f"Maximum capacity {most} cannot be less than minimum capacity {least}.")


def _scale_into_bounds(endpoint: Endpoint, variant: Variant, target: Any) -> None:
    # AWS: "If the specified resource is not active in the target service, this operation does not change the
    # resource's current capacity."
    count = min(max(variant["DesiredInstanceCount"], target.min_capacity), target.max_capacity)
    if endpoint.status != "InService" or count == variant["DesiredInstanceCount"]:
        return
    live = endpoint.live
    scaled = {**variant, "DesiredInstanceCount": count, "CurrentInstanceCount": count}
    variants = [scaled if other is variant else dict(other) for other in live.variants]
    then = Serving(live.config_name, variants, live.shadows, live.capture, live.asynchronous)
    endpoint.begin("Updating", "endpoint-weights", then)


def forget_gone(scaling: Any) -> None:
    """Deregisters what SageMaker deregisters as it deletes an endpoint."""
    for resource, target in list(scaling.targets.get(DIMENSION, {}).items()):
        match = VARIANT.fullmatch(resource)
        if match is None or _endpoint(scaling, match["endpoint"]) is not target.endpoint:
            _forget(scaling, NAMESPACE, resource, DIMENSION)


def _forget(scaling: Any, *where: str) -> None:
    _, resource, dimension = where
    del scaling.targets[dimension][resource]
    for key, policy in list(scaling.policies.items()):
        if where_of(policy) == where:
            policy.delete_alarms(scaling.account_id, scaling.region_name)
            del scaling.policies[key]
    scaling.scheduled_actions = [action for action in scaling.scheduled_actions if where_of(action) != where]


def where_of(scaled: Any) -> tuple[str, str, str]:
    return scaled.service_namespace, scaled.resource_id, scaled.scalable_dimension


def told(namespace: str, resource: str, dimension: str) -> str:
    return f"service namespace: {namespace}, resource ID: {resource}, scalable dimension: {dimension}"


def require_target(scaling: Any, verb: str, namespace: str, resource: str, dimension: str) -> None:
    if resource not in scaling.targets.get(dimension, {}):
        where = told(namespace, resource, dimension)
        raise JsonRESTError("ObjectNotFoundException", f"No scalable target {verb} for {where}")


def _service_role(account: str) -> str:
    path = "aws-service-role/sagemaker.application-autoscaling.amazonaws.com"
    return f"arn:aws:iam::{account}:role/{path}/AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
