"""What counts say of two rates: the single statements, exactly."""

import math
from collections.abc import Callable
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sluice.rollout import sequential
from sluice.rollout.cohorts import Pair
from sluice.rollout.sequential import Line

rates = st.floats(0.001, 0.6)
sizes = st.integers(1, 5)
lines = st.builds(Line, st.floats(0, 0.2), st.just(1.0)) | st.builds(Line, st.just(0.0), st.floats(1, 3))
evidences = st.sampled_from([sequential.worse, sequential.not_worse])


TAUGHT = Pair(0, 0, 40, 3)
"""What came before: from it the baseline's rate is known, a little."""


@st.composite
def periods(draw: st.DrawFn) -> Pair:
    asked, other = draw(st.integers(1, 3000)), draw(st.integers(1, 3000))
    return Pair(asked, draw(st.integers(0, asked // 4)), other, draw(st.integers(0, other // 4)))


def likelihood(pair: Pair, candidate: float, baseline: float) -> float:
    ours = math.comb(pair.candidate_requests, pair.candidate_errors) * candidate**pair.candidate_errors
    theirs = math.comb(pair.baseline_requests, pair.baseline_errors) * baseline**pair.baseline_errors
    ours *= (1 - candidate) ** (pair.candidate_requests - pair.candidate_errors)
    return ours * theirs * (1 - baseline) ** (pair.baseline_requests - pair.baseline_errors)


@given(sizes, sizes, rates, rates, lines)
@settings(deadline=None)
def test_evidence_for_what_is_not_so_is_one_at_most_on_average(
    asked: int, other: int, candidate: float, baseline: float, line: Line
) -> None:
    """Over every outcome of a period, weighted by its probability: on either side of a line, for the other side."""
    evidence = sequential.worse if candidate <= line.at(baseline) else sequential.not_worse
    outcomes = [Pair(asked, ours, other, theirs) for ours, theirs in product(range(asked + 1), range(other + 1))]
    mean = sum(likelihood(pair, candidate, baseline) * math.exp(evidence([TAUGHT, pair], line)) for pair in outcomes)
    assert mean <= 1 + 1e-6


@given(st.integers(1, 10**6), st.integers(1, 10**6), rates, rates, lines)
def test_the_nearest_point_of_the_line_is_the_nearest(
    asked: int, other: int, candidate: float, baseline: float, line: Line
) -> None:
    """No other point of it has a smaller weighted divergence from the alternative."""

    def divergence(rate: float) -> float:
        return asked * _kl(candidate, line.at(rate)) + other * _kl(baseline, rate)

    found = sequential.nearest(asked, other, candidate, baseline, line)
    most = min(1.0, (1 - line.intercept) / line.slope)
    for step in range(1, 200):
        assert divergence(found) <= divergence(most * step / 200) * (1 + 1e-9) + 1e-9


def _kl(alternative: float, null: float) -> float:
    return alternative * math.log(alternative / null) + (1 - alternative) * math.log((1 - alternative) / (1 - null))


@given(
    st.lists(periods(), max_size=6),
    evidences,
    st.sampled_from([Pair(0, 0, 0, 0), Pair(0, 0, 500, 9), Pair(50, 9, 0, 0)]),
)
@settings(deadline=None)
def test_a_period_in_which_one_cohort_was_not_asked_says_nothing(
    pairs: list[Pair], evidence: Callable[[list[Pair], Line], float], alone: Pair
) -> None:
    """Nothing is learnt of a difference from one side alone, or from no requests at all."""
    line = Line(0.01)
    assert evidence([*pairs, alone], line) == pytest.approx(evidence(pairs, line), abs=1e-9)


@pytest.mark.parametrize("alone", [Pair(400, 8, 4000, 40), Pair(60, 0, 5400, 11), Pair(500, 60, 500, 10)])
def test_more_confidence_makes_the_interval_wider(alone: Pair) -> None:
    """Within one end and the other."""
    pairs = [alone] * 20
    lows = [sequential.at_least(pairs, alpha) for alpha in (0.001, 0.01, 0.05)]
    highs = [sequential.at_most(pairs, alpha) for alpha in (0.05, 0.01, 0.001)]
    assert [*lows, *highs] == sorted({*lows, *highs})


def test_without_requests_everything_is_possible() -> None:
    """From 100 points less to 100 points more."""
    assert (sequential.at_least([], 0.01), sequential.at_most([], 0.01)) == (-1, 1)


def test_more_of_the_same_makes_the_interval_narrower() -> None:
    """And it stays around the difference that is there: 2 % less 1 %."""
    widths = []
    for hours in (6, 24, 96):
        pairs = [Pair(500, 10, 5000, 50)] * hours
        low, high = sequential.at_least(pairs, 0.01), sequential.at_most(pairs, 0.01)
        assert low < 0.01 < high
        widths.append(high - low)
    assert widths == sorted(widths, reverse=True)
    assert widths[-1] < 0.006


def test_the_first_period_only_teaches() -> None:
    """Nobody bets before the baseline's rate is known; from the second one on, whatever that rate is."""
    assert sequential.worse([Pair(500, 400, 5000, 50)], Line(0.0)) == pytest.approx(0)
    assert sequential.worse([Pair(50, 15, 500, 100)] * 20, Line(0.0)) > 10


def test_a_mean_of_evidence_is_between() -> None:
    """Evidence of 1 and of 3 is evidence of 2."""
    assert sequential.log_mean([0.0, math.log(3)]) == pytest.approx(math.log(2))


@pytest.mark.parametrize("pair", [Pair(400, 8, 4000, 40), Pair(60, 0, 5400, 11), Pair(20, 5, 500, 10)])
def test_the_quick_bound_is_a_little_above_the_exact_one(pair: Pair) -> None:
    """By a twentieth of it at most."""
    exact = sequential.at_most([pair] * 10, 0.01)
    assert exact > 0.0005
    assert exact - 1e-4 <= sequential.about_at_most([pair] * 10, 0.0005, 0.01) <= 1.06 * exact
