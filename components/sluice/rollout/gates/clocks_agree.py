"""No record is of the future: with a wrong clock nobody knows how long anything soaked."""

from sluice.rollout import clock
from sluice.rollout.rise import Answers, Rise, Verdict

_SAY = Answers("clocks_agree", hard=True)


def check(rise: Rise) -> Verdict:
    """Passes unless the journal's newest entry was made later than it is now."""
    evidence = rise.evidence
    moments = [evidence.stage_since.get(rise.slot), evidence.recorded_at, evidence.measured_until]
    known = [moment for moment in moments if moment is not None]
    ahead = clock.ahead_of(max(known), evidence.now) if known else None
    if ahead is None:
        return _SAY.passed("no record is of the future")
    return _SAY.cannot_tell(
        f"the clock says {evidence.now:%Y-%m-%d %H:%M %Z}, {ahead.total_seconds() / 60:,.0f} min before the newest "
        "record; set this machine's clock"
    )
