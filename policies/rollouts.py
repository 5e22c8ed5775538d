"""How an endpoint's traffic is declared to rise."""

from collections.abc import Iterator, Mapping

from kit import at, listed, number
from rule import Resource

LADDER = (1.0, 5.0, 10.0, 25.0, 50.0, 100.0)
"""The ladder of an endpoint that declares none."""


def ladder_of(endpoint: Resource) -> tuple[float, ...]:
    """Returns the rungs in percent; none where they are not known yet."""
    declared = at(endpoint.props, "rollout.ladder")
    if declared is None:
        return LADDER
    return tuple(rung for it in listed(declared) if (rung := number(it)) is not None)


def candidates(endpoint: Resource) -> Iterator[tuple[str, float]]:
    """Yields slot and percent of every variant but the baseline: where none is named, the one with most traffic."""
    weights = endpoint.props.get("weights")
    given = weights.items() if isinstance(weights, Mapping) else ()
    known = {slot: weight for slot, value in given if (weight := number(value)) is not None}
    baseline = endpoint.props.get("baseline") or max(known, key=lambda slot: known[slot], default=None)
    yield from ((slot, weight) for slot, weight in known.items() if slot != baseline)
