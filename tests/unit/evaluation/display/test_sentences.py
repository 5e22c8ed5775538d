"""What a comparison means, in sentences."""

from typing import Any

import pytest

from sluice.evaluation.comparison import ComparedMetric
from sluice.evaluation.display.figures import Measure, Scale
from sluice.evaluation.display.rows import Row, parts
from sluice.evaluation.display.sentences import explanation, is_pass, verdict_sentence
from sluice.evaluation.verdict import Verdict
from tests.unit.evaluation.display.samples import compared, comparison, contract, passing, report, shown

SHARE = Scale(Measure.SHARE)


def unknown(**other: Any) -> ComparedMetric:
    return compared(Verdict.CANNOT_TELL, 0.9, 0.89, (-0.05, 0.03)).model_copy(update=other)


def test_the_worst_verdict_comes_first_with_its_figures() -> None:
    """A candidate that is worse must not replace, and the sentence says in what, by how much and what is tolerated."""
    assert verdict_sentence(shown(contract=None)) == (
        "digits@3 must not replace digits@2: accuracy is worse, 94.0 % against 99.0 % (-5.0 percentage points, "
        "95 % interval -8.0 to -2.0; at most -2 is tolerated; n = 500). "
        "Also failing: latency p99 (worse), overlap (cannot tell)"
    )


def test_not_knowing_is_no_pass_and_no_proof() -> None:
    """Where the only thing against a candidate is that a metric cannot be told, the sentence says so, and why."""
    metrics = {"accuracy": unknown(smallest_effect=0.06, examples_needed=1240)}
    said = verdict_sentence(shown(comparison=passing().model_copy(update={"metrics": metrics}), contract=None))
    assert said.startswith("It cannot be told whether digits@3 may replace digits@2: accuracy: too few examples: ")


def test_a_pass_names_the_first_metric_and_what_is_better() -> None:
    """The contract's first metric is what a product manager asks for, even where only latency is better."""
    good = shown(comparison=passing(), contract=None)
    assert verdict_sentence(good) == (
        "digits@3 may replace digits@2: accuracy is not worse, 98.8 % against 99.0 % (-0.2 percentage points, "
        "95 % interval -1.2 to +0.8; at most -2 is tolerated; n = 500); better: latency p95"
    )
    assert is_pass(good)


def test_a_missed_bound_is_no_pass() -> None:
    """A candidate that is not worse than the incumbent and misses the contract's bound must not replace it."""
    it = shown(comparison=passing(), candidate=report("digits@3", 0.05, 1.0))
    said = verdict_sentence(it)
    assert said.startswith(
        "digits@3 must not replace digits@2: accuracy is 94.0 % (95 % interval 92.5 to 94.6; n = 500)"
    )
    assert "the contract admits at least 97 %" in said
    assert not is_pass(it)


def test_a_bound_that_only_the_estimate_keeps_is_no_pass() -> None:
    """The whole interval has to reach a bound; until then nobody can tell."""
    own = contract().model_copy(update={"metrics": {"loss": contract().metrics["loss"]}, "slices": None})
    it = shown(comparison=passing(), candidate=report("digits@3", 0.0, 1.0), contract=own)
    assert verdict_sentence(it).startswith(
        "It cannot be told whether digits@3 may replace digits@2: loss is 0.200, but"
    )


def test_what_the_contract_asks_and_nobody_measured_is_no_pass() -> None:
    """A bound on a metric that the report does not have is never kept."""
    candidate = report("digits@3", 0.0, 1.0).model_copy(update={"metrics": {}})
    it = shown(comparison=passing(), candidate=candidate)
    assert "accuracy is not in the report" in verdict_sentence(it)
    assert not is_pass(it)


def test_too_few_examples_are_explained_with_what_the_set_sees() -> None:
    """The explanation has the smallest difference that could be seen, and how many examples the margin takes."""
    row = Row("accuracy", unknown(smallest_effect=0.06, examples_needed=1240), SHARE)
    assert explanation(row) == (
        "too few examples: this set sees differences of 6.0 pp and more; 1,240 examples are needed for a margin of "
        "2 pp, and there are 500"
    )


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"margin": None}, "no margin is agreed, so this does not count against"),
        ({"examples_needed": 480}, "too close to what is tolerated, -2 pp"),
        ({"low": None, "high": None}, "too few examples for an interval: there are 500"),
        ({"estimate": None, "examples": 0}, "there is nothing to compare: 0 examples"),
        ({"examples_needed": None}, "too close to what is tolerated"),
    ],
)
def test_not_knowing_has_its_own_reason(given: dict[str, Any], said: str) -> None:
    """No margin, a difference at the margin, and no examples are not called too few examples."""
    assert said in explanation(Row("accuracy", unknown(**given), SHARE))


def test_parts_are_in_the_order_of_their_weight() -> None:
    """Metrics come before slices, the adversarial set, latency and cost."""
    titles = [part.title for part in parts(shown())]
    assert titles == ["Metrics", "Slices", "Adversarial set", "Latency", "Cost"]


def test_parts_that_nobody_compared_are_left_out() -> None:
    """Without slices, adversarial set, latency and cost, there are only metrics."""
    bare = shown(comparison=comparison(slices={}, adversarial={}, latency_ms={}, cost=None))
    assert [part.title for part in parts(bare)] == ["Metrics"]


def test_a_long_list_of_failures_is_counted() -> None:
    """A sentence names four more failures and counts the rest."""
    metrics = {f"m{number}": compared(Verdict.WORSE, 0.9, 0.5, (-0.5, -0.3)) for number in range(9)}
    said = verdict_sentence(shown(comparison=passing().model_copy(update={"metrics": metrics}), contract=None))
    assert said.endswith("Also failing: m1 (worse), m2 (worse), m3 (worse), m4 (worse) and 4 more")
