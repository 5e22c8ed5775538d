"""How a call fails: in one of a few ways, which a report counts."""

from enum import StrEnum

from sluice.errors import SluiceError


class Failure(StrEnum):
    """The ways."""

    THROTTLED = "throttled"
    """The target is asked too much."""
    SERVER = "server"
    """The target says that it is its own fault: HTTP 5xx."""
    TIMEOUT = "timeout"
    """No answer in time."""
    CONNECTION = "connection"
    """No connection, or one that broke."""
    REQUEST = "request"
    """The target did not take the question: HTTP 4xx."""
    OUTPUT = "output"
    """There is an answer, and it is not what was agreed."""
    EXCEPTION = "exception"
    """The code that was asked raised."""
    CRASH = "crash"
    """The process that was asked has ended."""


RETRYABLE = frozenset({Failure.THROTTLED, Failure.SERVER, Failure.TIMEOUT, Failure.CONNECTION})
"""What may go well another time."""


class AskFailed(Exception):
    """A call that brought no answer."""

    def __init__(self, kind: Failure, message: str, *, retry_after: float | None = None) -> None:
        """`retry_after` are the seconds that the target wants to be left alone; None: it did not say."""
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.retry_after = retry_after

    @property
    def retryable(self) -> bool:
        """True when it may go well another time."""
        return self.kind in RETRYABLE


class CredentialsRefused(SluiceError):
    """The target does not know who asks. That is not the version's doing, so it is no answer, and ends the run."""


def failure_of_status(status: int) -> Failure:
    """Returns what an HTTP status means, of those that are no success."""
    if status == 429:
        return Failure.THROTTLED
    if status == 408:
        return Failure.TIMEOUT
    return Failure.SERVER if status >= 500 else Failure.REQUEST


def seconds_of(retry_after: str | None) -> float | None:
    """Returns the seconds of a `Retry-After` header. None for a date and for what is none."""
    try:
        return max(float(retry_after), 0.0) if retry_after is not None else None
    except ValueError:
        return None
