"""Counts what is asked of AWS."""

from collections.abc import Callable
from typing import Any


def counting(client: Callable[[str, str], Any], calls: list[str]) -> Callable[[str, str], Any]:
    """Returns what makes clients that note every operation."""
    made: dict[tuple[str, str], Any] = {}

    def client_of(service: str, region: str) -> Any:
        if (service, region) not in made:
            found = client(service, region)
            found.meta.events.register("before-call", lambda model, **_: calls.append(model.name))
            made[service, region] = found
        return made[service, region]

    return client_of
