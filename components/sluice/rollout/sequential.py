"""
Whether a candidate fails more often than a baseline, however often somebody looks.

For a half-plane of rates (c, b), such as "c exceeds b by at most a margin", each period yields an e-variable

    (c1/c0)^Ec ((1-c1)/(1-c0))^(Nc-Ec) (b1/b0)^Eb ((1-b1)/(1-b0))^(Nb-Eb)

where E of N requests failed, (c1, b1) is an alternative chosen from earlier periods alone, and (c0, b0) the point of
the half-plane that minimises Nc KL(c1, c0) + Nb KL(b1, b0). Its mean is at most 1 whatever the true rates in the
half-plane: with l = (p1-p0) / (p0 (1-p0)) it is (1 + lc (c-c0))^Nc (1 + lb (b-b0))^Nb, at most
exp(Nc lc (c-c0) + Nb lb (b-b0)), whose exponent is not positive because (c0, b0) is the minimum over a convex set.
Products over periods are supermartingales from 1, and so is their mixture over alternatives; by Ville's inequality it
exceeds 1/alpha with probability alpha at most, at all looks together. The rates may change from period to period, as
traffic's do.

Source: Turner, Ly and Gruenwald, Generic E-variables for exact sequential k-sample tests that allow for optional
stopping, J. Statist. Plann. Inference 230 (2024); Turner and Gruenwald, Exact anytime-valid confidence intervals for
contingency tables and beyond, Statist. Probab. Letters 198 (2023).
"""

import math
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sluice.rollout.cohorts import Pair

_STEPS = tuple(0.0005 * 2.5**power for power in range(8))
"""How far beyond the line alternatives are: 0.05 % to 31 %, so close that one of them suits any truth."""
_TINY = 1e-12


@dataclass(frozen=True)
class Line:
    """The border between tolerated and not: the candidate's rate as a function of the baseline's."""

    intercept: float
    slope: float = 1.0

    def at(self, baseline: float) -> float:
        """Returns the largest tolerated rate of the candidate."""
        return self.intercept + self.slope * baseline


@dataclass(frozen=True)
class Alternative:
    """A rate of the candidate, given the baseline's, and the weight that its e-variables have in the mixture."""

    weight: float
    rate: Callable[[float, Line], float]


def _beyond(step: float) -> Callable[[float, Line], float]:
    return lambda baseline, line: max(line.at(baseline), 0.0) + step


def _within(step: float) -> Callable[[float, Line], float]:
    # A candidate without any failure is as good as impossible: it is never taken for much better than the baseline.
    return lambda baseline, line: max(line.at(baseline) - step, baseline / 10)


_WORSE = tuple(Alternative(1 / len(_STEPS), _beyond(step)) for step in _STEPS)
_NOT_WORSE = (
    Alternative(0.5, lambda baseline, line: baseline),
    *(Alternative(0.5 / len(_STEPS), _within(step)) for step in _STEPS),
)


def worse(pairs: Sequence[Pair], line: Line) -> float:
    """Returns the log of the evidence that the candidate's rate is above the line."""
    return _last(running_worse(pairs, line))


def not_worse(pairs: Sequence[Pair], line: Line) -> float:
    """Returns the log of the evidence that the candidate's rate is below the line."""
    return _last(running_not_worse(pairs, line))


def running_worse(pairs: Sequence[Pair], line: Line) -> Iterator[float]:
    """Yields the log of the evidence after each period."""
    return _running(pairs, line, _WORSE, 1)


def running_not_worse(pairs: Sequence[Pair], line: Line) -> Iterator[float]:
    """Yields the log of the evidence after each period."""
    return _running(pairs, line, _NOT_WORSE, -1)


def enough(log_evidence: float, alpha: float) -> bool:
    """Returns whether evidence suffices for a statement that is wrong with probability `alpha` at most."""
    return log_evidence >= -math.log(alpha)


def at_most(pairs: Sequence[Pair], alpha: float) -> float:
    """Returns how much higher, as a difference of rates, the candidate's can be."""
    return _bisected(lambda margin: _within_margin(pairs, margin, alpha), 1.0, -1.0)


def about_at_most(pairs: Sequence[Pair], margin: float, alpha: float) -> float:
    """Returns the same as `at_most`, a twentieth too high at most, where it is above a margin that is above 0."""
    surely, never = 1.0, margin
    while surely > 1.05 * never:
        middle = math.sqrt(surely * never)
        surely, never = (middle, never) if _within_margin(pairs, middle, alpha) else (surely, middle)
    return surely


def _within_margin(pairs: Sequence[Pair], margin: float, alpha: float) -> bool:
    return enough(not_worse(pairs, Line(margin)), alpha)


def at_least(pairs: Sequence[Pair], alpha: float) -> float:
    """Returns how much higher, as a difference of rates, the candidate's is for sure; negative: it may be lower."""
    return _bisected(lambda margin: enough(worse(pairs, Line(margin)), alpha), -1.0, 1.0)


def _last(path: Iterator[float]) -> float:
    # The highest would be as valid, but what was shown at first would then outlast what came later.
    last = deque(path, maxlen=1)
    return last.pop() if last else 0.0


def _bisected(holds: Callable[[float], bool], surely: float, never: float) -> float:
    """Returns the last margin, coming from one that surely holds, that still does; to a 10,000th."""
    while abs(surely - never) > 1e-4:
        middle = (surely + never) / 2
        surely, never = (middle, never) if holds(middle) else (surely, middle)
    return surely


def _running(pairs: Sequence[Pair], line: Line, alternatives: Sequence[Alternative], side: int) -> Iterator[float]:
    totals = [math.log(alternative.weight) for alternative in alternatives]
    # The first period only teaches the baseline's rate: bets on a wrong one are never invalid, and mostly lost.
    failed, asked = 0, 0
    for pair in pairs:
        baseline = (failed + 0.5) / (asked + 1)
        compared = asked > 0 and pair.candidate_requests > 0 and pair.baseline_requests > 0
        # Where the margin is wide, several alternatives are the same one.
        logs: dict[float, float] = {}
        for index, alternative in enumerate(alternatives if compared else ()):
            candidate = alternative.rate(baseline, line)
            # An alternative that is no alternative here stands aside for this period.
            if 0 < candidate < 1 and side * (candidate - line.at(baseline)) > _TINY:
                if candidate not in logs:
                    logs[candidate] = _log_e(pair, candidate, baseline, line)
                totals[index] += logs[candidate]
        failed, asked = failed + pair.baseline_errors, asked + pair.baseline_requests
        yield _log_sum(totals)


def _log_e(pair: Pair, candidate: float, baseline: float, line: Line) -> float:
    base = nearest(pair.candidate_requests, pair.baseline_requests, candidate, baseline, line)
    return _log_ratio(pair.candidate_errors, pair.candidate_requests, candidate, line.at(base)) + _log_ratio(
        pair.baseline_errors, pair.baseline_requests, baseline, base
    )


def _log_ratio(failed: int, asked: int, alternative: float, null: float) -> float:
    return failed * math.log(alternative / null) + (asked - failed) * math.log((1 - alternative) / (1 - null))


def nearest(candidate_requests: int, baseline_requests: int, candidate: float, baseline: float, line: Line) -> float:
    """
    Returns the baseline's rate at the point of the line that is nearest to an alternative, by weighted KL divergence.

    The sum is convex along the line; its minimum is between the baseline's own rate and that at which the line gives
    the candidate's. Found by Newton's method, with bisection where that would leave the bracket.
    """
    beside = (candidate - line.intercept) / line.slope
    floor, ceiling = max(0.0, -line.intercept / line.slope), min(1.0, (1 - line.intercept) / line.slope)
    low, high = max(min(baseline, beside), floor + _TINY), min(max(baseline, beside), ceiling - _TINY)
    rate = _guess(candidate_requests, baseline_requests, candidate, baseline, line)
    rate = rate if low < rate < high else (low + high) / 2
    for _ in range(100):
        at = line.at(rate)
        slope = -candidate_requests * line.slope * (candidate - at) / (at * (1 - at))
        slope -= baseline_requests * (baseline - rate) / (rate * (1 - rate))
        low, high = (rate, high) if slope < 0 else (low, rate)
        bend = candidate_requests * line.slope**2 * _curvature(candidate, at)
        bend += baseline_requests * _curvature(baseline, rate)
        step = rate - slope / bend
        step = step if low <= step <= high else (low + high) / 2
        # Beside an end of the bracket Newton's first steps are tiny too: small is what is so beside the way to an end.
        if abs(step - rate) <= 1e-7 * min(rate, 1 - rate, at, 1 - at):
            return step
        rate = step
    return rate


def _guess(candidate_requests: int, baseline_requests: int, candidate: float, baseline: float, line: Line) -> float:
    """Returns where the minimum would be if the divergence were a parabola."""
    ours = candidate_requests * line.slope / (candidate * (1 - candidate))
    theirs = baseline_requests / (baseline * (1 - baseline))
    return (ours * (candidate - line.intercept) + theirs * baseline) / (ours * line.slope + theirs)


def _curvature(alternative: float, null: float) -> float:
    return alternative / (null * null) + (1 - alternative) / ((1 - null) * (1 - null))


def _log_sum(logs: Sequence[float]) -> float:
    top = max(logs)
    return top + math.log(sum(math.exp(each - top) for each in logs))


def log_mean(logs: Sequence[float]) -> float:
    """Returns the log of the mean of what has these logs: evidence, if each of them is."""
    return _log_sum(logs) - math.log(len(logs))
