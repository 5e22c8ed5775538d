"""Model versions in a project of a test's own: manifests, what they name, and their locks."""

from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from sluice.locking import lock
from sluice.manifest import lock as locks
from sluice.manifest.load import load
from sluice.sources import Context

DIGEST = f"sha256:{'a' * 64}"
IMAGE = f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/digits@{DIGEST}"


def write_manifest(root: Path, version: str = "1", name: str = "digits", **changes: Any) -> Path:
    """
    Writes a manifest, its artifact, report and contract; returns its path.

    `changes` are of the manifest's keys; None leaves one out. What an artifact holds depends on the version alone.
    """
    (root / "Pulumi.yaml").touch()
    for file, content in {
        f"build/{version}.tar.gz": f"weights {version}",
        f"reports/{version}.json": f'{{"accuracy": 0.{version}, "latency": {{"p95": 1.5}}}}',
        "contract.yaml": "accuracy: 0.1",
    }.items():
        (root / file).parent.mkdir(exist_ok=True)
        (root / file).write_text(content)
    evaluation_set = {"name": "holdout", "version": "1", "digest": DIGEST}
    document: dict[str, Any] = {
        "name": name,
        "version": version,
        "owner": {"team": "ml-platform", "contact": "#ml-platform"},
        "model": {"artifact": {"uri": f"build/{version}.tar.gz", "image": IMAGE}},
        "data": {"digest": {"name": "images", "sha256": DIGEST}},
        "evaluation": {"set": evaluation_set, "report": f"reports/{version}.json"},
        "inference": {"max_tokens": 1},
        "contract": "contract.yaml",
        **changes,
    }
    path = root / f"{name}-{version}.model.yaml"
    with path.open("w") as file_:
        YAML(typ="safe").dump({key: value for key, value in document.items() if value is not None}, file_)
    return path


def write_version(root: Path, version: str = "1", name: str = "digits", **changes: Any) -> Path:
    """Writes a manifest and its lock; returns the manifest's path."""
    path = write_manifest(root, version, name, **changes)
    file = load(path, root)
    locks.write(locks.path_for(path), lock(file, Context(root=root)))
    return path
