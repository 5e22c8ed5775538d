"""How long users wait."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from sluice.rollout.gates.latency import check, needed
from sluice.rollout.rise import Outcome, Verdict
from sluice.rollout.terms import LatencyLimit
from tests.support.rollouts import NEW, OLD, TERMS, cohort, rise

BOTH = {"p95": LatencyLimit(bound_ms=100, max_ratio=1.25), "p99": LatencyLimit(bound_ms=200)}
BASELINE = {"p50": 20.0, "p95": 80.0, "p99": 120.0}


def measured(ours: Mapping[str, float], limits: Mapping[str, LatencyLimit] = BOTH, samples: int = 10_000) -> Verdict:
    cohorts = {
        "blue": cohort("blue", OLD, 90_000, 0, latency_ms=BASELINE),
        "green": cohort("green", NEW, 10_000, 0, latency_ms=ours, latency_samples=samples),
    }
    return check(rise(terms=replace(TERMS, latency=limits), cohorts=cohorts))


def test_within_bounds_and_ratio_it_passes() -> None:
    """At the limit it is within."""
    verdict = measured({"p95": 100.0, "p99": 200.0})
    assert verdict.outcome is Outcome.PASS
    assert verdict.text == (
        "p95 100 ms, allowed 100; p95 100 ms against 80 ms, 1.25 times, allowed 1.25; p99 200 ms, allowed 200"
    )


@pytest.mark.parametrize(
    ("ours", "text"),
    [
        ({"p95": 99.0, "p99": 201.0}, "p99 201 ms, allowed 200"),
        ({"p95": 120.0, "p99": 1.0}, "p95 120 ms, allowed 100; p95 120 ms against 80 ms, 1.50 times, allowed 1.25"),
        ({"p95": 120.0}, "p95 120 ms, allowed 100; p95 120 ms against 80 ms, 1.50 times, allowed 1.25"),
    ],
)
def test_what_is_beyond_a_limit_fails(ours: Mapping[str, float], text: str) -> None:
    """Each limit for itself, and all that are passed are told; what is missing besides does not hide it."""
    verdict = measured(ours)
    assert (verdict.outcome, verdict.text) == (Outcome.FAIL, text)


def test_a_thin_percentile_cannot_tell() -> None:
    """A p99 of 999 requests has fewer than ten beyond it."""
    verdict = measured({"p95": 80.0, "p99": 120.0}, samples=999)
    assert (verdict.outcome, verdict.text) == (Outcome.CANNOT_TELL, "p99 of green takes 1,000 requests, has 999")
    assert [needed(name) for name in ("p50", "p95", "p99")] == [20, 200, 1000]


def test_a_percentile_that_nobody_measured_cannot_tell() -> None:
    """It is not taken for zero."""
    assert measured({"p95": 80.0}).text == "there is no p99 of green"
    assert measured({"p95": 80.0, "p99": 0.0}).outcome is Outcome.CANNOT_TELL


def test_no_limit_holds_nothing_against_it() -> None:
    """An empty map is a declaration."""
    assert measured({}, limits={}).passes
