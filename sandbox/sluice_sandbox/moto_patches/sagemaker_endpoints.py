"""
Adds to SageMaker's endpoints.

`UpdateEndpoint`, which moto has not; states that pass through Creating, Updating and Deleting in the sandbox's time;
live weights and counts apart from the configured ones, each of which a change leaves as it was when it does not name
it; and SageMaker's refusals while something is under way.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import utcnow
from moto.sagemaker.exceptions import ValidationError
from moto.sagemaker.models import SageMakerModelBackend
from moto.sagemaker.responses import SageMakerResponse

from sluice_sandbox import moto_patches
from sluice_sandbox.moto_patches import durations
from sluice_sandbox.moto_patches.listing import listed
from sluice_sandbox.moto_patches.replacing import replace_methods
from sluice_sandbox.moto_patches.sagemaker import arn_of, backend_of, request_of

Variant = dict[str, Any]


@dataclass
class Serving:
    """What an endpoint runs: a configuration, and what became of its variants since."""

    config_name: str
    variants: list[Variant]
    shadows: list[Variant]
    capture: dict[str, Any] | None
    asynchronous: dict[str, Any] | None


@dataclass
class Endpoint:
    """An endpoint and what is under way with it."""

    arn: str
    name: str
    live: Serving
    tags: list[dict[str, str]]
    status: str = "Creating"
    ready_at: datetime = field(default_factory=utcnow)
    next: Serving | None = None
    """What it will run once the present update is done."""
    deployment: dict[str, Any] | None = None
    creation_time: datetime = field(default_factory=utcnow)
    last_modified: datetime = field(default_factory=utcnow)

    def begin(self, status: str, duration: str, then: Serving | None) -> None:
        self.status, self.next = status, then
        self.last_modified = utcnow()
        self.ready_at = utcnow() + timedelta(seconds=durations.seconds(duration))

    def settle(self) -> bool:
        """Lets happen what is due; returns False when the endpoint is no more."""
        if self.status == "InService" or utcnow() < self.ready_at:
            return True
        if self.status == "Deleting":
            return False
        self.live, self.next = self.next or self.live, None
        self.status, self.last_modified = "InService", self.ready_at
        return True

    def described(self) -> dict[str, Any]:
        serving = self.live
        told: dict[str, Any] = {
            "EndpointName": self.name,
            "EndpointArn": self.arn,
            "EndpointConfigName": serving.config_name,
            "EndpointStatus": self.status,
            "CreationTime": self.creation_time,
            "LastModifiedTime": self.last_modified,
            "LastDeploymentConfig": self.deployment,
            "AsyncInferenceConfig": serving.asynchronous,
        }
        # While it is created, no variant serves yet.
        if self.status != "Creating":
            told["ProductionVariants"] = serving.variants
            told["ShadowProductionVariants"] = serving.shadows or None
        if serving.capture is not None:
            told["DataCaptureConfig"] = {
                "EnableCapture": serving.capture.get("EnableCapture", False),
                "CaptureStatus": "Started" if serving.capture.get("EnableCapture") else "Stopped",
                "CurrentSamplingPercentage": serving.capture["InitialSamplingPercentage"],
                "DestinationS3Uri": serving.capture["DestinationS3Uri"],
                "KmsKeyId": serving.capture.get("KmsKeyId", ""),
            }
        return {key: value for key, value in told.items() if value is not None}


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
    endpoint = Endpoint(arn, name, serving, request.get("Tags", []), deployment=request.get("DeploymentConfig"))
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
    _refuse_while_busy(endpoint)
    serving = _serving(backend, request["EndpointConfigName"])
    if request.get("RetainAllVariantProperties"):
        _retain(serving, endpoint.live, request.get("ExcludeRetainedVariantProperties", []))
    endpoint.deployment = request.get("DeploymentConfig") or endpoint.deployment
    endpoint.begin("Updating", "endpoint-update", serving)
    return ActionResult({"EndpointArn": endpoint.arn})


def update_endpoint_weights_and_capacities(self: SageMakerResponse) -> ActionResult:
    endpoint = _find(self)
    _refuse_while_busy(endpoint)
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
    if endpoint.status in ("Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"):
        raise ValidationError(message=f'Cannot update in-progress endpoint "{endpoint.arn}".')


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
