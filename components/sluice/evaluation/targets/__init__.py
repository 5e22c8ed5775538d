"""
What can be asked: one file a kind of target, found by looking.

A target is a module named as its key in a plan, with

- `Options`, what a plan says of it, a pydantic model;
- `Target(options, context)`, which opens in `async with`, and answers through `ask`.

What a target needs beside the standard library it imports when it opens, so that plans can be read without it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from pkgutil import iter_modules
from types import TracebackType
from typing import Any, Protocol, Self, cast

from pydantic import create_model

from sluice.evaluation.subject import Subject
from sluice.manifest.choices import ExactlyOne


@dataclass(frozen=True)
class Reply:
    """What a target answered."""

    output: Any
    """Any JSON."""
    tokens_in: int | None = None
    """None where the target does not count."""
    tokens_out: int | None = None
    latency_ms: float | None = None
    """Milliseconds. None: as long as the call took."""


@dataclass(frozen=True)
class Context:
    """What a target is opened with."""

    subject: Subject
    concurrency: int = 1
    """How many calls are under way at a time, at most."""
    timeout_seconds: float = 60
    """How long one call may take."""


class Target(Protocol):
    """What is asked, for the time that it is open."""

    facts: Mapping[str, Any]
    """What is known of it once it is open: for the report's environment. No secret is in here."""
    secrets: tuple[str, ...]
    """What may stand in no error and no answer."""
    most_calls: int | None
    """How many calls it takes at a time. None: as many as the plan says."""

    async def __aenter__(self) -> Self:
        """Opens it. Raises SluiceError when it cannot be asked at all."""
        ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    async def ready(self) -> None:
        """Returns when it can be asked; how long that takes counts into no call. Raises AskFailed."""
        ...

    async def ask(self, example_input: Any, run: int) -> Reply:
        """Returns the answer of the run, counted from 1. Raises AskFailed; CredentialsRefused ends the evaluation."""
        ...


class BaseTarget:
    """What targets have in common."""

    def __init__(self) -> None:
        self.facts: dict[str, Any] = {}
        self.secrets: tuple[str, ...] = ()
        self.most_calls: int | None = None

    async def ready(self) -> None:
        """Most targets always are."""


@lru_cache(maxsize=1)
def kinds() -> tuple[str, ...]:
    """Returns the kinds of target, in the order of their names."""
    return tuple(sorted(module.name for module in iter_modules(__path__) if not module.name.startswith("_")))


@lru_cache(maxsize=1)
def target_choice() -> type[ExactlyOne]:
    """Returns the model of a plan's target: exactly one kind, with its options."""
    fields: dict[str, Any] = {kind: (_module(kind).Options | None, None) for kind in kinds()}
    model = create_model("TargetChoice", __base__=ExactlyOne, __doc__="What is asked.", **fields)
    model.CHOICES = kinds()
    return model


def target_of(chosen: ExactlyOne, context: Context) -> Target:
    """Returns the target that a plan chose, not open yet."""
    return cast("Target", _module(chosen.kind).Target(chosen.chosen, context))


def _module(kind: str) -> Any:
    return import_module(f"{__name__}.{kind}")
