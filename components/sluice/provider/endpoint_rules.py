"""What a change of an endpoint may not do, whoever asks for it."""

from collections.abc import Iterator
from typing import Any

from sluice.names import ALLOWED, is_name
from sluice.provider.custom_type import Failure, Values
from sluice.provider.properties import UNKNOWN

MAX_VARIANTS = 10
MAX_STANDBY_HOURS = 8760
"""A year."""


def failures(inputs: Values, old: Values) -> Iterator[Failure]:
    """Yields what is wrong with an endpoint, and with what it was before, as far as both are known."""
    name, weights = inputs.get("name"), inputs.get("weights")
    if isinstance(name, str) and not is_name(name):
        yield "name", f"is {name!r}; {ALLOWED}"
    if isinstance(weights, dict):
        yield from _weight_failures(weights)
        yield from _unknown_slots(inputs, weights)
        baseline = inputs.get("baseline")
        if not old and baseline in weights and weights[baseline] == 0:
            yield (
                "baseline",
                f"is {baseline!r}, which has no traffic; on the first creation there is nothing else to trust",
            )
        if isinstance(old.get("weights"), dict) and old.get("name") == name:
            yield from _slot_failures(inputs, weights, old)
    for key in ("counts", "minCounts"):
        counts = inputs.get(key)
        for slot, count in (counts if isinstance(counts, dict) else {}).items():
            if not _is_whole(count) or count < 1:
                yield f"{key}.{slot}", f"is {_shown(count)}; allowed: whole numbers from 1"
    hours = inputs.get("standbyHours", 0)
    if hours is not UNKNOWN and not (_is_number(hours) and 0 <= hours <= MAX_STANDBY_HOURS):
        yield "standbyHours", f"is {_shown(hours)}; allowed 0 to {MAX_STANDBY_HOURS}"


def _weight_failures(weights: Values) -> Iterator[Failure]:
    if len(weights) > MAX_VARIANTS:
        yield "weights", f"are of {len(weights)} variants; SageMaker allows {MAX_VARIANTS}"
    for slot, weight in weights.items():
        if not is_name(slot):
            yield f"weights.{slot}", f"is no name for a slot; {ALLOWED}"
        if weight is not UNKNOWN and (not _is_whole(weight) or weight < 0):
            yield f"weights.{slot}", f"is {_shown(weight)}; allowed: whole numbers from 0"
    if UNKNOWN not in weights.values() and not any(isinstance(it, int | float) and it > 0 for it in weights.values()):
        yield "weights", "are all 0; at least one variant serves"


def _unknown_slots(inputs: Values, weights: Values) -> Iterator[Failure]:
    slots = f"is for a slot that there is not; slots are: {', '.join(weights)}"
    for key in ("counts", "instanceTypes", "minCounts", "versions"):
        given = inputs.get(key)
        yield from (
            (f"{key}.{slot}", slots) for slot in (given if isinstance(given, dict) else {}) if slot not in weights
        )
    baseline = inputs.get("baseline")
    if isinstance(baseline, str) and weights and baseline not in weights:
        yield "baseline", f"is {baseline!r}, a slot that there is not; slots are: {', '.join(weights)}"


def _slot_failures(inputs: Values, weights: Values, old: Values) -> Iterator[Failure]:
    """Yields what would move users without a gate: a slot with traffic that changes under them, or goes."""
    versions, before = inputs.get("versions") or {}, old.get("versions") or {}
    for slot, weight in old["weights"].items():
        if not weight:
            continue
        if slot not in weights:
            yield f"weights.{slot}", f"is gone, and the slot has {_shown(weight)} of the traffic; shift it away first"
        elif slot in before and slot in versions and versions[slot] != before[slot]:
            reason = (
                f"is {versions[slot]!r}, and the slot has {_shown(weight)} of the traffic with {before[slot]!r}: its "
                "users at once would get the new version; put it into a slot without traffic, and shift to that "
                "(if this one has lost its traffic since, run: pulumi refresh)"
            )
            yield f"versions.{slot}", reason


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_whole(value: Any) -> bool:
    return _is_number(value) and float(value).is_integer()


def _shown(value: Any) -> str:
    return f"{value:g}" if _is_number(value) else repr(value)
