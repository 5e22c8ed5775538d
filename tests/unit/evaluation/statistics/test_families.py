"""Several figures at once, and the verdicts on them."""

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from sluice.errors import SluiceError
from sluice.evaluation.statistics import holm, judge_difference, verdicts
from sluice.evaluation.verdict import Verdict
from tests.unit.evaluation.statistics.samples import answers

NAN = math.nan
KNOWN = judge_difference(*answers(80, 5, 5, 10), kind="binary", margin=0.1)


def p_values(better: float, worse: float, not_worse: float | None) -> dict[str, float | None]:
    return {"p_better": better, "p_worse": worse, "p_not_worse": not_worse}


def test_holm_is_as_published() -> None:
    """0.01, 0.04, 0.03, 0.005 become 0.03, 0.06, 0.06, 0.02: times how many are left, never below the one before."""
    found = holm({"a": 0.01, "b": 0.04, "c": 0.03, "d": 0.005})
    assert found == pytest.approx({"a": 0.03, "b": 0.06, "c": 0.06, "d": 0.02})


@settings(max_examples=30)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=6))
def test_holm_is_statsmodels(values: list[float]) -> None:
    """The adjusted p values are those of statsmodels, whatever their order, with ties, 0 and 1."""
    found = holm({str(index): p for index, p in enumerate(values)})
    assert list(found.values()) == pytest.approx(multipletests(values, method="holm")[1])


def test_what_is_not_known_was_asked_all_the_same() -> None:
    """A figure that tells nothing makes the others' correction no smaller, and stays untold."""
    found = holm({"a": 0.01, "b": NAN})
    assert found["a"] == 0.02
    assert math.isnan(found["b"])
    assert holm({}) == {}


@pytest.mark.parametrize("p", [-0.1, 1.1])
def test_what_is_no_probability_is_refused(p: float) -> None:
    """A p value outside of 0 to 1 is told with its name."""
    with pytest.raises(SluiceError, match=f"p values are from 0 to 1; found speed {p:g}"):
        holm({"accuracy": 0.5, "speed": p})


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (p_values(0.02, 0.98, 0.001), Verdict.BETTER),
        (p_values(0.3, 0.7, 0.02), Verdict.NOT_WORSE),
        (p_values(0.99, 0.01, 0.02), Verdict.NOT_WORSE),
        (p_values(0.99, 0.01, 0.3), Verdict.WORSE),
        (p_values(0.99, 0.01, None), Verdict.WORSE),
        (p_values(0.3, 0.7, 0.03), Verdict.CANNOT_TELL),
        (p_values(0.3, 0.7, None), Verdict.CANNOT_TELL),
        (p_values(0.03, 0.97, None), Verdict.CANNOT_TELL),
        (p_values(NAN, NAN, NAN), Verdict.CANNOT_TELL),
        (p_values(NAN, NAN, None), Verdict.CANNOT_TELL),
    ],
)
def test_a_verdict_takes_half_of_the_significance(found: dict[str, float | None], expected: Verdict) -> None:
    """Each one-sided p value counts at alpha/2; within the margin beats worse, and what is unknown is not told."""
    assert verdicts({"it": replace(KNOWN, **found)}) == {"it": expected}  # type: ignore[arg-type]


def test_more_figures_ask_for_more() -> None:
    """What suffices for one figure does not for the third of three, and only those with a margin ask for it."""
    single = replace(KNOWN, **p_values(0.02, 0.98, 0.02))  # type: ignore[arg-type]
    other = replace(KNOWN, **p_values(0.5, 0.5, None))  # type: ignore[arg-type]
    assert verdicts({"a": single})["a"] is Verdict.BETTER
    assert verdicts({"a": single, "b": other, "c": other})["a"] is Verdict.NOT_WORSE
    assert verdicts({"a": single, "b": single, "c": single}) == dict.fromkeys("abc", Verdict.CANNOT_TELL)
    assert verdicts({}) == {}


def test_the_significance_is_between_0_and_1() -> None:
    """A significance in percent is told."""
    with pytest.raises(SluiceError, match="alpha is 5; allowed: between 0 and 1"):
        verdicts({"it": KNOWN}, alpha=5)
