"""Reads manifests and the files that they name."""

import os
from dataclasses import dataclass
from pathlib import Path

from sluice.errors import InvalidFile, Problem
from sluice.manifest.inference import InferenceConfig, InferenceFile
from sluice.manifest.schema import Manifest
from sluice.manifest.yaml_model import validated
from sluice.manifest.yaml_text import parse, read_text


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
    manifest = validated(Manifest, path, *parse(path, content))
    inference = manifest.inference
    if isinstance(inference, InferenceFile):
        file = inside(root, inference.file, "inference.file", str(path))
        inference = validated(InferenceConfig, file, *parse(file, read_text(file)))
    return ManifestFile(path, root, content, manifest, inference)


def find_root(path: Path) -> Path:
    """Returns the project's folder of a file in it."""
    # `a/../b` is not in `a`; links are followed as they are written.
    for folder in Path(os.path.normpath(path)).parents:
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
