"""How requests are shared among the slots of an endpoint."""

from collections.abc import Iterator, Mapping, Sequence

from sluice.errors import Problem
from sluice.names import ALLOWED, is_name

MAX_SLOTS = 10
"""How many production variants SageMaker allows an endpoint."""


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
        fix = f"take {total - 100} away" if total > 100 else f"give out {100 - total} more"
        yield Problem("traffic", f"sums to {total} ({shares}); allowed is 100; {fix}")


def slot_problems(slot: str, instance_count: int | None) -> Iterator[Problem]:
    """Yields what is wrong with one slot; zero is a count like any other, and too low."""
    if not is_name(slot):
        yield Problem(f"variants.{slot}", f"is no name for a slot; {ALLOWED}")
    if instance_count is not None and instance_count < 1:
        yield Problem(f"variants.{slot}.instance_count", f"is {instance_count}; allowed 1 or more")


def endpoint_problems(name: str) -> Iterator[Problem]:
    """Yields what is wrong with the name of an endpoint, which is its component's and its stack's."""
    if not is_name(name):
        yield Problem("", f"the endpoint would be called {name!r}; {ALLOWED}; rename the component or the stack")


def baseline_of(declared: str | None, traffic: Mapping[str, float]) -> str:
    """Returns the slot that the others are compared with: the declared one, or that with the most traffic."""
    return declared if declared is not None else max(traffic, key=lambda slot: traffic[slot], default="")


def baseline_problems(declared: str | None, traffic: Mapping[str, int], slots: Sequence[str]) -> Iterator[Problem]:
    """Yields what keeps a slot from being the baseline."""
    if declared is not None and declared not in slots:
        yield Problem("baseline", f"is {declared!r}, a slot that there is not; slots are: {', '.join(slots)}")
