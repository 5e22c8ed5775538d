"""Waiting no longer than was said for clients that have no patience of their own to set."""

import threading
from collections.abc import Callable
from typing import TypeVar

from sluice.sources.errors import SourceSlow

T = TypeVar("T")


def within(seconds: float, source: str, where: str, ask: Callable[[], T]) -> T:
    """
    Returns what a client answers, or raises what it raises.

    Raises SourceSlow when the time is over; the client then asks on in a thread that nobody waits for.
    """
    answers: list[T] = []
    failures: list[BaseException] = []

    def work() -> None:
        try:
            answers.append(ask())
        except BaseException as error:  # whatever it is, it belongs to who asked
            failures.append(error)

    thread = threading.Thread(target=work, name=f"sluice-{source}", daemon=True)
    thread.start()
    thread.join(seconds)
    if failures:
        raise failures[0]
    if not answers:
        raise SourceSlow(source, where, seconds)
    return answers[0]
