"""Model versions in a project of a test's own: manifests, what they name, and their locks."""

from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from sluice.locking import lock
from sluice.manifest import lock as locks
from sluice.manifest.load import load
from sluice.manifest.lock import text_digest
from sluice.sources import Context
from tests.support.evidence import DIGEST, contract_text, report_for

CONTRACT = contract_text()
IMAGE = f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/digits@{DIGEST}"


def write_manifest(root: Path, version: str = "1", name: str = "digits", **changes: Any) -> Path:
    """
    Writes a manifest, its artifact, report and contract; returns its path.

    `changes` are of the manifest's keys; None leaves one out. What an artifact holds depends on the version alone.
    """
    (root / "Pulumi.yaml").touch()
    for file, content in {
        f"build/{version}.tar.gz": f"weights {version}",
        f"reports/{version}.json": "{}",
        "contract.yaml": CONTRACT,
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
    """Writes a manifest, a report that meets its contract, and its lock; returns the manifest's path."""
    path = write_manifest(root, version, name, **changes)
    write_lock(root, path)
    named = load(path, root).manifest.evaluation.report
    if named is not None:
        (root / named).write_text(report_for(locks.read(path), text_digest(CONTRACT.encode())).text())
        write_lock(root, path)
    return path


def write_lock(root: Path, manifest: Path) -> None:
    """Writes the lock of a manifest."""
    locks.write(locks.path_for(manifest), lock(load(manifest, root), Context(root=root)))
