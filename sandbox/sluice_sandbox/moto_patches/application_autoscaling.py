"""
Adds to Application Auto Scaling, for variants of SageMaker's endpoints.

A target must be a variant that there is, its bounds must be bounds, deregistering it takes its policies away, that
there is none has AWS's own error code, and SageMaker refuses an update that removes a registered variant or gives it
another instance type.
"""

import re
from typing import Any

from moto.applicationautoscaling.exceptions import AWSValidationException
from moto.applicationautoscaling.models import ApplicationAutoscalingBackend, applicationautoscaling_backends
from moto.core.exceptions import JsonRESTError
from moto.sagemaker.models import sagemaker_backends

from sluice_sandbox.moto_patches.replacing import replace_methods

_MARK = "_sluice_looks_at_variants"
_VARIANT = re.compile(r"endpoint/(?P<endpoint>[^/]+)/variant/(?P<variant>[^/]+)")
_DIMENSION = "sagemaker:variant:DesiredInstanceCount"


def needed() -> bool:
    return not hasattr(ApplicationAutoscalingBackend, "_sagemaker_variant_exists_for_target")


def apply() -> None:
    register = ApplicationAutoscalingBackend.register_scalable_target
    deregister = ApplicationAutoscalingBackend.deregister_scalable_target
    if hasattr(register, _MARK):
        return

    def register_scalable_target(self: Any, namespace: str, r_id: str, dimension: str, **more: Any) -> Any:
        if namespace == "sagemaker":
            _check(self, r_id, more.get("min_capacity"), more.get("max_capacity"))
        return register(self, namespace, r_id, dimension, **more)

    def deregister_scalable_target(self: Any, namespace: str, r_id: str, dimension: str) -> None:
        if r_id not in self.targets.get(dimension, {}):
            raise JsonRESTError("ObjectNotFoundException", f"No scalable target found for {r_id}.")
        deregister(self, namespace, r_id, dimension)
        for key, policy in list(self.policies.items()):
            if policy.resource_id == r_id and policy.service_namespace == namespace:
                del self.policies[key]

    setattr(register_scalable_target, _MARK, True)
    replace_methods(
        ApplicationAutoscalingBackend,
        register_scalable_target=register_scalable_target,
        deregister_scalable_target=deregister_scalable_target,
    )


def registered_variants(backend: Any, endpoint: str) -> set[str]:
    """Returns the variants of an endpoint that are scalable targets; `backend` is SageMaker's."""
    scaling = applicationautoscaling_backends[backend.account_id][backend.region_name]
    matches = [_VARIANT.fullmatch(resource) for resource in scaling.targets.get(_DIMENSION, {})]
    return {match["variant"] for match in matches if match is not None and match["endpoint"] == endpoint}


def _check(scaling: Any, resource: str, least: Any, most: Any) -> None:
    match = _VARIANT.fullmatch(resource)
    endpoints: dict[str, Any] = dict(sagemaker_backends[scaling.account_id][scaling.region_name].endpoints)
    endpoint = endpoints.get(match["endpoint"]) if match is not None else None
    slots = {variant["VariantName"] for variant in endpoint.live.variants} if endpoint is not None else set()
    if match is None or match["variant"] not in slots:
        raise AWSValidationException(f"The resource {resource} does not exist: verify the endpoint and its variant.")
    if least is not None and most is not None and int(least) > int(most):
        raise AWSValidationException(f"Maximum capacity {most} cannot be less than minimum capacity {least}.")
