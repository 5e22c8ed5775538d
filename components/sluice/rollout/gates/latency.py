"""
Latency: the candidate's users do not wait longer than is agreed.

CloudWatch gives percentiles, no distribution: they are held against the declared bounds as they are, once there are so
many requests that ten of them are beyond the percentile.
"""

from collections.abc import Iterator

from sluice.rollout.cohorts import PERCENTILES, Cohort
from sluice.rollout.rise import Answers, Rise, Verdict
from sluice.rollout.terms import LatencyLimit

_SAY = Answers("latency")
_BEYOND = 10
"""How many requests are beyond a percentile before it is one."""


def check(rise: Rise) -> Verdict:
    """Passes when each percentile is within its bound and its ratio to the baseline's."""
    if not rise.serves:
        return _SAY.unasked()
    candidate, baseline = rise.candidate_cohort, rise.baseline_cohort
    if candidate is None or baseline is None:
        return _SAY.cannot_tell(rise.missing())
    found = [each for name, limit in rise.terms.latency.items() for each in _held(name, limit, candidate, baseline)]
    for verdict in (_SAY.failed, _SAY.cannot_tell):
        texts = [each.text for each in found if each.outcome is verdict("").outcome]
        if texts:
            return verdict("; ".join(texts))
    return _SAY.passed("; ".join(each.text for each in found) or "no percentile has a bound")


def needed(name: str) -> int:
    """Returns how many requests a percentile takes."""
    return round(_BEYOND / (1 - PERCENTILES[name]))


def _held(name: str, limit: LatencyLimit, candidate: Cohort, baseline: Cohort) -> Iterator[Verdict]:
    value = _percentile(name, candidate)
    if isinstance(value, Verdict):
        yield value
        return
    if limit.bound_ms is not None:
        text = f"{name} {value:,.0f} ms, allowed {limit.bound_ms:,.0f}"
        yield _SAY.passed(text) if value <= limit.bound_ms else _SAY.failed(text)
    if limit.max_ratio is None:
        return
    other = _percentile(name, baseline)
    if isinstance(other, Verdict):
        yield other
        return
    text = f"{name} {value:,.0f} ms against {other:,.0f} ms, {value / other:.2f} times, allowed {limit.max_ratio:g}"
    yield _SAY.passed(text) if value <= limit.max_ratio * other else _SAY.failed(text)


def _percentile(name: str, cohort: Cohort) -> float | Verdict:
    value = cohort.latency_ms.get(name)
    if value is None or value <= 0:
        return _SAY.cannot_tell(f"there is no {name} of {cohort.slot}")
    if cohort.latency_samples < needed(name):
        return _SAY.cannot_tell(
            f"{name} of {cohort.slot} takes {needed(name):,} requests, has {cohort.latency_samples:,}"
        )
    return value
