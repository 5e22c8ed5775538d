"""
What time it is, for gates.

The wall's, unless a sandbox keeps the time: it then names a file in SLUICE_CLOCK that holds either a moment at which
the time stands (`2026-11-23T10:00:00+00:00`) or by how many seconds it is ahead (`+86400`).
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sluice.errors import SluiceError

VARIABLE = "SLUICE_CLOCK"
TOLERANCE = timedelta(minutes=5)
"""How far clocks of two machines may be apart."""
_AHEAD = re.compile(r"\+\d+(\.\d+)?")


class ClockError(SluiceError):
    """Nobody knows what time it is."""


def now(environment: Mapping[str, str], sandboxed: bool) -> datetime:
    """
    Returns the time, in UTC.

    Raises ClockError when the sandbox's file cannot be read, and when there is one without a sandbox: who could turn
    the clock could skip a soak.
    """
    path = environment.get(VARIABLE)
    if path is None:
        return datetime.now(UTC)
    if not sandboxed:
        raise ClockError(f"{VARIABLE} is set, and this is no sandbox, where only the real time counts; unset it")
    return read(Path(path))


def read(path: Path) -> datetime:
    """Returns the time that a sandbox's file says, in UTC. Raises ClockError when it says none."""
    try:
        text = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ClockError(f"{VARIABLE} names {path}, which cannot be read: {error.strerror}") from None
    if _AHEAD.fullmatch(text):
        return datetime.now(UTC) + timedelta(seconds=float(text))
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ClockError(
            f"{VARIABLE} names {path}, which says {text[:60]!r}; allowed: 2026-11-23T10:00:00+00:00 or +86400"
        )
    return moment.astimezone(UTC)


def write(path: Path, moment: datetime | None, ahead: timedelta = timedelta()) -> None:
    """Lets a sandbox's time stand at a moment or, with None, run that far ahead of the wall's."""
    text = f"+{ahead.total_seconds():f}" if moment is None else moment.astimezone(UTC).isoformat()
    # Whoever reads meanwhile sees the old time or the new one, never half of it.
    fresh = path.with_name(f"{path.name}.new")
    fresh.write_text(f"{text}\n", encoding="utf-8")
    fresh.replace(path)


def ahead_of(recorded: datetime, present: datetime) -> timedelta | None:
    """Returns by how much a record is of the future, or None when it is not: clocks may be TOLERANCE apart."""
    gap = recorded - present
    return gap if gap > TOLERANCE else None
