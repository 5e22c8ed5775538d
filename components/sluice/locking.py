"""Makes the lock of a manifest, and proves that the world still is what a lock says."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sluice.errors import InvalidFile, Problem, SluiceError
from sluice.evaluation.report import parse_report
from sluice.manifest.canonical import digest, digest_of_files
from sluice.manifest.load import ManifestFile, inside
from sluice.manifest.lock import (
    AdapterPin,
    DataPin,
    EvaluationPin,
    Locked,
    ReportPin,
    subject_of,
    text_digest,
    version_of,
)
from sluice.manifest.metrics import metrics_of
from sluice.manifest.model import Adapter
from sluice.manifest.pins import Pin
from sluice.side_by_side import Unresolved, side_by_side
from sluice.sources import Context, kind_of_uri, source
from sluice.weights_locking import by_uri, container_path, weights_of


def lock(file: ManifestFile, context: Context) -> Locked:
    """
    Returns the lock of a manifest, everything that it refers to resolved.

    Raises InvalidFile with a problem for each reference that could not be.
    """
    manifest = file.manifest
    parts: dict[str, Callable[[], Any]] = {
        f"model.{manifest.model.kind}": lambda: weights_of(manifest.model, context),
        f"data.{manifest.data.kind}": lambda: _data(file, context),
        "evaluation.report": lambda: _evaluation(file, context),
        "contract": lambda: _optional_file(manifest.contract, context),
        **{f"adapters[{index}]": _adapter(it, context) for index, it in enumerate(manifest.adapters or [])},
    }
    weights, data, evaluation, contract, *adapters = _all(parts, file)
    # In its JSON mode pydantic would make null of an infinity.
    inference = file.inference.model_dump(exclude_none=True)
    try:
        subject = digest(subject_of(weights, adapters, data, inference))
    except SluiceError as error:
        raise InvalidFile(str(file.path), [Problem("inference:", str(error))]) from None
    life = manifest.life.model_dump(mode="json", exclude_none=True) if manifest.life else None
    return Locked(
        manifest_digest=text_digest(file.content),
        name=manifest.name,
        version=manifest.version,
        owner=manifest.owner.model_dump(),
        subject_digest=subject,
        version_digest=digest(version_of(subject, evaluation, contract)),
        weights=weights,
        adapters=adapters,
        architecture=manifest.architecture,
        data=data,
        inference=inference,
        evaluation=evaluation,
        contract=contract,
        life=life,
        licence=manifest.licence,
    )


def with_evidence(locked: Locked, file: ManifestFile, context: Context) -> Locked:
    """
    Returns a lock with the report and the contract as they are now; nothing else is asked for.

    Raises InvalidFile when either cannot be read.
    """
    parts: dict[str, Callable[[], Any]] = {
        "evaluation.report": lambda: _evaluation(file, context),
        "contract": lambda: _optional_file(file.manifest.contract, context),
    }
    evaluation, contract = _all(parts, file)
    made = {
        "manifest_digest": text_digest(file.content),
        "evaluation": evaluation,
        "contract": contract,
        "version_digest": digest(version_of(locked.subject_digest, evaluation, contract)),
    }
    return locked.model_copy(update=made)


@dataclass(frozen=True)
class Moved:
    """Something that is not what it was when it was locked."""

    part: str
    """The key path in the manifest."""
    what: str
    """What was locked and what is there."""


def verify(file: ManifestFile, locked: Locked, context: Context) -> list[Moved]:
    """
    Returns what has moved since the lock was made: nothing, when the world still holds what was locked.

    Asks every source for exactly what was locked, so that an alias that points elsewhere by now is no move.
    Raises InvalidFile with a problem for each source that could not be asked.
    """
    manifest = file.manifest
    parts: dict[str, Callable[[], Any]] = {
        **_moves_of_model(file, locked, context),
        f"data.{manifest.data.kind}": lambda: list(_moves_of_data(file, locked, context)),
    }
    for index, (adapter, pin) in enumerate(zip(manifest.adapters or [], locked.adapters, strict=True)):
        path = f"adapters[{index}]"
        parts[path] = _moves_of_uri(path, adapter.uri, pin.pin, context)
    for path, name, found in (
        ("evaluation.report", manifest.evaluation.report, locked.evaluation.report),
        ("contract", manifest.contract, locked.contract),
    ):
        if name is not None and found is not None:
            parts[path] = _moves_of_file(path, name, found.digest, context)
    return [moved for found in _all(parts, file) for moved in found]


def _all(parts: dict[str, Callable[[], Any]], file: ManifestFile) -> list[Any]:
    """Does all parts side by side, and returns what they return, in order; raises InvalidFile with all problems."""
    try:
        return side_by_side(parts)
    except Unresolved as error:
        raise InvalidFile(str(file.path), error.problems) from None


def _adapter(adapter: Adapter, context: Context) -> Callable[[], AdapterPin]:
    def make() -> AdapterPin:
        pin = by_uri(adapter.uri, context)
        return AdapterPin(name=adapter.name, kind=adapter.kind, rank=adapter.rank, base=adapter.base.digest, pin=pin)

    return make


def _data(file: ManifestFile, context: Context) -> DataPin:
    data = file.manifest.data
    validation = data.validation.model_dump(exclude_none=True) if data.validation else None
    return DataPin(pin=_data_pin(file, context), preprocessing=data.preprocessing, validation=validation)


def _data_pin(file: ManifestFile, context: Context) -> Pin:
    data = file.manifest.data
    if data.digest is not None:
        known = data.digest
        return Pin(source="digest", reference=known.name, immutable=known.sha256, digest=known.sha256)
    if data.prompt is None:
        return source(data.kind).resolve(data.chosen, context)
    prompt = data.prompt
    files = {"template": prompt.template, **({"examples": prompt.examples} if prompt.examples else {})}
    pins = {role: _file(name, context) for role, name in files.items()}
    content = digest_of_files({role: pin.digest for role, pin in pins.items()})
    found = [pin.files[0].model_copy(update={"name": files[role]}) for role, pin in pins.items()]
    return Pin(source="prompt", reference=prompt.template, immutable=content, digest=content, files=found)


def _evaluation(file: ManifestFile, context: Context) -> EvaluationPin:
    evaluation = file.manifest.evaluation
    report = evaluation.report
    pinned = None
    if report is not None:
        digest_ = _file(report, context).digest
        content = inside(context.root, report, "evaluation.report", str(file.path)).read_bytes()
        pinned = ReportPin(path=report, digest=digest_, metrics=_figures(content, report))
    return EvaluationPin(set=evaluation.set.model_dump(), report=pinned)


def _figures(content: bytes, name: str) -> dict[str, float]:
    """Returns the foremost numbers of one of Sluice's reports, or every number of somebody else's."""
    try:
        return parse_report(content, name).figures()
    except InvalidFile:
        return metrics_of(content)


def _optional_file(name: str | None, context: Context) -> Pin | None:
    return None if name is None else _file(name, context)


def _file(name: str, context: Context) -> Pin:
    return source("file").resolve(name, context)


def _moves_of_model(file: ManifestFile, locked: Locked, context: Context) -> dict[str, Callable[[], list[Moved]]]:
    """Returns what tells the moves of a model, or of each of its containers that loads something."""
    model, pin = file.manifest.model, locked.weights.pin
    if model.containers is not None:
        each = enumerate(zip(model.containers, locked.weights.containers, strict=True))
        return {
            path: _moves_of_uri(path, container.artifact.uri, found.pin, context)
            for path, container, found in ((container_path(index), *both) for index, both in each)
            if container.artifact is not None and found.pin is not None
        }
    path = f"model.{model.kind}"
    if model.artifact is not None:
        return {path: _moves_of_uri(path, model.artifact.uri, pin, context)}

    def moves() -> list[Moved]:
        asked = source(model.kind)
        return list(_moves(path, pin, asked.resolve(asked.pinned(model.chosen, pin), context)))

    return {path: moves}


def _moves_of_data(file: ManifestFile, locked: Locked, context: Context) -> Iterator[Moved]:
    data, pin = file.manifest.data, locked.data.pin
    if data.prompt is not None:
        yield from _moves("data.prompt", pin, _data_pin(file, context))
    elif data.digest is None:
        asked = source(data.kind)
        yield from _moves(f"data.{data.kind}", pin, asked.resolve(asked.pinned(data.chosen, pin), context))


def _moves_of_uri(path: str, uri: str, pin: Pin, context: Context) -> Callable[[], list[Moved]]:
    asked = source(kind_of_uri(uri))
    return lambda: list(_moves(path, pin, asked.resolve(asked.pinned(uri, pin), context)))


def _moves_of_file(path: str, name: str, digest_: str, context: Context) -> Callable[[], list[Moved]]:
    def moves() -> list[Moved]:
        found = _file(name, context).digest
        return [] if found == digest_ else [Moved(path, f"{name} was {digest_}, is {found}")]

    return moves


def _moves(path: str, before: Pin, now: Pin) -> Iterator[Moved]:
    if before.digest == now.digest:
        return
    old, new = ({file.name: file.digest for file in pin.files} for pin in (before, now))
    told = list(_file_moves(path, old, new))
    yield from told or [Moved(path, f"{before.immutable} was {before.digest}, is {now.digest}")]


def _file_moves(path: str, old: dict[str, str], new: dict[str, str]) -> Iterator[Moved]:
    for name in sorted({*old, *new}):
        if name not in new:
            yield Moved(path, f"{name} is gone")
        elif name not in old:
            yield Moved(path, f"{name} is new")
        elif old[name] != new[name]:
            yield Moved(path, f"{name} was {old[name]}, is {new[name]}")


def two_with_one_version(files: Sequence[ManifestFile]) -> list[Problem]:
    """Returns a problem for every version that more than one manifest claims."""
    owners: dict[str, ManifestFile] = {}
    problems = []
    for file in files:
        first = owners.setdefault(file.manifest.label, file)
        if first is not file:
            problems.append(
                Problem(str(file.path), f"is {file.manifest.label}, as {first.path} is; give it another version")
            )
    return problems
