"""No rung is skipped: whoever saw a candidate at 10 percent has not seen it at 50."""

from sluice.rollout import ladder
from sluice.rollout.rise import Answers, Rise, Verdict

_SAY = Answers("next_rung", hard=True)


def check(rise: Rise) -> Verdict:
    """Passes the next rung of the ladder from the share that is live."""
    refusal = ladder.refusal(rise.terms.ladder, rise.percent, rise.wanted)
    if refusal is None:
        return _SAY.passed(f"{rise.wanted:g} % is the next step from {rise.percent:g} %")
    return _SAY.failed(refusal)
