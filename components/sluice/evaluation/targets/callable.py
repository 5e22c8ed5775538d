"""A function of the project's own: the target that needs no server."""

import inspect
import json
import sys
from collections.abc import Callable
from functools import partial
from importlib import import_module
from types import TracebackType
from typing import Annotated, Any, Self

from pydantic import StringConstraints

from sluice.errors import InvalidInput, Problem
from sluice.evaluation.failures import AskFailed, Failure
from sluice.evaluation.targets import BaseTarget, Context, Reply
from sluice.evaluation.targets._threads import in_thread
from sluice.manifest.base import ManifestModel, Text


class Options(ManifestModel):
    """A function that takes an example's input, and returns any JSON, or a `Reply`."""

    function: Annotated[str, StringConstraints(pattern=r"^[\w.]+:[\w.]+$")]
    """`module:function`, sync or async. One with an argument `run` is told which run it is, from 1."""
    path: Text | None = None
    """A folder of the project where the module is. Omitted: it is installed."""


class Target(BaseTarget):
    """The function, loaded."""

    def __init__(self, options: Options, context: Context) -> None:
        super().__init__()
        self._options, self._context = options, context
        self._added: str | None = None

    async def __aenter__(self) -> Self:
        """Loads the function. Raises InvalidInput when there is none."""
        if self._options.path is not None:
            self._added = str((self._context.subject.root / self._options.path).resolve())
            sys.path.insert(0, self._added)
        self._function = self._load()
        self._takes_run = "run" in inspect.signature(self._function).parameters
        self.facts["function"] = self._options.function
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._forget_path()

    async def ask(self, example_input: Any, run: int) -> Reply:
        """Calls the function. Raises AskFailed when it raises."""
        call = partial(self._function, example_input, **({"run": run} if self._takes_run else {}))
        try:
            if inspect.iscoroutinefunction(self._function):
                answer = await call()
            else:
                answer = await in_thread("sluice-callable", call)
        except Exception as error:  # whatever it raises, it is the function's answer
            raise AskFailed(Failure.EXCEPTION, f"{type(error).__name__}: {error}") from error
        reply = answer if isinstance(answer, Reply) else Reply(answer)
        return Reply(_as_json(reply.output), reply.tokens_in, reply.tokens_out, reply.latency_ms)

    def _load(self) -> Callable[..., Any]:
        module, _, name = self._options.function.partition(":")
        try:
            found: Any = import_module(module)
            for part in name.split("."):
                found = getattr(found, part)
        except Exception as error:  # whatever the module does when it loads
            self._forget_path()
            reason = f"is {self._options.function!r}, which cannot be loaded: {type(error).__name__}: {error}"
            raise InvalidInput("the target", [Problem("callable.function", reason)]) from error
        if not callable(found):
            self._forget_path()
            reason = f"is {self._options.function!r}, which is a {type(found).__name__}; name a function"
            raise InvalidInput("the target", [Problem("callable.function", reason)])
        function: Callable[..., Any] = found
        return function

    def _forget_path(self) -> None:
        if self._added is not None and self._added in sys.path:
            sys.path.remove(self._added)


def _as_json(value: Any) -> Any:
    try:
        return json.loads(json.dumps(value, allow_nan=False))
    except (ValueError, TypeError, RecursionError) as error:
        raise AskFailed(Failure.OUTPUT, f"the function returned what is no JSON: {error}") from None
