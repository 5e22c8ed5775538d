"""The share of a version's requests that usually fails: what an alarm goes by where the baseline has few requests."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

LONGEST = timedelta(hours=24)
"""So long a past counts: a whole day, so that no hour of it is missing."""
_DIGITS = 2
"""So many digits are kept, so that chance changes no alarm; the rate is at most a twentieth off by it."""


@dataclass(frozen=True)
class Usual:
    """An error rate, and what it rests on."""

    rate: float = 0.0
    """The share of failed requests, 0 to 1."""
    requests: int = 0
    """How many requests it was measured on; 0: it never was."""


def usual(former: Usual | None, requests: int, errors: int, fewest: int) -> Usual:
    """Returns what is usual of a version: as measured, where there are enough requests, or as it was; else zero."""
    if requests >= max(fewest, 1):
        return Usual(rounded(min(errors / requests, 1.0)), requests)
    return former or Usual()


def since(
    versions: Mapping[str, str], former: Mapping[str, str], known: Mapping[str, str], now: datetime
) -> dict[str, str]:
    """
    Returns since when slots have their versions, as ISO 8601 in UTC, of those whose version was seen to change.

    `versions` and `former` are digests by slot, now and before; `former` is empty when nothing is known of before.
    """
    text = now.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    found = {slot: known.get(slot) if former.get(slot) == it else text for slot, it in versions.items() if former}
    return {slot: moment for slot, moment in found.items() if moment is not None}


def beginning(slot: str, known: Mapping[str, str], now: datetime) -> datetime:
    """Returns from when on the requests to a slot are looked at: those to its former version tell nothing."""
    day = now - LONGEST
    return max(day, datetime.fromisoformat(known[slot])) if slot in known else day


def rounded(rate: float) -> float:
    """Returns a rate with two significant digits: 0.02983 is 0.03."""
    return float(f"{rate:.{_DIGITS}g}")
