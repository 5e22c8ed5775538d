"""Slots that had traffic and have none: kept for their hours, so that going back to them takes seconds."""

import math
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sluice.provider.custom_type import Failure, Values
from sluice.provider.properties import UNKNOWN

USUAL_HOURS = 72
_MINUTE = timedelta(minutes=1)


def drained(before: Values, weights: Mapping[str, float], present: datetime, live: Mapping[str, float]) -> Values:
    """
    Returns since when slots that had traffic have none, from a slot to its moment as ISO 8601 in UTC.

    `before` are the last outputs, none for an endpoint that is new; `weights` are what the slots have now, `live` what
    they had until then. A slot that never had traffic, such as a candidate, is none of them.
    """
    if not before:
        return {}
    since, recorded = before.get("drained") or {}, before.get("weights") or {}
    idle = [slot for slot, weight in weights.items() if not weight]
    text = present.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    # Of a slot that is new, `live` is but the configuration's initial weight, which lasts for seconds.
    had = {slot for slot in recorded if recorded[slot] or live.get(slot)}
    return {slot: since.get(slot, text) for slot in idle if slot in since or slot in had}


def failures(before: Values, old: Values, new: Values, present: datetime) -> Iterator[Failure]:
    """
    Yields what would take a standby slot away before its hours are over, as far as it is known.

    `before` are the last outputs, `old` the inputs of the last deployment, `new` those that are asked for.
    """
    hours = new.get("standbyHours", USUAL_HOURS)
    if hours is UNKNOWN:
        return
    for slot, since in (before.get("drained") or {}).items():
        start = datetime.fromisoformat(since)
        end = start + timedelta(hours=hours)
        if present >= end:
            continue
        over = max(0.0, math.floor((present - start) / timedelta(hours=0.1)) / 10)
        told = (
            f"slot {slot} stands by since {_minute(start)}, for {hours:g} hours; {over:g} are over; "
            f"keep it as it is until {_minute_after(end)}, or lower standby_hours"
        )
        yield from ((path, f"{change}; {told}") for path, change in _losses(slot, old, new))


def _losses(slot: str, old: Values, new: Values) -> Iterator[Failure]:
    weights = new.get("weights")
    if isinstance(weights, dict) and slot not in weights:
        yield f"weights.{slot}", "is gone"
        return
    for key in ("versions", "instanceTypes"):
        was, is_now = _of(old, key, slot), _of(new, key, slot)
        if was is not None and new.get(key) and is_now not in (was, UNKNOWN):
            yield f"{key}.{slot}", f"was {was!r} and {'is gone' if is_now is None else f'is {is_now!r}'}"
    (_, was), (key, is_now) = _fewest(old, slot), _fewest(new, slot)
    if isinstance(was, int | float) and isinstance(is_now, int | float) and is_now < was:
        yield f"{key}.{slot}", f"was {was:g} and is {is_now:g}"


def _of(values: Values, key: str, slot: str) -> Any:
    found = values.get(key) or {}
    return UNKNOWN if found is UNKNOWN else found.get(slot)


def _fewest(values: Values, slot: str) -> tuple[str, Any]:
    """Returns how many instances a slot has at least, and where that is said: with autoscaling, not by its count."""
    key = "minCounts" if _of(values, "minCounts", slot) is not None else "counts"
    return key, _of(values, key, slot)


def _minute(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%MZ}"


def _minute_after(time: datetime) -> str:
    """Returns a time to the minute, rounded up: who waits until then has waited long enough."""
    return _minute(time if time.second == time.microsecond == 0 else time + _MINUTE)
