"""Reads manifests and the files that they name."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from sluice.errors import InvalidFile, Problem
from sluice.manifest.base import ManifestModel
from sluice.manifest.inference import InferenceConfig, InferenceFile
from sluice.manifest.schema import Manifest
from sluice.manifest.yaml_text import Lines, parse, read_text
from sluice.validation import location_of, problems_of

M = TypeVar("M", bound=ManifestModel)


@dataclass(frozen=True)
class ManifestFile:
    """A manifest, and where it is."""

    path: Path
    root: Path
    """The project's folder: what the manifest names is in it, by paths from there."""
    content: bytes
    manifest: Manifest
    inference: InferenceConfig
    """The inference configuration, read from its file if it has one."""

    def file(self, name: str, key: str) -> Path:
        """Returns a file of the project that the manifest names under `key`. Raises InvalidFile when it is none."""
        return inside(self.root, name, key, str(self.path))


def load(path: Path, root: Path | None = None) -> ManifestFile:
    """
    Returns the manifest of a file.

    `root` is the project's folder; omitted, it is the nearest one above with a `Pulumi.yaml`, or the manifest's own.
    Raises InvalidFile with every problem, each with its line and key path.
    """
    path = path.absolute()
    root = (root or find_root(path)).absolute()
    content = read_text(path)
    manifest = _validated(Manifest, path, *parse(path, content))
    inference = manifest.inference
    if isinstance(inference, InferenceFile):
        file = inside(root, inference.file, "inference.file", str(path))
        inference = _validated(InferenceConfig, file, *parse(file, read_text(file)))
    return ManifestFile(path, root, content, manifest, inference)


def find_root(path: Path) -> Path:
    """Returns the project's folder of a file in it."""
    for folder in path.parents:
        if (folder / "Pulumi.yaml").is_file():
            return folder
    return path.parent


def inside(root: Path, name: str, key: str, file: str) -> Path:
    """
    Returns a path within a folder.

    Raises InvalidFile, naming `key` of `file`, when it leads out of the folder, by `..`, by a link or from the root.
    """
    resolved = (root / name).resolve()
    if Path(name).is_absolute() or not resolved.is_relative_to(root.resolve()):
        raise InvalidFile(file, [Problem(key, f"is {name!r}, which is outside of {root}; name a file of the project")])
    return resolved


def _validated(model: type[M], path: Path, document: dict[str, Any], lines: Lines) -> M:
    try:
        return model.model_validate(document)
    except ValidationError as error:
        at = location_of(error)
        problems = [
            Problem(
                f"line {_line(lines, at.get(problem.path.removesuffix(':'), ()))}: {problem.path}".rstrip(),
                problem.message,
            )
            for problem in problems_of(model, error)
        ]
        raise InvalidFile(str(path), problems) from None


def _line(lines: Lines, location: tuple[str | int, ...]) -> int:
    # What is missing has no line; where it should be has one.
    while location and location not in lines:
        location = location[:-1]
    return lines.get(location, 1)
