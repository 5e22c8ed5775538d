"""
Adds to SageMaker's endpoints.

`UpdateEndpoint`, which moto has not; states that pass through Creating, Updating and Deleting in the sandbox's time;
live weights and counts apart from the configured ones, each of which a change leaves as it was when it does not name
it; updates that go back when an alarm that watches them rings, which the models' role has to see; and SageMaker's
refusals while something is under way.
"""

from typing import Any

from moto.cloudwatch.models import cloudwatch_backends
from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import utcnow
from moto.sagemaker.exceptions import ValidationError
from moto.sagemaker.models import SageMakerModelBackend
from moto.sagemaker.responses import SageMakerResponse

from sluice_sandbox import moto_patches
from sluice_sandbox.moto_patches.application_autoscaling import registered_variants
from sluice_sandbox.moto_patches.endpoint_alarms import refuse_unseen
from sluice_sandbox.moto_patches.endpoint_exclusions import refuse_guardrail
from sluice_sandbox.moto_patches.endpoint_life import BUSY, Endpoint, Serving, Variant
from sluice_sandbox.moto_patches.listing import listed
from sluice_sandbox.moto_patches.replacing import replace_methods
from sluice_sandbox.moto_patches.sagemaker import arn_of, backend_of, request_of


def needed() -> bool:
    return not hasattr(SageMakerModelBackend, "update_endpoint")


def apply() -> None:
    replace_methods(
        SageMakerResponse,
        create_endpoint=create_endpoint,
        describe_endpoint=describe_endpoint,
        update_endpoint=update_endpoint,
        update_endpoint_weights_and_capacities=update_endpoint_weights_and_capacities,
        delete_endpoint=delete_endpoint,
        list_endpoints=list_endpoints,
    )


def create_endpoint(self: SageMakerResponse) -> ActionResult:
    backend, request = backend_of(self), request_of(self)
    name = request["EndpointName"]
    arn = arn_of(backend, "endpoint", name)
    if _live(backend, name) is not None:
        raise ValidationError(message=f'Cannot create already existing endpoint "{arn}".')
    serving = _serving(backend, request["EndpointConfigName"])
    refuse_unseen(backend, request["EndpointConfigName"], request.get("DeploymentConfig"))
    endpoint = Endpoint(arn, name, serving, request.get("Tags", []), deployment=request.get("DeploymentConfig"))
    endpoint.alarms = lambda names: _ringing(backend, names)
    endpoint.begin("Creating", "endpoint-create", serving)
    backend.endpoints[name] = endpoint
    return ActionResult({"EndpointArn": arn})


def describe_endpoint(self: SageMakerResponse) -> ActionResult:
    endpoint = _find(self)
    if endpoint.status != "InService":
        moto_patches.waited()
    return ActionResult(endpoint.described())


def update_endpoint(self: SageMakerResponse) -> ActionResult:
    backend, request = backend_of(self), request_of(self)
    endpoint = _find(self)
    _refuse_unless_serving(endpoint)
    serving = _serving(backend, request["EndpointConfigName"])
    _refuse_scaled(backend, endpoint, request["EndpointConfigName"])
    refuse_unseen(backend, request["EndpointConfigName"], request.get("DeploymentConfig"))
    if request.get("RetainAllVariantProperties"):
        _retain(serving, endpoint.live, request.get("ExcludeRetainedVariantProperties", []))
    refuse_guardrail(request.get("DeploymentConfig"), serving.variants)
    endpoint.deployment = request.get("DeploymentConfig") or endpoint.deployment
    endpoint.begin("Updating", "endpoint-update", serving)
    return ActionResult({"EndpointArn": endpoint.arn})


def update_endpoint_weights_and_capacities(self: SageMakerResponse) -> ActionResult:
    endpoint = _find(self)
    _refuse_unless_serving(endpoint)
    wanted = self.params["DesiredWeightsAndCapacities"]
    by_name = {variant["VariantName"]: variant for variant in endpoint.live.variants}
    unknown = [change["VariantName"] for change in wanted if change["VariantName"] not in by_name]
    if unknown:
        names = ", ".join(unknown)
        raise ValidationError(
            message=f'The variant name(s) "{names}" is/are not present within endpoint configuration '
            f'"{endpoint.live.config_name}".'
        )
    changed = {name: dict(variant) for name, variant in by_name.items()}
    for change in wanted:
        variant = changed[change["VariantName"]]
        for source, targets in _CHANGED.items():
            if change.get(source) is not None:
                variant.update(dict.fromkeys(targets, change[source]))
    then = Serving(
        endpoint.live.config_name,
        list(changed.values()),
        endpoint.live.shadows,
        endpoint.live.capture,
        endpoint.live.asynchronous,
    )
    endpoint.begin("Updating", "endpoint-weights", then)
    return ActionResult({"EndpointArn": endpoint.arn})


def delete_endpoint(self: SageMakerResponse) -> ActionResult:
    endpoint = _find(self)
    _refuse_while_busy(endpoint)
    endpoint.begin("Deleting", "endpoint-delete", None)
    return EmptyResult()


def list_endpoints(self: SageMakerResponse) -> ActionResult:
    backend = backend_of(self)
    found = [endpoint for name in list(backend.endpoints) if (endpoint := _live(backend, name)) is not None]
    summaries = [
        {
            "EndpointName": endpoint.name,
            "EndpointArn": endpoint.arn,
            "CreationTime": endpoint.creation_time,
            "LastModifiedTime": endpoint.last_modified,
            "EndpointStatus": endpoint.status,
        }
        for endpoint in found
    ]
    return listed(request_of(self), summaries, "Endpoints", "EndpointName")


_CHANGED = {
    "DesiredWeight": ("DesiredWeight", "CurrentWeight"),
    "DesiredInstanceCount": ("DesiredInstanceCount", "CurrentInstanceCount"),
    "ServerlessUpdateConfig": ("DesiredServerlessConfig", "CurrentServerlessConfig"),
}
_RETAINABLE = {
    "DesiredWeight": ("DesiredWeight", "CurrentWeight"),
    "DesiredInstanceCount": ("DesiredInstanceCount", "CurrentInstanceCount"),
}


def _live(backend: Any, name: str) -> Endpoint | None:
    endpoint: Endpoint | None = backend.endpoints.get(name)
    if endpoint is not None and not endpoint.settle():
        del backend.endpoints[name]
        return None
    return endpoint


def _find(response: SageMakerResponse) -> Endpoint:
    backend, name = backend_of(response), response.params["EndpointName"]
    endpoint = _live(backend, name)
    if endpoint is None:
        raise ValidationError(message=f'Could not find endpoint "{arn_of(backend, "endpoint", name)}".')
    return endpoint


def _refuse_while_busy(endpoint: Endpoint) -> None:
    if endpoint.status in BUSY:
        raise ValidationError(message=f'Cannot update in-progress endpoint "{endpoint.arn}".')


def _refuse_unless_serving(endpoint: Endpoint) -> None:
    _refuse_while_busy(endpoint)
    if endpoint.status == "Failed":
        raise ValidationError(message=f'Cannot update endpoint "{endpoint.arn}" because it is in status Failed.')


def _refuse_scaled(backend: Any, endpoint: Endpoint, config_name: str) -> None:
    # AWS: before a variant is removed, or its instance type changed, it has to be deregistered as a scalable target.
    configs = backend.endpoint_configs
    old, new = (
        {variant["VariantName"]: variant.get("InstanceType") for variant in configs[name].request["ProductionVariants"]}
        if name in configs
        else {}
        for name in (endpoint.live.config_name, config_name)
    )
    changing = {slot for slot, kind in old.items() if new.get(slot) != kind}
    scaled = sorted(registered_variants(backend, endpoint.name) & changing)
    if scaled:
        raise ValidationError(
            message=f"Cannot update endpoint with the variants {', '.join(scaled)} registered as scalable targets. "
            "Deregister them before they are removed or their instance type is changed."
        )


def _ringing(backend: Any, names: list[str]) -> list[str]:
    known = cloudwatch_backends[backend.account_id][backend.region_name].alarms
    return [name for name in names if name in known and known[name].state_value == "ALARM"]


def _serving(backend: Any, config_name: str) -> Serving:
    config = backend.endpoint_configs.get(config_name)
    if config is None:
        arn = arn_of(backend, "endpoint-config", config_name)
        raise ValidationError(message=f'Could not find endpoint configuration "{arn}".')
    request = config.request
    return Serving(
        config_name,
        [_variant(backend, variant) for variant in request["ProductionVariants"]],
        [_variant(backend, variant) for variant in request.get("ShadowProductionVariants", [])],
        request.get("DataCaptureConfig"),
        request.get("AsyncInferenceConfig"),
    )


def _variant(backend: Any, configured: dict[str, Any]) -> Variant:
    weight = configured.get("InitialVariantWeight", 1.0)
    variant: Variant = {"VariantName": configured["VariantName"], "CurrentWeight": weight, "DesiredWeight": weight}
    images = _images(backend, configured.get("ModelName"))
    if images:
        variant["DeployedImages"] = images
    if configured.get("ServerlessConfig"):
        variant["CurrentServerlessConfig"] = variant["DesiredServerlessConfig"] = configured["ServerlessConfig"]
    else:
        count = configured.get("InitialInstanceCount", 1)
        variant["CurrentInstanceCount"] = variant["DesiredInstanceCount"] = count
    return variant


def _images(backend: Any, model_name: str | None) -> list[dict[str, Any]]:
    model = backend._models.get(model_name)
    if model is None:
        return []
    containers = model.request.get("Containers") or [model.request["PrimaryContainer"]]
    return [
        {"SpecifiedImage": container["Image"], "ResolvedImage": container["Image"], "ResolutionTime": utcnow()}
        for container in containers
        if container.get("Image")
    ]


def _retain(serving: Serving, live: Serving, excluded: list[dict[str, str]]) -> None:
    # AWS: "set to true to retain the variant properties set by autoscaling and UpdateEndpointWeightsAndCapacities".
    left_out = {item["VariantPropertyType"] for item in excluded}
    before = {variant["VariantName"]: variant for variant in live.variants}
    for variant in serving.variants:
        past = before.get(variant["VariantName"])
        if past is None:
            continue
        for name, targets in _RETAINABLE.items():
            if name not in left_out and name in past and name in variant:
                variant.update(dict.fromkeys(targets, past[name]))
