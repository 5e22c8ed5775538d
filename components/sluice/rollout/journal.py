"""
What happened to an endpoint's traffic, in order, and what follows from it.

A history is as recorded: what it does not say, nobody knows. Standard library only, for Lambda.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import accumulate

from sluice.errors import SluiceError
from sluice.rollout.movement import SAME, Movement, Served


class JournalError(SluiceError):
    """The journal of an endpoint cannot be used."""


class JournalUnreadable(JournalError):
    """What the journal holds is not what was written."""


class JournalTooNew(JournalError):
    """A newer Sluice has written to the journal."""


class History:
    """The movements of one endpoint, oldest first, none missing."""

    def __init__(self, endpoint: str, movements: tuple[Movement, ...] = ()) -> None:
        """Raises JournalUnreadable when they are another endpoint's, or not numbered from 1 without a gap."""
        self.endpoint = endpoint
        self.movements = movements
        self.moments = tuple(accumulate((it.at for it in movements), max))
        """When each was made: not before the one before it, whatever the clock of the writer said."""
        found = list(_problems(endpoint, movements))
        if found:
            raise JournalUnreadable(
                f"the journal of {endpoint} is damaged: {'; '.join(found)}; restore the table to a point in time before"
            )

    def __len__(self) -> int:
        return len(self.movements)

    @property
    def last(self) -> Movement | None:
        """The newest movement."""
        return self.movements[-1] if self.movements else None

    @property
    def next_sequence(self) -> int:
        """What the next movement is numbered."""
        return len(self) + 1

    def with_token(self, token: str) -> Movement | None:
        """Returns the movement that was written by that token, or None."""
        return next((it for it in reversed(self.movements) if it.token == token), None)

    def rollback(self, identity: str) -> Movement | None:
        """Returns the rollback of that id, or None."""
        return next((it for it in self.movements if it.rollback == identity), None)


@dataclass(frozen=True)
class OpenRollback:
    """A rollback that nobody has acknowledged."""

    id: str
    at: datetime
    reason: str
    actor: str
    barred: frozenset[str]
    """Digests of the versions that may not rise again."""


@dataclass(frozen=True)
class FullyServed:
    """A version that had all the traffic."""

    slot: str
    version: Served
    since: datetime


@dataclass(frozen=True)
class Span:
    """A time in which a slot's version and share stood."""

    slot: str
    version: Served
    percent: Decimal
    since: datetime
    until: datetime | None
    """None: it stands."""


def stage_since(history: History, slot: str) -> datetime | None:
    """
    Returns since when a slot has its present version at its present share; None where it has none.

    A change that nobody recorded, seen by what a later movement found before it, begins a stage as well.
    """
    first = _beginning(history, len(history) - 1, slot)
    return None if first is None else history.moments[first]


def drained_since(history: History, slot: str) -> datetime | None:
    """Returns since when the version in a slot is without traffic after having served; None while it serves."""
    first = _beginning(history, len(history) - 1, slot)
    if first is None or history.movements[first].share(slot) > SAME:
        return None
    drain = history.movements[first]
    earlier = history.movements[first - 1] if first > 0 else drain
    served = max(earlier.share(slot), drain.was(slot)) > SAME
    return history.moments[first] if served and earlier.digest(slot) == drain.digest(slot) else None


def open_rollbacks(history: History) -> list[OpenRollback]:
    """Returns the rollbacks that nobody has acknowledged, newest first."""
    found: list[OpenRollback] = []
    for it in history.movements:
        if it.rollback is not None:
            found.insert(0, OpenRollback(it.rollback, it.at, it.reason, it.actor, it.fallen))
        elif it.acknowledges is not None:
            found = [rollback for rollback in found if rollback.id != it.acknowledges]
    return found


def latch(history: History) -> OpenRollback | None:
    """Returns the newest rollback that nobody has acknowledged."""
    return next(iter(open_rollbacks(history)), None)


def barred_by(history: History, digest: str) -> OpenRollback | None:
    """Returns what keeps a version from rising: the newest open rollback of it, older than others' or not."""
    return next((it for it in open_rollbacks(history) if digest in it.barred), None)


def last_full(history: History, other_than: str | None = None) -> FullyServed | None:
    """Returns the version that most recently had all the traffic; `other_than` is a digest to pass over."""
    for index in reversed(range(len(history))):
        movement = history.movements[index]
        for slot, share in movement.after.items():
            first = _beginning(history, index, slot)
            if share >= 100 - SAME and movement.digest(slot) != other_than and first is not None:
                return FullyServed(slot, movement.versions[slot], history.moments[first])
    return None


def timeline(history: History) -> list[Span]:
    """Returns how long each slot's version had which share, by beginning and slot."""
    slots = sorted({slot for it in history.movements for slot in it.after})
    spans = [span for slot in slots for span in _spans(history, slot)]
    return sorted(spans, key=lambda span: (span.since, span.slot))


def _spans(history: History, slot: str) -> Iterator[Span]:
    end: datetime | None = None
    index = len(history) - 1
    while index >= 0:
        first = _beginning(history, index, slot)
        if first is not None:
            movement, since = history.movements[first], history.moments[first]
            yield Span(slot, movement.versions[slot], movement.after[slot], since, end)
        index = index if first is None else first
        end, index = history.moments[index], index - 1


def _beginning(history: History, index: int, slot: str) -> int | None:
    """Returns the index of the movement that made a slot what it is after the one at `index`; None without a slot."""
    if index < 0 or slot not in history.movements[index].after:
        return None
    while index > 0 and _continues(history.movements[index - 1], history.movements[index], slot):
        index -= 1
    return index


def _continues(earlier: Movement, later: Movement, slot: str) -> bool:
    """True when a movement left a slot as the one before it did, and nothing happened between."""
    shares = (earlier.share(slot), later.was(slot), later.share(slot))
    same = slot in earlier.after and earlier.digest(slot) == later.digest(slot)
    return same and max(shares) - min(shares) <= SAME


def _problems(endpoint: str, movements: tuple[Movement, ...]) -> Iterator[str]:
    for expected, movement in enumerate(movements, start=1):
        if movement.endpoint != endpoint:
            yield f"movement {movement.sequence} is {movement.endpoint}'s"
        if movement.sequence != expected:
            yield f"movement {expected} is missing, the next is {movement.sequence}"
            return
