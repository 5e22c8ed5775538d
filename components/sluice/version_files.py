"""The files of the project that a version consists of, and where what it loads is once a store has them."""

import os
from collections.abc import Mapping
from pathlib import Path

import pulumi

from sluice import version_containers
from sluice.checkpoint_store import ArtifactArgs, CheckpointStore, StoredVersionArgs
from sluice.manifest.load import find_root, inside
from sluice.manifest.lock import Locked
from sluice.manifest.pins import Pin
from sluice.retention import VersionRole

Url = pulumi.Input[str]


def is_file(locked: Locked) -> bool:
    """True when something that the version loads is a file of the project, which a CheckpointStore uploads."""
    weights = locked.weights
    pins = [it.pin for it in weights.containers] if weights.containers else [weights.pin]
    return any(_is_file(pin) for pin in pins)


def stored(locked: Locked, manifest: Path, role: VersionRole | None) -> StoredVersionArgs:
    """Returns a version as a CheckpointStore takes it."""
    weights = locked.weights
    artifact = _file(manifest, weights.pin, "weights", weights.build_command) if _is_file(weights.pin) else None
    several = {
        it.name: _file(manifest, it.pin, f"weights.containers.{it.name}", it.build_command)
        for it in weights.containers
        if it.pin is not None and _is_file(it.pin)
    }
    return StoredVersionArgs(
        name=locked.label,
        prefix=f"models/{locked.name}/{locked.version}/",
        role=role,
        artifact=artifact,
        containers=several or None,
        report=_report(locked, manifest),
    )


def model_data_url(locked: Locked, store: CheckpointStore) -> Url | None:
    """Returns where the store has the artifact of a version of one container; None when it has none."""
    return store.artifact_urls[locked.label] if _is_file(locked.weights.pin) else None


def container_urls(locked: Locked, store: CheckpointStore) -> dict[str, Url] | None:
    """Returns where the store has the artifacts of several containers, by their names; None when it has none."""
    names = [it.name for it in locked.weights.containers if _is_file(it.pin)]
    return {name: store.container_urls[locked.label][name] for name in names} or None


def artifact_urls(locked: Locked, store: CheckpointStore) -> list[Url]:
    """Returns where everything is that a version's containers load, in the store or where its lock says."""
    weights = locked.weights
    given: Mapping[str, Url] = container_urls(locked, store) or {}
    found = [version_containers.container_url(it, given) for it in weights.containers]
    if not weights.containers:
        found = [version_containers.artifact_url(locked, model_data_url(locked, store))]
    return [url for url in found if url is not None]


def _is_file(pin: Pin | None) -> bool:
    return pin is not None and pin.source == "file"


def _report(locked: Locked, manifest: Path) -> ArtifactArgs | None:
    report = locked.evaluation.report
    if report is None:
        return None
    path = _inside(manifest, report.path, "evaluation.report")
    return ArtifactArgs(path=path, sha256=report.digest.removeprefix("sha256:"))


def _file(manifest: Path, pin: Pin, at: str, build_command: str | None) -> ArtifactArgs:
    return ArtifactArgs(
        path=_inside(manifest, pin.reference, at),
        sha256=pin.digest.removeprefix("sha256:"),
        build_command=build_command,
    )


def _inside(manifest: Path, name: str, at: str) -> str:
    """Returns a file's path from the program's folder, so that the state is the same wherever the project is."""
    return os.path.relpath(inside(find_root(manifest), name, at, str(manifest)), Path.cwd().resolve())
