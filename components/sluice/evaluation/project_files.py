"""Which files of a project an evaluation that runs elsewhere needs."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sluice.evaluation.contract import Contract
from sluice.evaluation.plan import PlanFile
from sluice.manifest import lock as locks
from sluice.manifest.load import ManifestFile, find_root
from sluice.manifest.lock import Locked
from sluice.manifest.yaml_model import read_model


def files_of(file: ManifestFile, locked: Locked, plan: PlanFile, *, weights: bool = True) -> list[str]:
    """
    Returns the files, from the project's root, each once; those of the weights only when they are asked for.

    Whatever the options of target and scorers name that is a file of the project is one of them; of a folder that they
    name, all that is not hidden.
    """
    lock = locks.path_for(file.path)
    given = [file.path, lock if lock.exists() else None, plan.path, plan.set_path, plan.adversarial_path]
    names = [_inside(file, path) for path in given if path is not None]
    names += [pin.name for pin in locked.data.pin.files if locked.data.pin.source == "prompt"]
    pins = [locked.weights.pin, *(it.pin for it in locked.weights.containers)] if weights else []
    names += [pin.reference for pin in pins if pin is not None and pin.source == "file"]
    names += [_inside(file, path) for path in _named(file, plan)]
    if file.manifest.contract is not None:
        names.append(str(file.manifest.contract))
    names += ["Pulumi.yaml"] if (find_root(file.path) / "Pulumi.yaml").is_file() else []
    return list(dict.fromkeys(names))


def _named(file: ManifestFile, plan: PlanFile) -> Iterator[Path]:
    options: list[Any] = [plan.plan.target_document()]
    if file.manifest.contract is not None:
        contract = read_model(Contract, file.file(file.manifest.contract, "contract"))
        metrics = [*contract.metrics.values(), *(contract.adversarial.metrics.values() if contract.adversarial else ())]
        options += [metric.scorer for metric in metrics]
    for text in _texts(options):
        path = (file.root / text).resolve()
        if path.is_relative_to(file.root.resolve()):
            yield from _visible(path) if path.is_dir() else [path] if path.is_file() else []


def _texts(options: Any) -> Iterator[str]:
    """Yields the texts in options, however deep. One that is too long is the name of no file."""
    if isinstance(options, str):
        if 0 < len(options) < 256 and options.isprintable():
            yield options
    elif isinstance(options, dict):
        for value in options.values():
            yield from _texts(value)
    elif isinstance(options, list):
        for value in options:
            yield from _texts(value)


def _visible(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name.startswith((".", "__pycache__")):
            continue
        if path.is_dir():
            yield from _visible(path)
        elif path.is_file():
            yield path


def _inside(file: ManifestFile, path: Path) -> str:
    return str(path.absolute().relative_to(file.root))
