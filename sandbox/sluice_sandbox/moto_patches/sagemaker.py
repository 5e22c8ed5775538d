"""
Adds to SageMaker's models and endpoint configurations.

Everything that was asked for is kept and told (moto drops network isolation, VPC settings, shadow variants and more),
names are unique, every instance type of the API is accepted, a model's artifacts and role must exist, and tags replace
those of the same key.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from inspect import signature
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import utcnow
from moto.iam.models import iam_backends
from moto.s3.models import s3_backends
from moto.sagemaker.exceptions import ValidationError
from moto.sagemaker.models import SageMakerModelBackend
from moto.sagemaker.responses import SageMakerResponse

from sluice_sandbox.moto_patches.endpoint_exclusions import refuse_shadow
from sluice_sandbox.moto_patches.listing import listed
from sluice_sandbox.moto_patches.replacing import replace_methods

_S3_URL = re.compile(r"^s3://(?P<bucket>[^/]+)/(?P<key>.+)$")


@dataclass
class Stored:
    """A resource whose description is its request and what SageMaker adds."""

    arn: str
    request: dict[str, Any]
    tags: list[dict[str, str]]
    added: dict[str, Any] = field(default_factory=dict)
    creation_time: Any = field(default_factory=utcnow)

    def described(self) -> dict[str, Any]:
        told = {key: value for key, value in self.request.items() if key != "Tags" and value is not None}
        return {**told, **self.added, "CreationTime": self.creation_time}


def needed() -> bool:
    return "enable_network_isolation" not in signature(SageMakerModelBackend.create_model).parameters


def apply() -> None:
    replace_methods(
        SageMakerResponse,
        create_model=create_model,
        describe_model=describe_model,
        delete_model=delete_model,
        list_models=list_models,
        create_endpoint_config=create_endpoint_config,
        describe_endpoint_config=describe_endpoint_config,
        delete_endpoint_config=delete_endpoint_config,
        list_endpoint_configs=list_endpoint_configs,
    )
    replace_methods(SageMakerModelBackend, add_tags=add_tags)


def arn_of(backend: Any, kind: str, name: str) -> str:
    return f"arn:aws:sagemaker:{backend.region_name}:{backend.account_id}:{kind}/{name}"


def backend_of(response: SageMakerResponse) -> Any:
    """Returns moto's store of an account and region; the patches keep in it what they know."""
    return response.sagemaker_backend


def request_of(response: SageMakerResponse) -> dict[str, Any]:
    """Returns a request's members, absent ones left out."""
    return {key: value for key, value in dict(response.params).items() if value is not None}


def create_model(self: SageMakerResponse) -> ActionResult:
    backend, request = backend_of(self), request_of(self)
    name = request["ModelName"]
    arn = arn_of(backend, "model", name)
    if name in backend._models:
        raise ValidationError(message=f'Cannot create already existing model "{arn}".')
    if bool(request.get("PrimaryContainer")) == bool(request.get("Containers")):
        raise ValidationError(message="Exactly one of PrimaryContainer and Containers must be specified.")
    containers = request.get("Containers") or [request["PrimaryContainer"]]
    for container in containers:
        _check_artifacts(backend, container, request.get("ExecutionRoleArn", ""))
    added = {"ModelArn": arn, "EnableNetworkIsolation": bool(request.get("EnableNetworkIsolation"))}
    backend._models[name] = Stored(arn, request, request.get("Tags", []), added)
    return ActionResult({"ModelArn": arn})


def describe_model(self: SageMakerResponse) -> ActionResult:
    return ActionResult(_find(self, "model", backend_of(self)._models, "ModelName").described())


def delete_model(self: SageMakerResponse) -> ActionResult:
    _find(self, "model", backend_of(self)._models, "ModelName")
    del backend_of(self)._models[self.params["ModelName"]]
    return EmptyResult()


def list_models(self: SageMakerResponse) -> ActionResult:
    models = backend_of(self)._models.values()
    return listed(request_of(self), map(_summary("ModelName", "ModelArn"), models), "Models", "ModelName")


def create_endpoint_config(self: SageMakerResponse) -> ActionResult:
    backend, request = backend_of(self), request_of(self)
    name = request["EndpointConfigName"]
    arn = arn_of(backend, "endpoint-config", name)
    if name in backend.endpoint_configs:
        raise ValidationError(message=f'Cannot create already existing endpoint configuration "{arn}".')
    variants = [*request["ProductionVariants"], *request.get("ShadowProductionVariants", [])]
    _check_variants(backend, variants)
    refuse_shadow(request)
    added = {"EndpointConfigArn": arn}
    # What the request leaves open, SageMaker fills in and tells.
    request["ProductionVariants"] = [{"InitialVariantWeight": 1.0, **item} for item in request["ProductionVariants"]]
    backend.endpoint_configs[name] = Stored(arn, request, request.get("Tags", []), added)
    return ActionResult({"EndpointConfigArn": arn})


def describe_endpoint_config(self: SageMakerResponse) -> ActionResult:
    configs = backend_of(self).endpoint_configs
    return ActionResult(_find(self, "endpoint-config", configs, "EndpointConfigName").described())


def list_endpoint_configs(self: SageMakerResponse) -> ActionResult:
    summaries = map(_summary("EndpointConfigName", "EndpointConfigArn"), backend_of(self).endpoint_configs.values())
    return listed(request_of(self), summaries, "EndpointConfigs", "EndpointConfigName")


def delete_endpoint_config(self: SageMakerResponse) -> ActionResult:
    configs = backend_of(self).endpoint_configs
    _find(self, "endpoint-config", configs, "EndpointConfigName")
    del configs[self.params["EndpointConfigName"]]
    return EmptyResult()


def add_tags(self: SageMakerModelBackend, arn: str, tags: list[dict[str, str]]) -> list[dict[str, str]]:
    resource = self._get_resource_from_arn(arn)
    merged = {tag["Key"]: tag["Value"] for tag in [*resource.tags, *tags]}
    resource.tags = kept = [{"Key": key, "Value": value} for key, value in merged.items()]
    return kept


_SPOKEN = {"endpoint-config": "endpoint configuration"}


def _summary(*keys: str) -> Callable[[Stored], dict[str, Any]]:
    def summarize(stored: Stored) -> dict[str, Any]:
        described = stored.described()
        return {key: described[key] for key in (*keys, "CreationTime")}

    return summarize


def _find(response: SageMakerResponse, kind: str, where: dict[str, Any], key: str) -> Any:
    name = response.params[key]
    if name not in where:
        arn = arn_of(response.sagemaker_backend, kind, name)
        raise ValidationError(message=f'Could not find {_SPOKEN.get(kind, kind)} "{arn}".')
    return where[name]


def _check_artifacts(backend: Any, container: dict[str, Any], role: str) -> None:
    url = container.get("ModelDataUrl", "")
    match = _S3_URL.match(url)
    if match is None:
        return
    buckets = s3_backends[backend.account_id]["aws"].buckets
    roles = {known.arn for known in iam_backends[backend.account_id]["aws"].roles.values()}
    bucket = buckets.get(match["bucket"])
    if role not in roles or bucket is None or bucket.keys.get(match["key"]) is None:
        raise ValidationError(
            message=(
                f"Could not access model data at {url}. Please ensure that the role "
                f'"{role}" exists and that its trust relationship policy allows the action "sts:AssumeRole" for the '
                'service principal "sagemaker.amazonaws.com". Also ensure that the role has "s3:GetObject" permissions '
                f"and that the object is located in {backend.region_name}."
            )
        )


def _check_variants(backend: Any, variants: list[dict[str, Any]]) -> None:
    names = [variant["VariantName"] for variant in variants]
    for name in names:
        if names.count(name) > 1:
            raise ValidationError(message=f'Variant name "{name}" is not unique within the endpoint configuration.')
    for variant in variants:
        model = variant.get("ModelName")
        if model is not None and model not in backend._models:
            raise ValidationError(message=f'Could not find model "{arn_of(backend, "model", model)}".')
        if bool(variant.get("ServerlessConfig")) == bool(variant.get("InstanceType")):
            raise ValidationError(
                message=f'Variant "{variant["VariantName"]}" must have either an InstanceType or a ServerlessConfig.'
            )
