"""The ladder: the shares of traffic that a candidate climbs, one at a time."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from sluice.errors import Problem

DEFAULT = (1, 5, 10, 25, 50, 100)
"""Percent of an endpoint's traffic."""
_SAME = 1e-6
"""Live weights are ratios of floats: shares in percent this close are the same."""


def problems(ladder: Sequence[int], path: str = "ladder") -> Iterator[Problem]:
    """Yields everything that keeps a list of percentages from being a ladder."""
    if not ladder:
        yield Problem(path, "is empty; it needs at least the rung 100")
        return
    shown = ", ".join(map(str, ladder))
    for index, rung in enumerate(ladder):
        if not 1 <= rung <= 100:
            yield Problem(f"{path}[{index}]", f"is {rung}; allowed 1 to 100")
    for index, (lower, upper) in enumerate(pairwise(ladder), start=1):
        if upper <= lower:
            yield Problem(
                f"{path}[{index}]",
                f"is {upper}, after {lower}; a ladder ascends ({shown}); allowed {lower + 1} or more",
            )
    if ladder[-1] != 100:
        yield Problem(path, f"ends at {ladder[-1]} ({shown}); add the rung 100, or the candidate never takes over")


def next_rung(ladder: Sequence[int], live: float) -> int | None:
    """Returns the rung above a live share in percent, which may be between two; None at the top."""
    return next((rung for rung in ladder if rung > live + _SAME), None)


def refusal(ladder: Sequence[int], live: float, wanted: float) -> str | None:
    """Returns why a share may not become another, or None: a fall always may, a rise only to the next rung."""
    if wanted <= live + _SAME:
        return None
    allowed = next_rung(ladder, live)
    if allowed is None:
        return f"{wanted:g} % is above the ladder's top, {ladder[-1]} %"
    if abs(wanted - allowed) <= _SAME:
        return None
    shown = ", ".join(map(str, ladder))
    reason = f"skips {allowed} %" if wanted > allowed else "is not on the ladder"
    return f"{wanted:g} % {reason} ({shown}); from {live:g} % the next step is {allowed} %"


def rising(before: float, after: float) -> bool:
    """Returns whether a share in percent goes up."""
    return after > before + _SAME
