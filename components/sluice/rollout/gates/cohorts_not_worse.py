"""Errors: the candidate's users do not meet more of them than the baseline's."""

from collections.abc import Sequence

from sluice.rollout import figures, sequential
from sluice.rollout.cohorts import Cohort, Pair, impossible, paired
from sluice.rollout.rise import Answers, Rise, Verdict
from sluice.rollout.sequential import Line
from sluice.rollout.terms import Terms

_SAY = Answers("cohorts_not_worse")


def check(rise: Rise) -> Verdict:
    """
    Passes when the candidate's error rate exceeds the baseline's, for sure, by no more than is tolerated.

    Fails when, without that, it exceeds the baseline's at all for sure.
    """
    if not rise.serves:
        return _SAY.unasked()
    both = rise.both
    if both is None:
        return _SAY.cannot_tell(rise.missing())
    wrong = impossible(both[0]) or impossible(both[1])
    if wrong is not None:
        return _SAY.cannot_tell(f"{wrong}; the metrics are not complete: wait and run again")
    return _compared(*both, rise.terms)


def _compared(candidate: Cohort, baseline: Cohort, terms: Terms) -> Verdict:
    pairs, alpha, allowed = paired(candidate, baseline), terms.alpha, _allowed(terms)
    text, confidence = _figures(candidate, baseline), f"with {100 * terms.confidence:g} % confidence"
    if _is_tolerable(pairs, _lines(terms), alpha):
        return _SAY.passed(f"{text}, not worse by more than {allowed} {confidence}")
    if sequential.enough(sequential.worse(pairs, Line(0.0)), alpha):
        return _SAY.failed(f"{text}, worse {confidence}, allowed {allowed}")
    most = figures.points(sequential.about_at_most(pairs, terms.error_margin, alpha))
    return _SAY.cannot_tell(f"{text}: may be worse by {most}, allowed {allowed}; it takes more requests")


def _lines(terms: Terms) -> list[Line]:
    """Returns the borders of what is tolerated; a candidate is tolerated below either of them."""
    margin = Line(terms.error_margin)
    return [margin] if terms.error_ratio is None else [margin, Line(0.0, terms.error_ratio)]


def _is_tolerable(pairs: Sequence[Pair], lines: Sequence[Line], alpha: float) -> bool:
    # The mean of what speaks for each: one of two that may be chosen afterwards would be wrong twice as often.
    found = sequential.log_mean([sequential.not_worse(pairs, line) for line in lines])
    return sequential.enough(found, alpha)


def _figures(candidate: Cohort, baseline: Cohort) -> str:
    rates = [figures.percent(cohort.errors / cohort.requests) for cohort in (candidate, baseline)]
    return f"errors {rates[0]} against {rates[1]} (n = {candidate.requests:,}, {baseline.requests:,})"


def _allowed(terms: Terms) -> str:
    margin = figures.points(terms.error_margin)
    return margin if terms.error_ratio is None else f"{margin} or {terms.error_ratio:g} times the baseline's"
