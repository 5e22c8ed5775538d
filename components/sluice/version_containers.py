"""What SageMaker is to run for a version: one container, or several that are one model."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pulumi

from sluice.manifest.lock import ContainerPin, Locked
from sluice.model_package import PackagedContainerArgs

if TYPE_CHECKING:
    from sluice.model_version import ModelVersionArgs

Url = pulumi.Input[str] | None


def containers_of(locked: Locked, args: "ModelVersionArgs") -> dict[str, Any]:
    """Returns the arguments of SageMaker's model that say which containers it has."""
    weights = locked.weights
    if not weights.containers:
        container = _container(locked, args, weights.image, artifact_url(locked, args.model_data_url), {})
        sources = _adapter_sources(locked, args.adapter_urls or {})
        return {"primary_container": container | {"additional_model_data_sources": sources}}
    return {
        "containers": [
            {
                "container_hostname": it.name,
                **_container(locked, args, it.image, container_url(it, args.container_urls or {}), it.environment),
            }
            for it in weights.containers
        ],
        "inference_execution_config": {"mode": str(weights.mode).capitalize()},
    }


def packaged_containers(locked: Locked, args: "ModelVersionArgs") -> dict[str, Any]:
    """Returns the arguments of a model package that say which containers it has."""
    weights, urls = locked.weights, args.container_urls or {}
    if not weights.containers:
        return {"image": weights.image, "model_data_url": artifact_url(locked, args.model_data_url)}
    several = [
        PackagedContainerArgs(
            name=it.name,
            image=it.image,
            model_data_url=container_url(it, urls),
            environment=dict(it.environment) or None,
        )
        for it in weights.containers
    ]
    return {"containers": several}


def artifact_url(locked: Locked, given: Url) -> Url:
    """Returns where a version's artifact is: as given, or where its lock says."""
    if given is not None:
        return given
    pin = locked.weights.pin
    return pin.reference if pin.source == "s3" else pin.facts.get("artifact")


def container_url(container: ContainerPin, given: Mapping[str, pulumi.Input[str]]) -> Url:
    """Returns where the artifact of one of several containers is: as given, or in S3; None where it has none."""
    if container.name in given:
        return given[container.name]
    return container.pin.reference if container.pin is not None and container.pin.source == "s3" else None


def _container(
    locked: Locked, args: "ModelVersionArgs", image: str | None, url: Url, environment: dict[str, str]
) -> dict[str, Any]:
    return {
        "image": image,
        "model_data_url": url,
        # For the container's logs: what it is of. Neither changes when a version is evaluated again.
        "environment": {
            **(args.environment or {}),
            **environment,
            "SLUICE_VERSION": locked.label,
            "SLUICE_SUBJECT_DIGEST": locked.subject_digest,
        },
        "image_config": _image_config(args),
    }


def _image_config(args: "ModelVersionArgs") -> dict[str, Any] | None:
    if args.registry_access is None:
        return None
    provider = args.registry_access.credentials_provider_arn
    given = None if provider is None else {"repository_credentials_provider_arn": provider}
    return {"repository_access_mode": "Vpc", "repository_auth_config": given}


def _adapter_sources(locked: Locked, given: dict[str, pulumi.Input[str]]) -> list[dict[str, Any]] | None:
    """Returns where SageMaker puts adapters: below `/opt/ml/additional-model-data-sources/<name>`."""
    return [
        {
            "channel_name": adapter.name,
            "s3_data_sources": [
                {
                    "s3_uri": given.get(adapter.name, adapter.pin.reference),
                    "s3_data_type": "S3Prefix" if len(adapter.pin.files) > 1 else "S3Object",
                    "compression_type": "None",
                }
            ],
        }
        for adapter in locked.adapters
    ] or None
