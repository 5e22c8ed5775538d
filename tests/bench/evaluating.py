"""What the runner costs a call, beside a bare asyncio loop that asks the same and keeps nothing."""

import asyncio
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from unittest import mock

from sluice.evaluation import runner
from sluice.evaluation.plan import Plan
from sluice.evaluation.sets import Datasheet, EvaluationSet, Example, digest_of
from sluice.evaluation.subject import Subject
from sluice.evaluation.targets import BaseTarget, Context, Reply
from sluice.manifest import lock as locks
from tests.support.versions import write_version

CONCURRENCY = 16
REPEATED = 3
"""Each figure is the best of so many."""


def microseconds_a_call(folder: Path, count: int, call_seconds: float = 0.0) -> tuple[float, float]:
    """
    Returns what a call takes with the runner, and in a bare loop, both with so many calls at a time.

    `call_seconds` is how long the target itself takes; 0: it answers at once, so that the rest is all overhead.
    """
    subject = Subject.of(locks.read(write_version(folder)), folder)
    ours, bare = [], []
    for number in range(REPEATED):
        ours.append(_with_runner(subject, _set(count), folder / f"{count}-{call_seconds}-{number}.jsonl", call_seconds))
        bare.append(_bare(count, call_seconds))
    return min(ours) / count * 1e6, min(bare) / count * 1e6


class _Ready(BaseTarget):
    """A target that answers after a while, or at once."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return

    async def ask(self, example_input: Any, run: int) -> Reply:
        await asyncio.sleep(self._seconds)
        return Reply({"label": example_input}, 10, 2)


def _set(count: int) -> EvaluationSet:
    sheet = Datasheet(name="bench", version="1", description="d", source="s", license="l")
    examples = tuple(Example(id=f"e{number}", input=number) for number in range(count))
    return EvaluationSet(sheet, examples, digest_of(sheet, examples), Path("set.jsonl"))


def _with_runner(subject: Subject, asked: EvaluationSet, store: Path, seconds: float) -> float:
    target = {"callable": {"function": "m:f"}}
    plan = Plan.model_validate({"set": "set.jsonl", "target": target, "concurrency": CONCURRENCY})

    def of(chosen: Any, context: Context) -> _Ready:
        return _Ready(seconds)

    with mock.patch.object(runner, "target_of", of):
        started = time.perf_counter()
        summary = asyncio.run(runner.run(plan, subject, asked, store))
        spent = time.perf_counter() - started
    assert len(summary.answers) == len(asked.examples)
    assert summary.failed == 0
    return spent


def _bare(count: int, seconds: float) -> float:
    async def run() -> None:
        target, waiting = _Ready(seconds), iter(range(count))

        async def work() -> None:
            for number in waiting:
                await target.ask(number, 1)

        async with asyncio.TaskGroup() as group:
            for _ in range(CONCURRENCY):
                group.create_task(work())

    started = time.perf_counter()
    asyncio.run(run())
    return time.perf_counter() - started
