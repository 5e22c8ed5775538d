"""What tests of the runner ask: versions, sets, plans, and a target that does as it is told."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest

from sluice.evaluation import runner
from sluice.evaluation.plan import Plan
from sluice.evaluation.runner import RunSummary
from sluice.evaluation.sets import Datasheet, EvaluationSet, Example, digest_of
from sluice.evaluation.subject import Subject
from sluice.evaluation.targets import BaseTarget, Context, Reply, Target
from sluice.manifest import lock as locks
from tests.support.versions import write_version

SHEET = Datasheet(name="capitals", version="1", description="Capitals.", source="A school book.", license="CC0-1.0")


def subject_in(root: Path, **changes: Any) -> Subject:
    """Returns a version in a project of its own; `changes` are of its manifest's keys."""
    return Subject.of(locks.read(write_version(root, **changes)), root)


def set_of(*inputs: Any, path: Path = Path("set.jsonl")) -> EvaluationSet:
    """Returns a set that asks these, with the ids e0, e1 and so on."""
    examples = tuple(Example(id=f"e{number}", input=it) for number, it in enumerate(inputs))
    return EvaluationSet(SHEET, examples, digest_of(SHEET, examples), path)


def plan_of(target: dict[str, Any] | None = None, **keys: Any) -> Plan:
    """Returns a plan; without a target, of a function that tests put something else in place of."""
    return Plan.model_validate({"set": "set.jsonl", "target": target or {"callable": {"function": "m:f"}}, **keys})


async def asked(opened: Target, *inputs: Any) -> list[Reply]:
    """Returns what a target replies."""
    async with opened as target:
        replies = []
        for it in inputs:
            await target.ready()
            replies.append(await target.ask(it, 1))
        return replies


class TurnedClock:
    """A clock that is turned by whoever sleeps."""

    def __init__(self) -> None:
        self.time = 100.0
        self.slept: list[float] = []

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        due = self.time + seconds
        await asyncio.sleep(0)
        self.time = max(self.time, due)


@dataclass
class Told(BaseTarget):
    """A target that answers through a function, and remembers what it was asked."""

    answer: Callable[[Any, int], Any] = lambda example_input, run: f"{example_input}!"
    calls: list[tuple[Any, int]] = field(default_factory=list)
    secrets: tuple[str, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)
    most_calls: int | None = None
    opened: int = 0
    now: int = 0
    most: int = 0
    """The most calls that were under way at a time."""

    async def __aenter__(self) -> Self:
        self.opened += 1
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.opened -= 1

    async def ask(self, example_input: Any, run: int) -> Reply:
        self.calls.append((example_input, run))
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            answer = self.answer(example_input, run)
            if asyncio.iscoroutine(answer):
                answer = await answer
            else:
                await asyncio.sleep(0)
        finally:
            self.now -= 1
        return answer if isinstance(answer, Reply) else Reply(answer)


@dataclass
class Evaluation:
    """A plan, a set and a store, to be run as often as one likes."""

    target: Told
    subject: Subject
    store: Path
    monkeypatch: pytest.MonkeyPatch
    clock: TurnedClock = field(default_factory=TurnedClock)

    def run(self, *inputs: Any, progress: Callable[[Any], None] | None = None, **keys: Any) -> RunSummary:
        """Runs it on a set that asks these."""

        def target_of(chosen: Any, context: Context) -> Told:
            return self.target

        self.monkeypatch.setattr(runner, "target_of", target_of)
        plan, asked_set = plan_of(**keys), set_of(*inputs)
        return asyncio.run(runner.run(plan, self.subject, asked_set, self.store, progress=progress, clock=self.clock))
