"""No alarm: nothing rises while something burns."""

from sluice.rollout.rise import Answers, Rise, Verdict

_SAY = Answers("no_alarm")


def check(rise: Rise) -> Verdict:
    """Passes when none of the endpoint's alarms is in ALARM."""
    alarms = rise.evidence.alarms
    if alarms is None:
        return _SAY.cannot_tell("the states of the alarms could not be read")
    if not alarms:
        return _SAY.passed("no alarm is in ALARM")
    return _SAY.failed(f"in ALARM: {', '.join(alarms)}")
