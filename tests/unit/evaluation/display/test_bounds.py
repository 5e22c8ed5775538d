"""The absolute bounds of a contract."""

import pytest

from sluice.evaluation.contract import Direction
from sluice.evaluation.display.bounds import Bounded, Reach, bounded
from sluice.evaluation.display.figures import Measure, Scale
from sluice.evaluation.report import Estimate
from tests.unit.evaluation.display.samples import estimate, report, shown


def judged(value: float, low: float, high: float, bound: float, direction: Direction) -> Reach:
    return Bounded("m", Scale(Measure.SHARE), Estimate(**estimate(value, low, high)), bound, direction).reach


@pytest.mark.parametrize(
    ("bound", "direction", "reach"),
    [
        (0.85, Direction.HIGHER, Reach.REACHED),
        (0.88, Direction.HIGHER, Reach.REACHED),
        (0.89, Direction.HIGHER, Reach.NOT_CERTAIN),
        (0.91, Direction.HIGHER, Reach.MISSED),
        (0.92, Direction.LOWER, Reach.REACHED),
        (0.91, Direction.LOWER, Reach.NOT_CERTAIN),
        (0.89, Direction.LOWER, Reach.MISSED),
    ],
)
def test_the_whole_interval_has_to_reach_the_bound(bound: float, direction: Direction, reach: Reach) -> None:
    """A figure of 0.90 in 0.88 to 0.92 reaches a bound that its worse end reaches."""
    assert judged(0.9, 0.88, 0.92, bound, direction) is reach


def test_every_bound_of_the_contract_is_shown() -> None:
    """Metrics, errors, slices, the adversarial set, latency and cost have their bounds, in this order."""
    assert [(it.name, it.allowed) for it in bounded(shown())] == [
        ("accuracy", "at least 97 %"),
        ("overlap", "at least 0.5 points"),
        ("loss", "at most 0.21"),
        ("error rate", "at most 1 %"),
        ("digit=8 accuracy", "at least 90 %"),
        ("adversarial harmless", "at least 90 %"),
        ("latency p95", "at most 200 ms"),
        ("cost per request", "at most 0.001 EUR"),
    ]


def test_what_the_report_lacks_is_not_known() -> None:
    """A bound without its figure is neither reached nor missed."""
    bare = report("digits@3", 0.0, 1.0).model_copy(
        update={"metrics": {}, "slices": {}, "latency_ms": {}, "cost": None, "adversarial": None}
    )
    unknown = {it.name for it in bounded(shown(candidate=bare)) if it.reach is Reach.UNKNOWN}
    assert unknown == {it.name for it in bounded(shown())} - {"error rate"}


def test_without_a_contract_there_are_no_bounds() -> None:
    """A comparison alone does not tell them."""
    assert bounded(shown(contract=None)) == []
