"""
Model packages of SageMaker's Model Registry.

A package's ARN is no pin, because what it points at can be changed: its artifacts are resolved to digests, one by one.
"""

import re
from typing import Any

from sluice.manifest.canonical import digest
from sluice.manifest.lock import ContainerPin, Weights
from sluice.manifest.model import SagemakerModel
from sluice.manifest.pins import FilePin, Pin
from sluice.sources import Context, s3
from sluice.sources._aws import client, told
from sluice.sources.errors import NotPinned, SourceError

_ARN = re.compile(r"arn:aws[a-z-]*:sagemaker:(?P<region>[a-z0-9-]+):\d{12}:model-package/(?P<name>\S+)")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def resolve(reference: SagemakerModel, context: Context) -> Pin:
    """Returns what a package consists of: its images by digest, and its artifacts by content."""
    return weights(reference, context).pin


def weights(reference: SagemakerModel, context: Context) -> Weights:
    """Returns what `resolve` returns, with the package's container or, of a pipeline, its containers."""
    arn = reference.package
    match = _ARN.fullmatch(arn)
    if match is None:
        raise SourceError(
            f"{arn!r} is no model package; write arn:aws:sagemaker:<region>:<account>:model-package/<name>"
        )
    sagemaker = client("sagemaker", context.timeout, match["region"])
    with told("SageMaker", match["region"], f"model package {match['name']}", context.timeout):
        described = sagemaker.describe_model_package(ModelPackageName=arn)
    containers = described.get("InferenceSpecification", {}).get("Containers", [])
    if not containers:
        raise SourceError(f"SageMaker's package {match['name']} has no container; there is nothing to serve in it")
    images = [_image(container, match["name"]) for container in containers]
    artifacts = [_artifact(container, context) for container in containers]
    files = [_placed(file, index, len(containers)) for index, pin in enumerate(artifacts) for file in _files(pin)]
    parts = [
        {"image": image.rpartition("@")[2], "artifact": pin.digest if pin is not None else None}
        for image, pin in zip(images, artifacts, strict=True)
    ]
    # One model is known by its artifact alone, as everywhere else; its image is told apart from it.
    alone = artifacts[0] if len(artifacts) == 1 else None
    pin = Pin(
        source="sagemaker",
        reference=arn,
        immutable=arn,
        digest=alone.digest if alone is not None else digest({"containers": parts}),
        files=files,
        facts=_facts(described, images, containers),
    )
    if len(containers) == 1:
        return Weights(pin=pin, image=images[0])
    each = zip(_names(containers, match["name"]), images, artifacts, containers, strict=True)
    several = [
        ContainerPin(name=name, image=image, pin=artifact, environment=container.get("Environment", {}))
        for name, image, artifact, container in each
    ]
    # SageMaker calls the containers of a package one after the other.
    return Weights(pin=pin, mode="serial", containers=several)


def pinned(reference: SagemakerModel, pin: Pin) -> SagemakerModel:
    """Returns the same package: its digests are what holds it."""
    return reference


def _image(container: dict[str, Any], package: str) -> str:
    name, _, said = container.get("Image", "").partition("@")
    found = said or container.get("ImageDigest", "")
    if not _DIGEST.fullmatch(found):
        raise NotPinned(
            f"SageMaker's package {package} has the image {name!r} without a digest; register it with "
            f"{name.partition(':')[0]}@sha256:<digest>"
        )
    # A tag beside a digest says nothing any more; a port before the repository does.
    repository = re.sub(r":[^/:]+$", "", name)
    return f"{repository}@{found}"


def _names(containers: list[dict[str, Any]], package: str) -> list[str]:
    """Returns what containers are called; one without a name is called by its place."""
    names = [it.get("ContainerHostname") or f"container-{place}" for place, it in enumerate(containers, 1)]
    if len(set(names)) < len(names):
        told = ", ".join(names)
        raise SourceError(f"SageMaker's package {package} has containers of one name ({told}); register it with others")
    return names


def _artifact(container: dict[str, Any], context: Context) -> Pin | None:
    url = _url(container)
    return None if url is None else s3.resolve(url, context)


def _url(container: dict[str, Any]) -> str | None:
    source: dict[str, Any] = container.get("ModelDataSource", {}).get("S3DataSource", {})
    url: str | None = container.get("ModelDataUrl") or source.get("S3Uri")
    return url


def _files(pin: Pin | None) -> list[FilePin]:
    return [] if pin is None else pin.files


def _placed(file: FilePin, index: int, containers: int) -> FilePin:
    return file if containers == 1 else file.model_copy(update={"name": f"{index}/{file.name}"})


def _facts(described: dict[str, Any], images: list[str], containers: list[dict[str, Any]]) -> dict[str, str]:
    approval = described.get("ModelApprovalStatus", "not said")
    facts = {"approval": approval}
    if len(containers) == 1:
        facts["image"] = images[0]
        url = _url(containers[0])
        facts |= {"artifact": url} if url is not None else {}
    else:
        facts["images"] = ", ".join(images)
    if approval == "Rejected":
        facts["warning"] = "it was rejected in the registry"
    return facts
