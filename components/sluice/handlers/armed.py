"""
What an alarm is armed for. Standard library only, for Lambda.

It travels in the alarm's own description, and so with every event: a late one still tells which version it was about.
"""

import json
from dataclasses import dataclass

from sluice.rollout.movement import Served

MOST = 1024
"""So many characters a description of CloudWatch's has at most."""
_MARK = "sluice:"


@dataclass(frozen=True)
class Armed:
    """Whom an alarm watches, and where traffic goes back to."""

    endpoint: str
    slot: str
    version: Served
    """What is in the slot; nothing else is rolled back."""
    baseline: str
    """The slot that traffic goes back to."""
    fallback: Served
    """What is in the baseline."""
    measure: str
    """What rings, in words: `error rate, in times what is tolerated`."""
    quality: str | None = None
    """The name of the quality metric, where it is one."""

    def described(self, text: str) -> str:
        """Returns an alarm's description: a sentence for people, and below it what `read` finds again."""
        told = {
            "endpoint": self.endpoint,
            "slot": self.slot,
            "version": [self.version.digest, self.version.label],
            "baseline": self.baseline,
            "fallback": [self.fallback.digest, self.fallback.label],
            "measure": self.measure,
            **({"quality": self.quality} if self.quality is not None else {}),
        }
        return f"{text}\n{_MARK}{json.dumps(told, separators=(',', ':'))}"


def read(description: str) -> Armed | None:
    """Returns what an alarm with this description is armed for, or None for an alarm that is not Sluice's."""
    _, mark, written = description.rpartition(f"\n{_MARK}")
    if not mark:
        return None
    try:
        told = json.loads(written)
        return Armed(
            endpoint=str(told["endpoint"]),
            slot=str(told["slot"]),
            version=Served(*map(str, told["version"])),
            baseline=str(told["baseline"]),
            fallback=Served(*map(str, told["fallback"])),
            measure=str(told["measure"]),
            quality=told.get("quality"),
        )
    except (KeyError, TypeError, ValueError):
        return None
