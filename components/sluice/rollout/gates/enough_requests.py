"""Requests enough: a quiet day proves nothing."""

from sluice.rollout.rise import Answers, Rise, Verdict

_SAY = Answers("enough_requests")


def check(rise: Rise) -> Verdict:
    """Passes when candidate and baseline have answered as many requests in this stage as they must."""
    if not rise.serves:
        return _SAY.unasked()
    candidate, baseline = rise.candidate_cohort, rise.baseline_cohort
    if candidate is None or baseline is None:
        return _SAY.cannot_tell(rise.missing())
    needed = rise.terms.min_requests
    text = ", ".join(f"{cohort.slot} {cohort.requests:,} of {needed:,} requests" for cohort in (candidate, baseline))
    fewest = min(candidate.requests, baseline.requests)
    if fewest == 0 and needed > 0:
        return _SAY.cannot_tell(text)
    return _SAY.passed(text) if fewest >= needed else _SAY.failed(text)
