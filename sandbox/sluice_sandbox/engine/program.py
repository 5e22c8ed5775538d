"""Programs, and how the engine runs one: in this process, in a thread and a context of its own."""

import asyncio
import contextvars
import os
import runpy
import sys
import threading
import traceback
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import pulumi
import pulumi.runtime.config
from pulumi.runtime.stack import run_in_stack

from sluice.errors import SluiceError
from sluice_sandbox.engine.monitor import EngineLog, Monitor
from sluice_sandbox.engine.stack_config import StackConfig
from sluice_sandbox.errors import NotInSandbox

T = TypeVar("T")
Declare: TypeAlias = Callable[[], Awaitable[None] | None]


@dataclass(frozen=True)
class Program:
    """Something that declares resources when called, and the folder that it runs in."""

    declare: Declare
    folder: Path | None = None
    """Omitted: the current one."""

    @classmethod
    def from_path(cls, main: Path) -> "Program":
        """Returns the program of a file, or of a folder with a `__main__.py`; it runs there, as under the CLI."""

        def declare() -> None:
            runpy.run_path(str(main), run_name="__main__")

        return cls(declare, main if main.is_dir() else main.parent)


@dataclass(frozen=True)
class RunInfo:
    """What a program may ask Pulumi about its run."""

    project: str
    stack: str
    config: StackConfig
    preview: bool
    parallel: int
    root: Path | None = None


def run_program(
    program: Program, info: RunInfo, monitor: Monitor, log: EngineLog, interrupted: Callable[[], None]
) -> BaseException | None:
    """
    Runs a program to its end, and returns what it raised, if anything.

    Ctrl-C is dealt with as by `run_aside`.
    """

    def run() -> BaseException | None:
        try:
            with _inside(program.folder):
                asyncio.run(_run(program.declare, info, monitor, log))
        except BaseException as error:
            return error
        return None

    with _responsive_threads():
        return run_aside(run, interrupted)


def run_aside(work: Callable[[], T], interrupted: Callable[[], None]) -> T:
    """
    Runs something in a thread of its own, and returns or raises what it does.

    The first Ctrl-C calls `interrupted` and waits on; a second one is raised.
    """
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:
            future.set_exception(error)

    # Pulumi keeps its settings in context variables: a fresh context keeps runs, and tests, apart.
    threading.Thread(target=contextvars.Context().run, args=(run,), name="operation", daemon=True).start()
    # Not by joining the thread: one whose `join` was interrupted is taken for ended.
    try:
        return future.result()
    except KeyboardInterrupt:
        if future.done():
            raise
        interrupted()
        return future.result()


def explain(error: BaseException) -> str:
    """Returns what to tell the user about an exception in a program: the traceback of the program's own code."""
    if isinstance(error, SluiceError):
        return str(error)
    if "allback server" in str(error):
        # Older SDKs do not come to ask the monitor.
        return str(NotInSandbox("transforms and hooks"))
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if not _is_machinery(frame.filename)]
    lines = traceback.format_list(own) + traceback.format_exception_only(error)
    return "Program failed with an unhandled exception:\n" + "".join(lines).rstrip()


async def _run(declare: Declare, info: RunInfo, monitor: Monitor, log: EngineLog) -> None:
    loop = asyncio.get_running_loop()
    pool = ThreadPoolExecutor(info.parallel, thread_name_prefix="resource")
    loop.set_default_executor(pool)
    arguments: dict[str, Any] = {"root_directory": str(info.root)} if info.root else {}
    settings = pulumi.runtime.Settings(
        project=info.project,
        stack=info.stack,
        monitor=monitor,
        engine=log,
        parallel=info.parallel,
        dry_run=info.preview,
        organization="organization",
        **arguments,
    )
    pulumi.runtime.configure(settings)
    pulumi.runtime.config.set_all_config(info.config.values, list(info.config.secrets))
    loop.set_exception_handler(_ignore_what_is_told)
    try:
        await run_in_stack(declare)
    finally:
        # A step that is under way when another fails still has to be recorded.
        pool.shutdown(wait=True)


def _ignore_what_is_told(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    # The SDK gives one failure to every output that hangs on it and awaits only the first; asyncio would print the
    # rest, with tracebacks, whenever they happen to be collected as garbage.
    if "never retrieved" not in context["message"]:
        loop.default_exception_handler(context)


def _is_machinery(filename: str) -> bool:
    parts = Path(filename).parts
    return "pulumi" in parts or "sluice_sandbox" in parts or "asyncio" in parts or filename.startswith("<frozen")


@contextmanager
def _responsive_threads() -> Iterator[None]:
    # The SDK's loop computes without pause while registrations wait for their turn at the interpreter, by default 5 ms
    # each time: that alone made previews of 1,000 resources five times slower.
    before = sys.getswitchinterval()
    sys.setswitchinterval(0.0002)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


@contextmanager
def _inside(folder: Path | None) -> Iterator[None]:
    if folder is None:
        yield
        return
    before, path = Path.cwd(), list(sys.path)
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        os.chdir(before)
        sys.path[:] = path
