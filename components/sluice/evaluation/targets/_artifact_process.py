"""The process that runs a model's own inference code, seen from here."""

import asyncio
import json
import os
import signal
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sluice.evaluation.failures import AskFailed, Failure

_LONGEST_LINE = 1 << 30
_SHOWN = 300


@dataclass(frozen=True)
class Recipe:
    """How the process is started."""

    python: str
    script: Path
    """The worker's, by itself in a folder: what is beside a script can be imported by it."""
    model: Path
    """The folder with the unpacked model."""
    content_type: str
    accept: str
    environment: dict[str, str]
    start_seconds: float
    """How long loading the model may take."""
    said: Path
    """Where what the code prints goes."""


class Worker:
    """One process, which answers one question at a time."""

    def __init__(self, process: asyncio.subprocess.Process, recipe: Recipe) -> None:
        self._process, self._recipe = process, recipe
        self.python = ""
        """The version of its Python."""

    @classmethod
    async def start(cls, recipe: Recipe) -> "Worker":
        """Returns a process that has loaded the model. Raises AskFailed when it cannot."""
        command = [recipe.python, "-u", str(recipe.script), str(recipe.model), recipe.content_type, recipe.accept]
        try:
            with recipe.said.open("ab") as said:
                process = await asyncio.create_subprocess_exec(
                    *command,
                    stdin=asyncio.subprocess.PIPE,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=said,
                    cwd=recipe.model,
                    env={**os.environ, "SM_MODEL_DIR": str(recipe.model), **recipe.environment},
                    limit=_LONGEST_LINE,
                    # What ends the evaluation from the keyboard is not the model's business.
                    start_new_session=True,
                )
        except OSError as error:
            raise AskFailed(Failure.CRASH, f"{recipe.python} cannot be started: {error.strerror}") from error
        worker = cls(process, recipe)
        try:
            async with asyncio.timeout(recipe.start_seconds):
                worker.python = (await worker._line())["ready"]
        except TimeoutError:
            await worker.end()
            reason = f"the model was not loaded within {recipe.start_seconds:g} s"
            raise AskFailed(Failure.CRASH, reason) from None
        except BaseException:
            await worker.end()
            raise
        return worker

    async def ask(self, example_input: Any) -> tuple[Any, float]:
        """Returns the output, and the milliseconds that it took. Raises AskFailed."""
        stdin = self._process.stdin
        assert stdin is not None
        with suppress(ConnectionError):  # what has happened is told by the missing answer
            stdin.write(json.dumps({"input": example_input}).encode() + b"\n")
            await stdin.drain()
        answer = await self._line()
        return answer["output"], answer["ms"]

    async def end(self) -> None:
        """Ends the process and what it has started, however busy."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        await self._process.wait()

    async def _line(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        if not line.endswith(b"\n"):
            raise AskFailed(Failure.CRASH, await self._obituary())
        answer: dict[str, Any] = json.loads(line)
        if (error := answer.get("error")) is not None:
            raise AskFailed(Failure.EXCEPTION, f"{error['kind']}: {error['message']}")
        return answer

    async def _obituary(self) -> str:
        code = await self._process.wait()
        how = f"exit code {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"
        said = self._recipe.said.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        last = f"; the last that it printed: {said[-1][:_SHOWN]}" if said else ""
        return f"the process of the model ended with {how}{last}"
