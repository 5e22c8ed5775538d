"""The next step of a rollout: what traffic would be declared."""

from collections.abc import Mapping

from sluice.rollout import ladder


def candidate(traffic: Mapping[str, float], baseline: str, slot: str | None = None) -> str:
    """
    Returns the slot that climbs: the one that is named, or the only one besides the baseline that may.

    Raises ValueError, saying what there is, when it is none or one of several.
    """
    others = [name for name in traffic if name != baseline]
    if slot is not None:
        if slot not in others:
            raise ValueError(f"{slot!r} is no candidate; candidates are: {', '.join(others) or 'none'}")
        return slot
    begun = [name for name in others if traffic[name] > 0] or others
    if len(begun) != 1:
        raise ValueError(f"say which slot; candidates are: {', '.join(others) or 'none'}")
    return begun[0]


def raised(traffic: Mapping[str, float], slot: str, rung: float, baseline: str) -> dict[str, float]:
    """
    Returns traffic with a slot at a rung, in percent: the baseline gives first, then whoever has the most.

    Never changes the sum.
    """
    after = dict(traffic)
    missing = rung - after[slot]
    after[slot] = rung
    givers = sorted((name for name in after if name != slot), key=lambda name: (name != baseline, -after[name]))
    for name in givers:
        given = min(after[name], missing)
        after[name] -= given
        missing -= given
    return after


def next_traffic(traffic: Mapping[str, float], slot: str, baseline: str, rungs: tuple[int, ...]) -> dict[str, float]:
    """Returns traffic with a slot on its next rung. Raises ValueError when it is at the top."""
    rung = ladder.next_rung(rungs, traffic[slot])
    if rung is None:
        raise ValueError(f"{slot} has {traffic[slot]:g} %, the top of the ladder; make it the baseline: sluice promote")
    return raised(traffic, slot, rung, baseline)
