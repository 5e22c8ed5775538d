"""Where traffic goes back to, when somebody or something has had enough of a version."""

from collections.abc import Mapping
from dataclasses import dataclass

from sluice.rollout.journal import History, last_full
from sluice.rollout.movement import SAME


@dataclass(frozen=True)
class WayBack:
    """Who gets all the traffic."""

    slot: str
    """It is the baseline from then on."""
    reason: str
    """What it is, for people: `the baseline`."""


def way_back(history: History, live: Mapping[str, float], versions: Mapping[str, str]) -> WayBack:
    """
    Returns the baseline while others serve; when it has all the traffic, who had it before and still stands by.

    `live` is percent by slot, `versions` the digest of what is in each slot now.
    Raises ValueError when there is nobody.
    """
    baseline = None if history.last is None else history.last.baseline
    if baseline is not None and baseline in live and live[baseline] < 100 - float(SAME):
        return WayBack(baseline, "the baseline")
    serving = versions.get(baseline or "", "")
    former = last_full(history, other_than=serving)
    if former is None:
        raise ValueError("no other version has had all the traffic, so there is none to go back to")
    if versions.get(former.slot) != former.version.digest:
        raise ValueError(
            f"{former.version.label}, which served before, does not stand by any more; bring it back as a version: "
            f"sluice rollback --to {former.version.label}"
        )
    return WayBack(former.slot, f"{former.version.label}, which served before")
