"""How requests are shared among the slots of an endpoint."""

import re
from collections.abc import Iterator, Mapping, Sequence

from sluice.errors import Problem

MAX_SLOTS = 10
"""How many production variants SageMaker allows an endpoint."""
_SLOT_NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")


def problems(traffic: Mapping[str, int], slots: Sequence[str]) -> Iterator[Problem]:
    """Yields everything that keeps a declared share of traffic, in percent, from being one."""
    if not slots:
        yield Problem("variants", "is empty; an endpoint serves at least one")
    if len(slots) > MAX_SLOTS:
        yield Problem("variants", f"are {len(slots)}; SageMaker allows {MAX_SLOTS} on an endpoint")
    for slot, percent in traffic.items():
        if slot not in slots:
            yield Problem(f"traffic.{slot}", f"is for a slot that there is not; slots are: {', '.join(slots)}")
        if not 0 <= percent <= 100:
            yield Problem(f"traffic.{slot}", f"is {percent}; allowed 0 to 100")
    total = sum(traffic.values())
    if total != 100:
        shares = ", ".join(f"{slot} {percent}" for slot, percent in traffic.items()) or "nothing declared"
        yield Problem("traffic", f"sums to {total} ({shares}); it must sum to 100")


def slot_problems(slot: str, instance_count: int | None) -> Iterator[Problem]:
    """Yields what is wrong with one slot; zero is a count like any other, and too low."""
    if not _SLOT_NAME.fullmatch(slot):
        yield Problem(f"variants.{slot}", "is no name for a slot; allowed: up to 63 letters, digits and inner hyphens")
    if instance_count is not None and instance_count < 1:
        yield Problem(f"variants.{slot}.instance_count", f"is {instance_count}; allowed 1 or more")
