"""Asking a judge many questions: side by side, patiently, and never the same twice."""

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path

from sluice.errors import SluiceError
from sluice.evaluation.failures import AskFailed, CredentialsRefused, Failure
from sluice.evaluation.pacing import RealClock
from sluice.evaluation.retrying import Attempted, attempts
from sluice.evaluation.scorers import Context
from sluice.evaluation.scorers._judge_api import JudgeApi, Question
from sluice.evaluation.scorers._judge_cache import JudgeCache, Said
from sluice.evaluation.scorers._judge_options import JudgeOptions
from sluice.manifest.model import ApiModel
from sluice.sources import Context as SourceContext
from sluice.sources import api


async def replies(questions: Sequence[Question], asking: JudgeOptions, context: Context) -> dict[str, str | None]:
    """
    Returns what the judge says to each question, by its key, from the file where it is in there already.

    None: its provider does not take the question, and the options say to go on. Raises SluiceError when the judge
    cannot be asked, SourceError when it always means no single model; what was answered before stays in the file.
    """
    by_key = {question.key: question for question in questions}
    with JudgeCache(context.cache) as cache:
        missing = [question for key, question in by_key.items() if cache.get(key) is None]
        if missing:
            await asyncio.to_thread(_check_pinned, asking, context.root)
            await _ask_all(missing, asking, cache, context)
        return {key: said.reply for key in by_key if (said := cache.get(key)) is not None}


async def _ask_all(missing: list[Question], asking: JudgeOptions, cache: JudgeCache, context: Context) -> None:
    judge = JudgeApi(asking.provider, context.timeout_seconds)
    waiting = iter(missing)
    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(min(asking.concurrency, len(missing))):
                group.create_task(_work(waiting, judge, asking, cache))
    except BaseExceptionGroup as several:
        raise _first(several) from None
    finally:
        await judge.close()


async def _work(waiting: Iterator[Question], judge: JudgeApi, asking: JudgeOptions, cache: JudgeCache) -> None:
    for question in waiting:
        cache.add(await _asked(question, judge, asking))


async def _asked(question: Question, judge: JudgeApi, asking: JudgeOptions) -> Said:
    try:
        reply, _ = await attempts(lambda: judge.ask(question), asking.retries, RealClock())
    except Attempted as last:
        return _not_taken(question, last.failure, asking)
    return Said(key=question.key, reply=reply.text, tokens_in=reply.tokens_in, tokens_out=reply.tokens_out)


def _not_taken(question: Question, failure: AskFailed, asking: JudgeOptions) -> Said:
    """Returns that a question has no answer. Raises SluiceError when that ends the scoring."""
    if failure.kind is Failure.REQUEST and asking.skip_refused:
        return Said(key=question.key, reply=None)
    fix = "what it said before is kept; try again"
    if failure.kind is Failure.REQUEST:
        fix = "mend the options, or set skip_refused: true to leave such answers without a score"
    raise SluiceError(f"the judge {asking.provider} {asking.model} gave no answer: {failure.message}; {fix}")


def _check_pinned(asking: JudgeOptions, root: Path) -> None:
    api.resolve(ApiModel(provider=asking.provider, id=asking.model), SourceContext(root))


def _first(several: BaseExceptionGroup[BaseException]) -> BaseException:
    error = several.exceptions[0]
    if isinstance(error, BaseExceptionGroup):
        return _first(error)
    if isinstance(error, CredentialsRefused):
        return SluiceError(f"the judge: {error}")
    return error
