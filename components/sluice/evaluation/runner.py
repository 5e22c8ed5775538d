"""Asks a version the questions of a set: side by side, at a pace, patiently, and never the same twice."""

import asyncio
import platform
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sluice.errors import SluiceError
from sluice.evaluation.answers import About, Answer, AnswerStore, CallError
from sluice.evaluation.failures import AskFailed, Failure
from sluice.evaluation.pacing import Clock, Pacer, RealClock
from sluice.evaluation.plan import Plan
from sluice.evaluation.progress import Meter, Progress
from sluice.evaluation.retrying import Attempted, attempts
from sluice.evaluation.secrets import hidden, without
from sluice.evaluation.sets import EvaluationSet, Example
from sluice.evaluation.subject import Subject
from sluice.evaluation.targets import Context, Reply, Target, target_of
from sluice.manifest.canonical import digest

_LONGEST_MESSAGE = 500


@dataclass(frozen=True)
class RunSummary:
    """What came of asking."""

    answers: tuple[Answer, ...]
    """One for each run of each example, run after run, and each in the order of the set."""
    asked: int
    """Calls of this session."""
    resumed: int
    """Calls that earlier sessions had made."""
    failed: int
    """Of all answers, those that are errors."""
    started: datetime
    """When the first question was asked, in whichever session."""
    finished: datetime
    """When the last one was answered."""
    environment: dict[str, Any]
    """Where it ran, what was asked and with which settings."""


def about(plan: Plan, subject: Subject, evaluation_set: EvaluationSet) -> About:
    """Returns what answers will be about: of a store that has others nothing is taken."""
    target = plan.target.chosen
    files = target.files(subject) if hasattr(target, "files") else {}
    asked = digest({"target": plan.target_document(), "files": files})
    return About(subject=subject.subject_digest, set=evaluation_set.digest, target=asked)


async def run(
    plan: Plan,
    subject: Subject,
    evaluation_set: EvaluationSet,
    store: Path,
    *,
    progress: Callable[[Progress], None] | None = None,
    clock: Clock | None = None,
) -> RunSummary:
    """
    Asks each example of a set as often as the plan says, and returns the answers, which are in the store too.

    What the store has already is not asked again, errors included: to ask until it goes well would flatter. A call
    that fails after all retries is an answer with an error. When this is cancelled or interrupted, the store keeps
    what was answered. Raises SluiceError when the target cannot be asked at all, InvalidFile for a store about
    something else, OSError when it cannot be written.
    """
    context = Context(subject, plan.concurrency, plan.timeout_seconds)
    with AnswerStore(store, about(plan, subject, evaluation_set)) as kept:
        wanted = _wanted(plan, evaluation_set)
        calls = [(example, run) for example, run in wanted if kept.get(example.id, run) is None]
        if calls:
            async with target_of(plan.target, context) as target:
                kept.begin(environment(plan, target))
                session = _Session(plan, target, kept, clock or RealClock(), progress)
                await session.ask_all(calls, [it for call in wanted if (it := kept.get(call[0].id, call[1]))])
        return _summary(wanted, kept, len(calls))


def environment(plan: Plan, target: Target) -> dict[str, Any]:
    """Returns where an evaluation runs, what it asks and with which settings, for its report. No secret is in it."""
    settings = plan.model_dump(mode="json", exclude={"target", "set", "adversarial"}, exclude_none=True)
    machine = {"system": platform.system(), "machine": platform.machine(), "python": platform.python_version()}
    asked = {**plan.target_document(), "facts": dict(target.facts)}
    whole: dict[str, Any] = without({"machine": machine, "settings": settings, "target": asked}, target.secrets)
    return whole


def _wanted(plan: Plan, evaluation_set: EvaluationSet) -> list[tuple[Example, int]]:
    # Whole runs one after the other: what an interruption leaves is as even as can be.
    return [(example, run) for run in range(1, plan.runs + 1) for example in evaluation_set.examples]


def _summary(wanted: list[tuple[Example, int]], kept: AnswerStore, asked: int) -> RunSummary:
    found = [answer for example, run in wanted if (answer := kept.get(example.id, run))]
    failed = sum(answer.error is not None for answer in found)
    finished = max(answer.at for answer in found)
    header = kept.header
    return RunSummary(tuple(found), asked, len(found) - asked, failed, header.started, finished, header.environment)


class _Session:
    """The calls of one session."""

    def __init__(
        self,
        plan: Plan,
        target: Target,
        kept: AnswerStore,
        clock: Clock,
        progress: Callable[[Progress], None] | None,
    ) -> None:
        self._plan, self._target, self._kept, self._clock = plan, target, kept, clock
        self._tell = progress or (lambda _: None)
        self._pacer = Pacer(plan.rate_per_second, clock)

    async def ask_all(self, calls: list[tuple[Example, int]], before: list[Answer]) -> None:
        """Makes the calls, and adds each answer to the store as it comes. Raises what ends the evaluation."""
        failed = sum(answer.error is not None for answer in before)
        self._meter = Meter(len(calls) + len(before), len(before), failed, self._clock.now())
        self._tell(self._meter.progress(self._clock.now()))
        waiting = iter(calls)
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(self._target.most_calls or len(calls), self._plan.concurrency, len(calls))):
                    group.create_task(self._work(waiting))
        except BaseExceptionGroup as several:
            raise _first(several) from None

    async def _work(self, waiting: Iterator[tuple[Example, int]]) -> None:
        for example, run in waiting:
            self._keep(await self._answer(example, run))

    def _keep(self, answer: Answer) -> None:
        try:
            self._kept.add(answer)
        except (ValueError, TypeError, RecursionError) as error:
            reason = f"the output cannot be kept as JSON: {error}"
            answer = answer.model_copy(update={"output": None, "error": self._error(Failure.OUTPUT, reason)})
            self._kept.add(answer)
        self._tell(self._meter.count(answer.error is not None, self._clock.now()))

    async def _answer(self, example: Example, run: int) -> Answer:
        call = _Call(self._plan, self._target, self._clock, self._pacer, example, run)
        known = {"example": example.id, "run": run}
        try:
            reply, count = await attempts(call.attempt, self._plan.retries, self._clock)
        except Attempted as last:
            error = self._error(last.failure.kind, last.failure.message)
            return Answer(**known, error=error, latency_ms=call.latency_ms, attempts=last.attempts, at=_now())
        price = self._plan.price
        return Answer(
            **known,
            output=without(reply.output, self._target.secrets),
            latency_ms=call.latency_ms if reply.latency_ms is None else reply.latency_ms,
            tokens_in=reply.tokens_in,
            tokens_out=reply.tokens_out,
            cost=None if price is None else price.cost(reply.tokens_in, reply.tokens_out),
            attempts=count,
            at=_now(),
        )

    def _error(self, kind: Failure, message: str) -> CallError:
        return CallError(kind=kind.value, message=hidden(message, self._target.secrets)[:_LONGEST_MESSAGE])


@dataclass
class _Call:
    """One run of one example."""

    plan: Plan
    target: Target
    clock: Clock
    pacer: Pacer
    example: Example
    run: int
    latency_ms: float = 0.0
    """Milliseconds that the last attempt took."""

    async def attempt(self) -> Reply:
        """Asks once, when it is its turn. Raises AskFailed, SluiceError."""
        await self.target.ready()
        await self.pacer.turn()
        started = self.clock.now()
        try:
            async with asyncio.timeout(self.plan.timeout_seconds):
                return await self.target.ask(self.example.input, self.run)
        except (AskFailed, SluiceError):
            raise
        except TimeoutError:
            raise AskFailed(Failure.TIMEOUT, f"no answer within {self.plan.timeout_seconds:g} s") from None
        except Exception as error:  # whatever a client raises, the others go on
            raise AskFailed(Failure.EXCEPTION, f"{type(error).__name__}: {error}") from error
        finally:
            self.latency_ms = (self.clock.now() - started) * 1000


def _first(several: BaseExceptionGroup[BaseException]) -> BaseException:
    error = several.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error


def _now() -> datetime:
    return datetime.now(UTC)
