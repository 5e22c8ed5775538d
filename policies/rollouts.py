"""How an endpoint's traffic is declared to rise."""

from collections.abc import Iterator, Mapping

from kit import at, is_unknown_in, listed, number
from rule import UNKNOWN, Resource

LADDER = (1.0, 5.0, 10.0, 25.0, 50.0, 100.0)
"""The ladder of an endpoint that declares none."""


def ladder_of(endpoint: Resource) -> tuple[float, ...]:
    """Returns the rungs in percent; none where any of them is not known yet."""
    declared = at(endpoint.props, "rollout.ladder")
    if declared is None:
        return LADDER
    if is_unknown_in(declared):
        return ()
    return tuple(rung for it in listed(declared) if (rung := number(it)) is not None)


def candidates(endpoint: Resource) -> Iterator[tuple[str, float]]:
    """Yields slot and percent of every variant but the baseline: where none is named, the one with most traffic."""
    weights, baseline = endpoint.props.get("weights"), endpoint.props.get("baseline")
    if baseline is UNKNOWN:
        return
    given = weights.items() if isinstance(weights, Mapping) else ()
    known = {slot: weight for slot, value in given if (weight := number(value)) is not None}
    baseline = baseline or max(known, key=lambda slot: known[slot], default=None)
    yield from ((slot, weight) for slot, weight in known.items() if slot != baseline)
