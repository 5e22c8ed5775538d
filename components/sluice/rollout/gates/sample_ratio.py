"""The split: cohorts that are not what was declared are not compared like with like."""

import math

from sluice.rollout import figures, ladder, sample_ratio
from sluice.rollout.rise import Answers, Rise, Verdict

_SAY = Answers("sample_ratio")


def check(rise: Rise) -> Verdict:
    """Passes when nothing speaks against the requests having been shared out as the live traffic says."""
    if not rise.serves:
        return _SAY.unasked()
    serving = {slot: percent for slot, percent in rise.live.items() if ladder.rising(0.0, percent)}
    shares = {slot: percent / sum(serving.values()) for slot, percent in serving.items()}
    cohorts = rise.evidence.cohorts
    unknown = [slot for slot in shares if slot not in cohorts]
    if unknown:
        return _SAY.cannot_tell(f"there are no metrics of {', '.join(unknown)}")
    counts = {slot: cohorts[slot].requests for slot in shares}
    asked = sum(counts.values())
    if asked == 0:
        return _SAY.cannot_tell("no request was answered in this stage")
    text = f"{rise.slot} had {figures.percent(counts[rise.slot] / asked)} of {asked:,} requests, "
    text += f"declared {figures.percent(shares[rise.slot])}"
    unlikely = sample_ratio.log_evidence(shares, counts) >= -math.log(rise.terms.alpha)
    return _SAY.failed(f"{text}: the split is not what was declared") if unlikely else _SAY.passed(text)
