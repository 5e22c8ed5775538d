"""Reference-based text figures."""

from typing import Any

import pytest
import sacrebleu

from sluice.errors import InvalidInput
from tests.unit.evaluation.scorers.samples import score, scorer

CAT = "The cat sat on the mat ."


@pytest.mark.parametrize(("figure", "best"), [("bleu", 100), ("chrf", 100), ("chrf++", 100), ("ter", 0)])
def test_the_reference_itself_is_the_best(figure: str, best: float) -> None:
    """A text is as near to itself as can be, and another one is less near."""
    assert score("text", CAT, CAT, figure=figure) == pytest.approx(best)
    assert score("text", "A dog ran .", CAT, figure=figure) != pytest.approx(best)


def test_bleu_is_the_formula_s() -> None:
    """
    The figure is what Papineni et al. 2002 say, worked out by hand.

    5 words, all but one right: precisions 4/5, 3/4, 2/3, 1/2, whose geometric mean is 0.2 ** 0.25; of the same length.
    """
    assert score("text", "a b c d x", "a b c d e", figure="bleu") == pytest.approx(100 * 0.2**0.25)


def test_ter_is_the_formula_s() -> None:
    """One word of four is another one: an edit rate of a quarter (Snover et al. 2006)."""
    assert score("text", "a b c x", "a b c d", figure="ter") == pytest.approx(25)


def test_chrf_is_the_formula_s() -> None:
    """
    The figure is what Popović 2015 says, worked out by hand.

    `ab` against `abc`: of single letters 2 of 2 and 2 of 3, of pairs 1 of 1 and 1 of 2, none longer that both have;
    averages 1 and 7/12, and F with beta 2.
    """
    precision, recall = 1, (2 / 3 + 1 / 2) / 2
    expected = 5 * precision * recall / (4 * precision + recall)
    assert score("text", "ab", "abc", figure="chrf") == pytest.approx(100 * expected)


def test_the_best_of_several_references_counts() -> None:
    """A list of texts is several references."""
    several = ["A dog ran .", CAT]
    assert score("text", CAT, several, figure="bleu") == pytest.approx(100)


@pytest.mark.parametrize("reference", [None, "", " ", [], 3, {"a": "b"}])
def test_without_a_reference_text_there_is_no_score(reference: Any) -> None:
    """What is no text is no reference."""
    assert score("text", CAT, reference, figure="bleu") is None


@pytest.mark.parametrize(("figure", "worst"), [("bleu", 0), ("chrf", 0), ("ter", 100)])
def test_no_text_at_all_is_scored_as_an_empty_one(figure: str, worst: float) -> None:
    """An answer without a text is a bad answer, and not one that is left out."""
    assert score("text", None, CAT, figure=figure) == pytest.approx(worst)


@pytest.mark.parametrize("figure", ["bleu", "ter"])
def test_case_counts_unless_it_is_said(figure: str) -> None:
    """With lowercase, case alone makes no difference."""
    assert score("text", CAT.upper(), CAT, figure=figure) != score("text", CAT, CAT, figure=figure)
    assert score("text", CAT.upper(), CAT, figure=figure, lowercase=True) == score("text", CAT, CAT, figure=figure)


def test_what_scores_rest_on_names_the_library() -> None:
    """The library's version and the figure are told, since both decide."""
    assert scorer("text", figure="ter").facts == {"library": f"sacrebleu {sacrebleu.__version__}", "figure": "ter"}


@pytest.mark.parametrize("options", [{}, {"figure": "rouge"}, {"figure": "ter", "tokenize": "13a"}])
def test_options_are_checked(options: Any) -> None:
    """The figure is one that there is, and tokenize belongs to BLEU."""
    with pytest.raises(InvalidInput, match=r"metrics.m.scorer.text"):
        scorer("text", **options)
