"""Quality: what the declared metrics say of the candidate's answers is not worse by more than their margins."""

from sluice.rollout import figures, means
from sluice.rollout.cohorts import Cohort
from sluice.rollout.rise import Answers, Outcome, Rise, Verdict
from sluice.rollout.terms import QualityMargin

_SAY = Answers("quality")


def check(rise: Rise) -> Verdict:
    """Passes when every metric's mean is, for sure, within its margin of the baseline's."""
    if not rise.serves:
        return _SAY.unasked()
    if not rise.terms.quality:
        return _SAY.passed("no metric has a margin")
    candidate, baseline = rise.candidate_cohort, rise.baseline_cohort
    if candidate is None or baseline is None:
        return _SAY.cannot_tell(rise.missing())
    # Each of several metrics has its part of the probability of a wrong statement.
    alpha = rise.terms.alpha / len(rise.terms.quality)
    found = [_compared(name, margin, candidate, baseline, alpha) for name, margin in rise.terms.quality.items()]
    worst = _worst(found)
    return Verdict(_SAY.gate, worst, "; ".join(each.text for each in found if each.outcome is worst))


def _worst(found: list[Verdict]) -> Outcome:
    outcomes = {each.outcome for each in found}
    return next(each for each in (Outcome.FAIL, Outcome.CANNOT_TELL, Outcome.PASS) if each in outcomes)


def _compared(name: str, margin: QualityMargin, candidate: Cohort, baseline: Cohort, alpha: float) -> Verdict:
    ours, theirs = candidate.quality.get(name), baseline.quality.get(name)
    if ours is None or theirs is None:
        return _SAY.cannot_tell(f"there is no {name} of {(candidate if ours is None else baseline).slot}")
    interval = means.difference(ours, theirs, margin.margin, alpha)
    if interval is None:
        return _SAY.cannot_tell(f"{name} takes {means.LEAST} values, has {ours.count:,} and {theirs.count:,}")
    text = f"{name} {figures.number(ours.mean)} against {figures.number(theirs.mean)}"
    text += f" (n = {ours.count:,}, {theirs.count:,})"
    # The loss: how much worse the candidate is, whichever way is better.
    least, most = (-interval.high, -interval.low) if margin.higher_is_better else (interval.low, interval.high)
    if least > margin.margin:
        return _SAY.failed(f"{text}, worse by {figures.number(least)} at least, allowed {margin.margin:g}")
    if most <= margin.margin:
        return _SAY.passed(f"{text}, not worse")
    return _SAY.cannot_tell(f"{text}: may be worse by {figures.number(most)}, allowed {margin.margin:g}")
