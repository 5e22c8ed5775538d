"""`sluice lock`, `sluice verify` and `sluice schema`: manifests and what they refer to."""

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn
from rich.text import Text

from sluice.errors import InvalidInput, Problem, SluiceError

if TYPE_CHECKING:
    from pydantic import BaseModel

    from sluice.manifest.load import ManifestFile
    from sluice.manifest.lock import Locked
    from sluice.sources import Context

G = TypeVar("G")
T = TypeVar("T")
SUFFIX = ".model.yaml"
"""How the names of manifests end, so that they are found in a folder."""

Manifests = Annotated[
    list[Path] | None,
    typer.Argument(help=f"Manifests, or folders with manifests (*{SUFFIX}). Omitted: the current folder.", exists=True),
]
Timeout = Annotated[float, typer.Option("--timeout", min=0.1, help="Seconds to wait for an answer of a source.")]
Jobs = Annotated[int, typer.Option("--jobs", "-j", min=1, max=64, help="How many manifests at a time.")]


def lock(
    manifests: Manifests = None,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; end with 1 if a lock is not current.")] = False,
    timeout: Timeout = 30.0,
    jobs: Jobs = 8,
) -> None:
    """Resolve everything that manifests refer to, and write it down in their locks."""
    from sluice.locking import lock as make_lock
    from sluice.manifest import lock as locks
    from sluice.manifest.released import edit_of_released

    files = _load(manifests)
    with _context(timeout) as context:
        made = _each(files, lambda file: make_lock(file, _at(context, file)), jobs)
    problems = [
        problem
        for file, locked in zip(files, made, strict=True)
        if (problem := edit_of_released(locks.path_for(file.path), locked)) is not None
    ]
    if problems:
        raise InvalidInput("lock", problems)
    console, stale = Console(), False
    for file, locked in zip(files, made, strict=True):
        path = locks.path_for(file.path)
        current = locks.text_of(locked) == (path.read_text(encoding="utf-8") if path.exists() else None)
        stale = stale or not current
        if not (check or current):
            locks.write(path, locked)
        state = "current" if current else "not current" if check else "locked"
        console.print(
            Text(
                f"{locked.label}  {state}  subject {_short(locked.subject_digest)}  "
                f"version {_short(locked.version_digest)}"
            )
        )
        for warning in _warnings(locked):
            console.print(Text(f"  warning: {warning}", "yellow"))
    if check and stale:
        raise typer.Exit(1)


def verify(manifests: Manifests = None, timeout: Timeout = 30.0, jobs: Jobs = 8) -> None:
    """Prove that what the world holds now is still what was locked; end with 1 and what moved if it is not."""
    from sluice.locking import verify as find_moves
    from sluice.manifest import lock as locks

    files = _load(manifests)
    with _context(timeout) as context:
        moves = _each(files, lambda file: find_moves(file, locks.read(file.path), _at(context, file)), jobs)
    console = Console()
    for file, moved in zip(files, moves, strict=True):
        console.print(Text(f"{file.manifest.label}  {'moved' if moved else 'as locked'}", "red" if moved else ""))
        for move in moved:
            console.print(Text(f"  {move.part}: {move.what}"), soft_wrap=True)
    if any(moves):
        raise typer.Exit(1)


class Document(StrEnum):
    """What people write."""

    MANIFEST = "manifest"
    CONTRACT = "contract"
    PLAN = "plan"


def schema(
    of: Annotated[Document, typer.Option("--of", help="Of which kind of file.")] = Document.MANIFEST,
) -> None:
    """Print the JSON Schema of a kind of file: `# yaml-language-server: $schema=<file>` on its first line."""
    typer.echo(json.dumps(_model(of).model_json_schema(), indent=2))


def _model(of: Document) -> "type[BaseModel]":
    match of:
        case Document.CONTRACT:
            from sluice.evaluation.contract import Contract

            return Contract
        case Document.PLAN:
            from sluice.evaluation.plan import Plan

            return Plan
        case Document.MANIFEST:
            from sluice.manifest.schema import Manifest

            return Manifest


def _load(given: Sequence[Path] | None) -> "list[ManifestFile]":
    from sluice.locking import two_with_one_version
    from sluice.manifest.load import load

    paths = [path for place in given or [Path()] for path in _found(place)]
    if not paths:
        raise SluiceError(f"no manifest found; name one, or a folder with files that end in {SUFFIX}")
    files = _each(paths, load, jobs=1)
    if problems := two_with_one_version(files):
        raise InvalidInput("manifests", problems)
    return files


def _found(place: Path) -> list[Path]:
    return sorted(place.rglob(f"*{SUFFIX}")) if place.is_dir() else [place]


def _each(given: Sequence[G], work: Callable[[G], T], jobs: int) -> list[T]:
    """Does something for each, several at a time; raises what went wrong with all of them, together."""
    results: list[T] = []
    failures: list[SluiceError] = []
    with ThreadPoolExecutor(jobs) as pool:
        for future in [pool.submit(work, it) for it in given]:
            try:
                results.append(future.result())
            except SluiceError as error:
                failures.append(error)
    if len(failures) == 1:
        raise failures[0]
    if failures:
        raise InvalidInput("manifests", [Problem("", str(failure).replace("\n", "\n  ")) for failure in failures])
    return results


def _at(context: "Context", file: "ManifestFile") -> "Context":
    from dataclasses import replace

    return replace(context, root=file.root)


@contextmanager
def _context(timeout: float) -> "Iterator[Context]":
    """Gives what sources need, with a bar for each file that takes its time where a terminal shows it."""
    from sluice.sources import Context

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:
        tasks: dict[str, object] = {}

        def show(name: str, done: int, total: int | None) -> None:
            task = tasks.get(name)
            if task is None:
                task = tasks[name] = bars.add_task(name, total=total)
            bars.update(task, completed=done)  # type: ignore[arg-type]

        yield Context(root=Path(), timeout=timeout, progress=show)


def _warnings(locked: "Locked") -> Iterator[str]:
    for pin in (locked.weights.pin, locked.data.pin, *(adapter.pin for adapter in locked.adapters)):
        if "warning" in pin.facts:
            yield pin.facts["warning"]


def _short(digest: str) -> str:
    return digest.removeprefix("sha256:")[:12]
