"""Makes the part of a lock that is about the model: one container, or several."""

from collections.abc import Callable, Sequence
from typing import Any

from sluice.manifest.canonical import digest
from sluice.manifest.containers import Container, ContainerArtifact
from sluice.manifest.lock import ContainerPin, Weights, containers_of
from sluice.manifest.model import Artifact, Model
from sluice.manifest.pins import Pin
from sluice.side_by_side import side_by_side
from sluice.sources import Context, kind_of_uri, source
from sluice.sources.errors import DigestMismatch


def weights_of(model: Model, context: Context) -> Weights:
    """
    Returns what a manifest's model was resolved to, with its container or containers.

    Raises SluiceError, and Unresolved with a problem for each of several containers that could not be.
    """
    if model.containers is not None:
        return _containers(model.containers, model.mode or "serial", context)
    if model.sagemaker is not None:
        packages: Any = source("sagemaker")
        weights: Weights = packages.weights(model.sagemaker, context)
        return weights
    if model.artifact is None:
        found = source(model.kind).resolve(model.chosen, context)
        return Weights(pin=found, image=getattr(model.chosen, "image", None) or found.facts.get("image"))
    artifact = model.artifact
    pin = _artifact(artifact, context)
    return Weights(pin=pin, image=artifact.image, build_command=artifact.build_command)


def _artifact(artifact: Artifact | ContainerArtifact, context: Context) -> Pin:
    pin = by_uri(artifact.uri, context)
    if artifact.sha256 is not None and artifact.sha256 != pin.digest:
        raise DigestMismatch(pin.source, artifact.uri, pin.digest, artifact.sha256)
    return pin


def _containers(containers: Sequence[Container], mode: str, context: Context) -> Weights:
    """Returns several containers, each artifact resolved, and one pin of them all."""
    parts = {container_path(index): _container(it, context) for index, it in enumerate(containers)}
    pins: list[ContainerPin] = side_by_side(parts)
    content = digest(containers_of(mode, pins))
    names = ", ".join(it.name for it in pins)
    warnings = [f"{it.name}: {it.pin.facts['warning']}" for it in pins if it.pin and "warning" in it.pin.facts]
    pin = Pin(
        source="containers",
        reference=names,
        immutable=content,
        digest=content,
        facts={"warning": "; ".join(warnings)} if warnings else {},
    )
    return Weights(pin=pin, mode=mode, containers=pins)


def _container(container: Container, context: Context) -> Callable[[], ContainerPin]:
    artifact = container.artifact

    def make() -> ContainerPin:
        return ContainerPin(
            name=container.name,
            image=container.image,
            pin=None if artifact is None else _artifact(artifact, context),
            environment=dict(container.environment or {}),
            build_command=None if artifact is None else artifact.build_command,
        )

    return make


def container_path(index: int) -> str:
    """Returns the key path of a container's artifact in the manifest."""
    return f"model.containers[{index}].artifact"


def by_uri(uri: str, context: Context) -> Pin:
    """Returns what a file of the project or a place in S3 holds."""
    return source(kind_of_uri(uri)).resolve(uri, context)
