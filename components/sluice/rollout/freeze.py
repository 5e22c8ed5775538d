"""
Windows in which nothing may rise, in the wall time of a place.

A window is `Fri 16:00 - Mon 08:00`, every week, or `2026-12-20 - 2027-01-02`, once; times of a dated window may be left
out, and its last day is then in it. Where clocks change in the night, a window lasts as long as it can be read to.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_WEEK = timedelta(days=7)
_WEEKLY = re.compile(r"(?P<day>[A-Z][a-z]{2}) (?P<hour>\d{2}):(?P<minute>\d{2})")
_DATED = re.compile(r"(?P<date>\d{4}-\d{2}-\d{2})(?: (?P<hour>\d{2}):(?P<minute>\d{2}))?")
FORMS = "allowed: `Fri 16:00 - Mon 08:00` or `2026-12-20 - 2027-01-02`, or `2026-12-20 18:00 - 2026-12-27 08:00`"


@dataclass(frozen=True)
class Weekly:
    """A window of every week, from a minute of the week up to, but not with, another."""

    start: timedelta
    """Since Monday 00:00, on the wall."""
    end: timedelta


@dataclass(frozen=True)
class Dated:
    """A window that comes once."""

    start: datetime
    """On the wall, without a zone."""
    end: datetime


@dataclass(frozen=True)
class Freeze:
    """Windows of one reason, in one place."""

    name: str
    zone: ZoneInfo
    windows: tuple[Weekly | Dated, ...]


@dataclass(frozen=True)
class Frozen:
    """A window that a moment is in."""

    name: str
    until: datetime
    """In the zone of the freeze."""


def parse_window(text: str) -> Weekly | Dated:
    """Returns a window. Raises ValueError, saying what is wrong with it and what is allowed."""
    first, separator, last = (part.strip() for part in text.partition(" - "))
    if not separator:
        raise ValueError(f"is {text!r}; {FORMS}")
    weekly = _WEEKLY.fullmatch(first), _WEEKLY.fullmatch(last)
    if weekly[0] and weekly[1]:
        return _weekly(text, weekly[0], weekly[1])
    dated = _DATED.fullmatch(first), _DATED.fullmatch(last)
    if dated[0] and dated[1]:
        return _dated(text, dated[0], dated[1])
    raise ValueError(f"is {text!r}; {FORMS}")


def parse_zone(name: str) -> ZoneInfo:
    """Returns a time zone of the IANA database. Raises ValueError when there is none of that name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"is {name!r}, no time zone; allowed: a name like Europe/Berlin or UTC") from None


def frozen(freezes: Sequence[Freeze], now: datetime) -> Frozen | None:
    """Returns the window that `now`, which knows its zone, is in; of several the one that lasts longest."""
    found = [
        Frozen(freeze.name, end.astimezone(freeze.zone))
        for freeze in freezes
        for window in freeze.windows
        for start, end in _occurrences(window, freeze.zone, now)
        if start <= now < end
    ]
    return max(found, key=lambda each: each.until, default=None)


def _occurrences(window: Weekly | Dated, zone: ZoneInfo, now: datetime) -> Iterator[tuple[datetime, datetime]]:
    if isinstance(window, Dated):
        yield _earliest(window.start, zone), _latest(window.end, zone)
        return
    local = now.astimezone(zone)
    monday = datetime.combine(local.date() - timedelta(days=local.weekday()), time())
    for week in (monday - _WEEK, monday):
        end = window.end if window.end > window.start else window.end + _WEEK
        yield _earliest(week + window.start, zone), _latest(week + end, zone)


def _earliest(wall: datetime, zone: ZoneInfo) -> datetime:
    return min(_moments(wall, zone))


def _latest(wall: datetime, zone: ZoneInfo) -> datetime:
    return max(_moments(wall, zone))


def _moments(wall: datetime, zone: ZoneInfo) -> list[datetime]:
    # A wall time can come twice, or never; the two readings are then an hour or so apart.
    return [wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)]


def _weekly(text: str, first: re.Match[str], last: re.Match[str]) -> Weekly:
    window = Weekly(_of_week(text, first), _of_week(text, last))
    if window.start == window.end:
        raise ValueError(f"is {text!r}, which begins when it ends; {FORMS}")
    return window


def _of_week(text: str, match: re.Match[str]) -> timedelta:
    if match["day"] not in DAYS:
        raise ValueError(f"is {text!r}; {match['day']} is no day; allowed: {', '.join(DAYS)}")
    clock = _clock(text, match)
    return timedelta(days=DAYS.index(match["day"]), hours=clock.hour, minutes=clock.minute)


def _dated(text: str, first: re.Match[str], last: re.Match[str]) -> Dated:
    start = datetime.combine(_day(text, first), _clock(text, first))
    end = datetime.combine(_day(text, last), _clock(text, last))
    if last["hour"] is None:
        end += timedelta(days=1)
    if end <= start:
        raise ValueError(f"is {text!r}, which ends before it begins; {FORMS}")
    return Dated(start, end)


def _day(text: str, match: re.Match[str]) -> date:
    try:
        return date.fromisoformat(match["date"])
    except ValueError:
        raise ValueError(f"is {text!r}; {match['date']} is not in the calendar") from None


def _clock(text: str, match: re.Match[str]) -> time:
    if match["hour"] is None:
        return time()
    try:
        return time(int(match["hour"]), int(match["minute"]))
    except ValueError:
        raise ValueError(f"is {text!r}; {match['hour']}:{match['minute']} is no time; allowed 00:00 to 23:59") from None
