"""A packed model on this machine, asked through its own inference code, as a serving container would."""

import asyncio
import os
import shutil
import sys
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pydantic import Field

from sluice.errors import InvalidInput, Problem, SluiceError
from sluice.evaluation.archives import BrokenArchive, unpack
from sluice.evaluation.failures import AskFailed, Failure
from sluice.evaluation.secrets import filled
from sluice.evaluation.subject import Subject
from sluice.evaluation.targets import BaseTarget, Context, Reply
from sluice.evaluation.targets._artifact_process import Recipe, Worker
from sluice.manifest.base import ManifestModel, Text
from sluice.sources.hashing import hash_file

_SCRIPT = Path(__file__).with_name("_artifact_worker.py")
_BY_CONTENT = ("file", "s3")
"""Sources whose digest of an artifact is the file's own."""


class Options(ManifestModel):
    """The artifact, and how it is run. What its code needs has to be installed beside its Python already."""

    path: Text | None = None
    """A `model.tar.gz` of the project. Omitted: the version's own, as it is locked."""
    python: Text | None = None
    """The Python that runs its code. Omitted: this one."""
    environment: dict[Text, str] = Field(default_factory=dict)
    """Variables for its code, beside those of this process; `${NAME}` in a value is taken from the environment."""
    workers: int = Field(default=1, ge=1, le=256)
    """How many processes answer at a time, however many the plan allows. Omitted: 1, so that none slows another."""
    start_seconds: float = Field(default=120, gt=0)
    """How long loading the model may take. Omitted: 120."""
    content_type: Text = "application/json"
    """What its `input_fn` is told. Omitted: JSON."""
    accept: Text = "application/json"
    """What its `output_fn` is asked for. Omitted: JSON."""


class Target(BaseTarget):
    """The model, unpacked into a temporary folder, and the processes that have loaded it."""

    def __init__(self, options: Options, context: Context) -> None:
        super().__init__()
        self._options, self._subject = options, context.subject
        self._workers = self.most_calls = min(options.workers, context.concurrency)
        self._free: asyncio.Queue[Worker] = asyncio.Queue()
        self._alive: set[Worker] = set()
        self._starting = asyncio.Lock()
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Unpacks the model and loads it. Raises InvalidInput, SluiceError when it cannot be asked."""
        path, digest = await asyncio.to_thread(artifact_of, self._subject, self._options.path)
        environment, self.secrets = filled(self._options.environment, "artifact.environment")
        try:
            folder = self._stack.enter_context(
                tempfile.TemporaryDirectory(prefix="sluice-", ignore_cleanup_errors=True)
            )
            self._recipe = await asyncio.to_thread(self._unpacked, path, Path(folder), environment)
            await self.ready()
        except AskFailed as failure:
            await self._close()
            raise SluiceError(f"{path} cannot be asked: {failure.message}") from None
        except BaseException:
            await self._close()
            raise
        self.facts |= {"artifact": digest, "python": next(iter(self._alive)).python, "workers": self._workers}
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._close()

    async def ready(self) -> None:
        """Starts a process for each that has ended. Raises AskFailed."""
        async with self._starting:
            while len(self._alive) < self._workers:
                worker = await Worker.start(self._recipe)
                self._alive.add(worker)
                self._free.put_nowait(worker)

    async def ask(self, example_input: Any, run: int) -> Reply:
        """Asks a process. One that crashes, or does not answer in time, is ended. Raises AskFailed."""
        worker = await self._free.get()
        try:
            output, milliseconds = await worker.ask(example_input)
        except AskFailed as failure:
            if failure.kind is Failure.CRASH:
                await self._bury(worker)
            else:
                self._free.put_nowait(worker)
            raise
        except BaseException:
            await self._bury(worker)
            raise
        self._free.put_nowait(worker)
        return Reply(output, latency_ms=milliseconds)

    def _unpacked(self, path: Path, folder: Path, environment: dict[str, str]) -> Recipe:
        model, script = folder / "model", folder / "worker" / "worker.py"
        script.parent.mkdir()
        shutil.copyfile(_SCRIPT, script)
        try:
            unpack(path, model)
        except BrokenArchive as error:
            raise InvalidInput(str(path), [Problem("", f"cannot be unpacked: {error}; pack it again")]) from None
        chosen = self._options
        python = chosen.python or sys.executable
        kinds = chosen.content_type, chosen.accept
        return Recipe(python, script, model, *kinds, environment, chosen.start_seconds, folder / "said.txt")

    async def _bury(self, worker: Worker) -> None:
        self._alive.discard(worker)
        await worker.end()

    async def _close(self) -> None:
        for worker in list(self._alive):
            await self._bury(worker)
        await self._stack.aclose()


def check_subject(subject: Subject) -> None:
    """
    Raises InvalidInput for a version of several containers.

    Each has an image, an environment and an artifact of its own, and some have no artifact at all: what one packed
    model answers on this machine would not be what they answer together.
    """
    if subject.locked.weights.containers:
        names = ", ".join(it.name for it in subject.locked.weights.containers)
        reason = (
            f"asks one packed model, and {subject.label} is several containers ({names}), which answer together; "
            "serve them, and ask them with the target sagemaker or http"
        )
        raise InvalidInput("the target", [Problem("artifact", reason)])


def artifact_of(subject: Subject, path: str | None) -> tuple[Path, str]:
    """
    Returns the artifact's file and its digest.

    Raises InvalidInput when there is none, when there are several, or when it is not what the version's lock says.
    """
    check_subject(subject)
    weights = subject.locked.weights
    if path is None and weights.pin.source != "file":
        reason = (
            f"is omitted, but {subject.label} has its weights in {weights.pin.source}; fetch them, and name the file"
        )
        raise InvalidInput("the target", [Problem("artifact.path", reason)])
    file = subject.root / (path or weights.pin.reference)
    build = weights.build_command
    fix = f"build it: {build}" if path is None and build else "name another file"
    try:
        digest = hash_file(file, file.name, lambda name, done, total: None).digest
    except OSError as error:
        reason = f"is {os.fspath(file)!r}, which cannot be read: {(error.strerror or '').lower()}; {fix}"
        raise InvalidInput("the target", [Problem("artifact.path", reason)]) from None
    if weights.pin.source in _BY_CONTENT and digest != weights.pin.digest:
        reason = f"is {os.fspath(file)!r} with {digest}; {subject.label} is locked with {weights.pin.digest}; {fix}"
        raise InvalidInput("the target", [Problem("artifact.path", reason)])
    return file, digest
