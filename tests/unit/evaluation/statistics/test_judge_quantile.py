"""What is said of the ratio of two versions' percentiles of latency."""

import math
from typing import Any

import numpy as np
import pytest

from sluice.errors import SluiceError
from sluice.evaluation.statistics import Runs, judge_quantile, verdicts
from sluice.evaluation.verdict import Verdict
from tests.unit.evaluation.statistics.samples import column, random

NAN = np.nan


def latencies(examples: int, runs: int, seed: int = 0, factor: float = 1.0) -> Runs:
    """Returns milliseconds whose examples differ, slow ones being slow for every seed."""
    common = random(99).normal(size=(examples, 1))
    own = random(seed).normal(size=(examples, runs))
    return np.asarray(100 * factor * np.exp(0.5 * common + 0.3 * own), dtype=np.float64)


@pytest.mark.parametrize("q", [0.5, 0.95])
@pytest.mark.parametrize(
    ("factor", "max_ratio", "expected"),
    [
        (1.0, 1.2, Verdict.NOT_WORSE),
        (0.7, 1.2, Verdict.BETTER),
        (1.5, 1.2, Verdict.WORSE),
        (1.0, 1.001, Verdict.CANNOT_TELL),
        (1.5, None, Verdict.WORSE),
    ],
)
def test_a_ratio_is_judged(q: float, factor: float, max_ratio: float | None, expected: Verdict) -> None:
    """A percentile is better, not worse, or worse by its ratio to the old one; lower is better."""
    found = judge_quantile(latencies(800, 3, 1), latencies(800, 3, 2, factor), q, max_ratio=max_ratio, resamples=2_000)
    assert found.low < found.estimate < found.high
    assert found.estimate == pytest.approx(factor, rel=0.08)
    assert found.smallest_effect > 1
    assert verdicts({"it": found})["it"] is expected


def test_swapping_the_versions_inverts_it() -> None:
    """The new over the old one is one over the old over the new one."""
    old, new = latencies(200, 2, 1), latencies(200, 2, 2, 1.1)
    there, back = judge_quantile(old, new, 0.9), judge_quantile(new, old, 0.9)
    assert (back.estimate, back.low, back.high) == pytest.approx((1 / there.estimate, 1 / there.high, 1 / there.low))
    assert (back.p_better, back.p_worse) == pytest.approx((there.p_worse, there.p_better))


def test_another_unit_changes_nothing() -> None:
    """The ratio of seconds is that of milliseconds."""
    old, new = latencies(150, 2, 1), latencies(150, 2, 2)
    one, other = judge_quantile(old, new, 0.5), judge_quantile(old / 1000, new / 1000, 0.5)
    assert (one.estimate, one.low, one.high) == pytest.approx((other.estimate, other.low, other.high))


def test_too_small_a_set_cannot_tell() -> None:
    """50 examples do not tell a 99th percentile, whatever the bootstrap would say; the estimate is told."""
    found = judge_quantile(latencies(50, 1, 1), latencies(50, 1, 2, 9), 0.99, max_ratio=1.1)
    assert found.method == "too few examples for the quantile 0.99"
    assert found.estimate > 5
    assert math.isnan(found.low)
    assert verdicts({"it": found})["it"] is Verdict.CANNOT_TELL


def test_equal_latencies_are_not_worse() -> None:
    """Latencies that are all the same are within any margin above 1, and not better."""
    same = np.full((400, 2), 20.0)
    found = judge_quantile(same, same, 0.5, max_ratio=1.05)
    assert (found.estimate, found.low, found.high) == (1, 1, 1)
    assert found.p_better == pytest.approx(0.5)
    assert verdicts({"it": found})["it"] is Verdict.NOT_WORSE


def test_failed_calls_have_no_latency() -> None:
    """Calls without a latency are left out, and so are examples without any on one side, which are counted."""
    old, new = latencies(300, 3, 1), latencies(300, 3, 2)
    old[:20, 1:], new[20:30] = NAN, NAN
    found = judge_quantile(old, new, 0.5)
    assert (found.examples, found.only_old, found.runs_old, found.runs_new) == (290, 10, 830, 870)
    assert found.low < 1 < found.high
    nothing = judge_quantile(np.full((3, 1), NAN), np.ones((3, 1)), 0.5)
    assert (nothing.method, nothing.only_new) == ("no common examples", 3)
    assert math.isnan(nothing.estimate)


@pytest.mark.parametrize(
    ("new", "asked", "message"),
    [
        (column(1, 2, 3), {"q": 0.5}, "old has 2 examples and new has 3"),
        (column(1, 2), {"q": 95}, "q is 95; allowed: between 0 and 1"),
        (column(1, 2), {"q": 0.5, "max_ratio": 0.9}, "max_ratio is 0.9; allowed: 1 or more"),
        (column(1, 2), {"q": 0.5, "alpha": 2}, "alpha is 2"),
        (column(0, 2), {"q": 0.5}, "new holds 0; a ratio of percentiles takes values above 0"),
    ],
)
def test_what_makes_no_sense_is_refused(new: Runs, asked: dict[str, Any], message: str) -> None:
    """Other examples, impossible numbers and latencies without a ratio are told."""
    with pytest.raises(SluiceError, match=message):
        judge_quantile(column(1, 2), new, **asked)
