"""Metrics of now: what came late may be what was bad."""

from sluice.rollout.rise import Answers, Rise, Verdict

_SAY = Answers("metrics_fresh")


def check(rise: Rise) -> Verdict:
    """Passes when metrics reach as near to the present as they must, and do not contradict themselves."""
    if not rise.serves:
        return _SAY.unasked()
    until = rise.evidence.measured_until
    if until is None:
        return _SAY.cannot_tell("there are no metrics of this stage")
    age, allowed = (rise.evidence.now - until).total_seconds() / 60, rise.terms.max_metrics_age_minutes
    text = f"metrics end {max(age, 0.0):,.0f} min ago, allowed {allowed:,.0f}"
    return _SAY.passed(text) if age <= allowed else _SAY.cannot_tell(f"{text}; they are delayed: wait and run again")
