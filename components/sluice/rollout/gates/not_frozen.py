"""No freeze: nothing rises when nobody is there to see it."""

from sluice.rollout.freeze import frozen
from sluice.rollout.rise import Answers, Rise, Verdict

_SAY = Answers("not_frozen")


def check(rise: Rise) -> Verdict:
    """Passes outside of all windows in which nothing may rise."""
    found = frozen(rise.terms.freezes, rise.evidence.now)
    if found is None:
        return _SAY.passed("no freeze")
    return _SAY.failed(f"frozen by {found.name} until {found.until:%a %Y-%m-%d %H:%M %Z}")
