"""The shadow: a version has seen the world before the world sees it."""

from sluice.rollout import figures
from sluice.rollout.rise import Answers, Outcome, Rise, Verdict

_SAY = Answers("shadowed")


def check(rise: Rise) -> Verdict:
    """Passes the first rung when this version was in the shadow long enough, and its answers passed there."""
    needed = rise.terms.shadow_days
    if rise.serves:
        return _SAY.passed("is past its first rung")
    if needed == 0:
        return _SAY.passed("no shadow is asked for")
    shadow = rise.evidence.shadows.get(rise.version)
    if shadow is None or shadow.version != rise.version:
        return _SAY.cannot_tell(f"there is no report of this version in the shadow; it takes {needed:g} days")
    days = (shadow.until - shadow.since).total_seconds() / 86400
    text = f"in the shadow {figures.hours(days)} of {needed:g} days, {shadow.requests:,} requests, {shadow.text}"
    if days < needed:
        return _SAY.failed(text)
    return Verdict(_SAY.gate, shadow.outcome if shadow.requests > 0 else Outcome.CANNOT_TELL, text)
