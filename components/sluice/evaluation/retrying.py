"""When to ask again: exponential backoff with full jitter, and never what cannot go well."""

import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from sluice.evaluation.failures import AskFailed
from sluice.evaluation.pacing import Clock

T = TypeVar("T")
BASE_SECONDS = 0.5
MOST_SECONDS = 30.0
LONGEST_WISH_SECONDS = 300.0
"""A target that wants to be left alone for longer is asked again nevertheless."""


class Attempted(Exception):
    """The last of all attempts has failed."""

    def __init__(self, failure: AskFailed, attempts: int) -> None:
        super().__init__(str(failure))
        self.failure = failure
        self.attempts = attempts


def pause(attempt: int, retry_after: float | None, jitter: Callable[[], float]) -> float:
    """
    Returns the seconds to wait after a failed attempt, counted from 1.

    Full jitter: a random part, from 0 to 1, of a span that doubles each time (M. Brooker, "Exponential Backoff And
    Jitter", AWS Architecture Blog, 2015). What the target wishes is the least.
    """
    span = min(MOST_SECONDS, BASE_SECONDS * 2.0 ** min(attempt - 1, 32))
    wish = min(retry_after or 0.0, LONGEST_WISH_SECONDS)
    return wish + span * jitter()


async def attempts(
    ask: Callable[[], Awaitable[T]], retries: int, clock: Clock, jitter: Callable[[], float] = random.random
) -> tuple[T, int]:
    """
    Returns what was answered at last, and at which attempt, from 1.

    Raises Attempted after a failure that is not retryable, or after so many retries.
    """
    attempt = 1
    while True:
        try:
            return await ask(), attempt
        except AskFailed as failure:
            if not failure.retryable or attempt > retries:
                raise Attempted(failure, attempt) from failure
            wait = pause(attempt, failure.retry_after, jitter)
        await clock.sleep(wait)
        attempt += 1
