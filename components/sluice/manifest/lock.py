"""
The lock of a model version: what everything that its manifest refers to was resolved to.

Beside `v2.model.yaml` it is `v2.model.lock.json`: written by `sluice lock`, reviewed, committed, and never edited.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

from pydantic import Field, SerializerFunctionWrapHandler, ValidationError, model_serializer

from sluice.errors import InvalidFile, Problem
from sluice.manifest.canonical import digest
from sluice.manifest.pins import LockModel, Pin
from sluice.manifest.yaml_text import read_text
from sluice.validation import problems_of

FORMAT = 1
"""Counts up when a lock of before means something else now."""


class AdapterPin(LockModel):
    """One adapter."""

    name: str
    kind: str
    rank: int
    base: str
    """The digest of the weights that it was trained on."""
    pin: Pin


class ContainerPin(LockModel):
    """One of several containers."""

    name: str
    image: str
    """By digest."""
    pin: Pin | None = None
    """What it loads. None where all is in the image."""
    environment: dict[str, str] = Field(default_factory=dict)
    """What the version, not a deployment, puts into its environment."""
    build_command: str | None = None
    """What makes the artifact, for whoever does not have it. In no digest."""


class Weights(LockModel):
    """The model, and the container or containers that run it."""

    pin: Pin
    """Of several containers: of all of them together."""
    image: str | None = None
    """By digest. None where none is made, and where there are several containers."""
    build_command: str | None = None
    """What makes the artifact, for whoever does not have it. In no digest."""
    mode: str | None = None
    """How requests reach several containers: `serial` or `direct`."""
    containers: list[ContainerPin] = Field(default_factory=list)
    """Several containers, in the order of their calls; empty where there is one, or none."""

    @property
    def images(self) -> list[str]:
        """All images, by digest."""
        return [it.image for it in self.containers] or ([self.image] if self.image is not None else [])

    @model_serializer(mode="wrap")
    def _without_what_is_for_several(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        # So that the lock of a version with one container is the text that it always was.
        kept: dict[str, Any] = handler(self)
        return kept if self.containers else {key: kept[key] for key in kept if key not in ("mode", "containers")}


class ReportPin(LockModel):
    """What an evaluation found, in a file."""

    path: str
    digest: str
    metrics: dict[str, float] = Field(default_factory=dict)
    """Its numbers by their key paths, for whoever compares versions; the digest is what counts."""


class EvaluationPin(LockModel):
    """The questions, and what the version answered."""

    set: dict[str, str]
    """Name, version and digest of the evaluation set."""
    report: ReportPin | None = None
    """None where the version has not been evaluated yet."""


class DataPin(LockModel):
    """The snapshot of the data, or the prompt."""

    pin: Pin
    preprocessing: str | None = None
    validation: dict[str, Any] | None = None


class Locked(LockModel):
    """A model version, immutable."""

    format: int = FORMAT
    manifest_digest: str
    """The digest of the manifest's text: tells a lock that is older than its manifest."""
    name: str
    version: str
    owner: dict[str, str]
    subject_digest: str
    """Of weights, adapters, data and inference configuration: what an evaluation is about."""
    version_digest: str
    """Of the subject, the evaluation and the contract."""
    weights: Weights
    adapters: list[AdapterPin] = Field(default_factory=list)
    architecture: str | None = None
    data: DataPin
    inference: dict[str, Any]
    """The inference configuration, whole."""
    evaluation: EvaluationPin
    contract: Pin | None = None
    life: dict[str, str] | None = None
    licence: str | None = None
    """Under which licence it may be used. In no digest."""

    @model_serializer(mode="wrap")
    def _without_what_is_not_said(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        # So that the lock of a version that names no licence is the text that it always was.
        kept: dict[str, Any] = handler(self)
        return kept if self.licence is not None else {key: kept[key] for key in kept if key != "licence"}

    @property
    def label(self) -> str:
        """`digits@2`: how people and messages name the version."""
        return f"{self.name}@{self.version}"


def subject_of(
    weights: Weights, adapters: list[AdapterPin], data: DataPin, inference: dict[str, Any]
) -> dict[str, Any]:
    """Returns what the subject digest covers: contents, never the places where they are kept."""
    return {
        "weights": {
            "content": weights.pin.digest,
            "image": _image_digest(weights.image),
            **({"containers": containers_of(weights.mode, weights.containers)} if weights.containers else {}),
        },
        "adapters": [
            {"content": it.pin.digest, "kind": it.kind, "rank": it.rank, "base": it.base}
            for it in sorted(adapters, key=lambda it: it.name)
        ],
        "data": {"content": data.pin.digest, "preprocessing": data.preprocessing, "validation": data.validation},
        "inference": inference,
    }


def containers_of(mode: str | None, containers: list[ContainerPin]) -> dict[str, Any]:
    """Returns what digests cover of several containers; their order counts, and so do their names."""
    told = [
        {
            "name": it.name,
            "content": None if it.pin is None else it.pin.digest,
            "image": _image_digest(it.image),
            "environment": it.environment,
        }
        for it in containers
    ]
    return {"mode": mode, "containers": told}


def version_of(subject_digest: str, evaluation: EvaluationPin, contract: Pin | None) -> dict[str, Any]:
    """Returns what the version digest covers."""
    report = evaluation.report
    return {
        "subject": subject_digest,
        "evaluation": {"set": evaluation.set, "report": None if report is None else report.digest},
        "contract": None if contract is None else contract.digest,
    }


def path_for(manifest: Path) -> Path:
    """Returns where the lock of a manifest is."""
    return manifest.with_suffix(".lock.json")


def write(path: Path, locked: Locked) -> None:
    """Writes a lock at once: a reader sees the old one or the new one. Raises OSError."""
    partial = path.with_name(f".{path.name}.part")
    partial.write_text(text_of(locked), encoding="utf-8")
    partial.replace(path)


def text_of(locked: Locked) -> str:
    """Returns a lock as it is written."""
    return json.dumps(locked.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n"


def read(manifest: Path) -> Locked:
    """
    Returns the lock of a manifest: no network, and nothing that takes long.

    Raises InvalidFile when there is none, when it is older than the manifest, or when somebody has edited it.
    """
    path, fix = path_for(manifest), f"run: sluice lock {manifest}"
    if not path.is_file():
        raise InvalidFile(str(path), [Problem("", f"is missing; {fix}")])
    try:
        locked = Locked.model_validate_json(read_text(path))
    except ValidationError as error:
        raise InvalidFile(str(path), [*problems_of(Locked, error), Problem("", f"is no lock; {fix}")]) from None
    if locked.format != FORMAT:
        raise InvalidFile(str(path), [Problem("format", f"is {locked.format}; this Sluice reads {FORMAT}; {fix}")])
    if locked.manifest_digest != text_digest(read_text(manifest)):
        raise InvalidFile(str(path), [Problem("", f"is older than its manifest {manifest.name}; {fix}")])
    _verify(locked, str(path), fix)
    return locked


def text_digest(content: bytes) -> str:
    """Returns the digest of a text as it is."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _verify(locked: Locked, path: str, fix: str) -> None:
    subject = digest(subject_of(locked.weights, locked.adapters, locked.data, locked.inference))
    version = digest(version_of(subject, locked.evaluation, locked.contract))
    problems = [
        Problem(key, f"is {said}, but what the lock holds makes {found}; a lock is not edited; {fix}")
        for key, said, found in (
            ("subject_digest", locked.subject_digest, subject),
            ("version_digest", locked.version_digest, version),
        )
        if said != found
    ]
    if problems:
        raise InvalidFile(path, problems)


def _image_digest(image: str | None) -> str | None:
    return None if image is None else image.rpartition("@")[2]
