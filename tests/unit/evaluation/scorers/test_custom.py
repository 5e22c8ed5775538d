"""Functions of the project's own."""

import math
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sluice.errors import InvalidInput, SluiceError
from sluice.evaluation.scorers import BaseScorer
from tests.unit.evaluation.scorers.samples import example, scorer

SOURCE = """
import math

def overlap(output, example, least=0):
    return max(least, len(set(output) & set(example.reference)) / len(set(example.reference)))

def given(output, example, value=None):
    return value

def nan(output, example):
    return math.nan

def breaks(output, example):
    return 1 / 0

async def later(output, example):
    return 1

def alone(output):
    return 1

class Of:
    @staticmethod
    def inside(output, example):
        return True

number = 3
"""


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    """A project with a module of scorers."""
    (tmp_path / "scoring").mkdir()
    (tmp_path / "scoring" / "own_scorers.py").write_text(SOURCE)
    before = list(sys.path)
    yield tmp_path
    assert sys.path == before
    sys.modules.pop("own_scorers", None)


def own(project: Path, function: str, **options: Any) -> BaseScorer:
    return scorer("custom", root=project, function=f"own_scorers:{function}", folder="scoring", **options)


def test_a_function_scores(project: Path) -> None:
    """The function gets the output and the example, and the options by name."""
    assert own(project, "overlap").score("abc", example("abcd")) == 0.75
    assert own(project, "overlap", options={"least": 0.9}).score("abc", example("abcd")) == 0.9


def test_a_function_may_be_inside_of_a_class(project: Path) -> None:
    """A dotted name leads there, and a truth is 1."""
    assert own(project, "Of.inside").score("a", example()) == 1


def test_a_path_is_followed_before(project: Path) -> None:
    """The function sees the part of the output that the path finds."""
    assert own(project, "overlap", path="text").score({"text": "abc"}, example("abc")) == 1


def test_none_is_no_score(project: Path) -> None:
    """A function says with None that it cannot tell."""
    assert own(project, "given").score("a", example()) is None


@pytest.mark.parametrize("value", ["1", "high", [1], {}, math.inf])
def test_what_is_no_number_is_refused(project: Path, value: Any) -> None:
    """A score is a finite number, or None."""
    with pytest.raises(SluiceError, match=r"own_scorers:given on an answer of 'e1' returned .*; return a"):
        own(project, "given", options={"value": value}).score("a", example())


def test_nan_is_refused(project: Path) -> None:
    """NaN would silently leave an answer out; None leaves it out and is counted."""
    with pytest.raises(SluiceError, match=r"returned nan; return a finite number, or None for what cannot be scored"):
        own(project, "nan").score("a", example())


def test_an_exception_is_told_with_the_example(project: Path) -> None:
    """A scorer that breaks ends the scoring: it is no fault of the answer."""
    with pytest.raises(
        SluiceError, match=r"own_scorers:breaks on an answer of 'e1' raised ZeroDivisionError: division"
    ):
        own(project, "breaks").score("a", example())


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        ("nothing", "cannot be loaded: AttributeError"),
        ("number", "which is a int; name a function"),
        ("later", "which is async"),
        ("alone", "cannot be called with an output, an example and the options: too many positional arguments"),
    ],
)
def test_what_is_no_scorer_is_refused_beforehand(project: Path, function: str, reason: str) -> None:
    """A function that cannot score is told before any answer is scored."""
    with pytest.raises(
        InvalidInput, match=rf"metrics.m.scorer.custom.function is 'own_scorers:{function}', which .*{reason}|{reason}"
    ):
        own(project, function)


def test_options_that_a_function_does_not_take_are_refused(project: Path) -> None:
    """The function's own signature decides."""
    with pytest.raises(InvalidInput, match=r"got an unexpected keyword argument 'most'"):
        own(project, "overlap", options={"most": 1})


def test_a_module_that_fails_to_load_is_told(project: Path) -> None:
    """Whatever it raises."""
    (project / "scoring" / "own_broken.py").write_text("raise RuntimeError('no')")
    with pytest.raises(InvalidInput, match=r"cannot be loaded: RuntimeError: no"):
        scorer("custom", root=project, function="own_broken:f", folder="scoring")


def test_a_module_of_the_same_name_from_elsewhere_is_no_substitute(project: Path) -> None:
    """A module that was loaded from another folder is not taken for the one that is named."""
    own(project, "overlap")
    (project / "other").mkdir()
    (project / "other" / "own_scorers.py").write_text(SOURCE)
    with pytest.raises(InvalidInput, match=r"is not of .*other, but of .*; give the module another name"):
        scorer("custom", root=project, function="own_scorers:overlap", folder="other")


@pytest.mark.parametrize("function", ["own_scorers", ":f", "a b:f", "x:"])
def test_a_function_has_a_module_and_a_name(function: str) -> None:
    """Anything else is refused."""
    with pytest.raises(InvalidInput, match=r"metrics.m.scorer.custom.function"):
        scorer("custom", function=function)


def test_the_source_is_among_what_scores_rest_on(project: Path) -> None:
    """Its digest tells when the function became another."""
    first = own(project, "overlap").facts
    assert first["function"] == "own_scorers:overlap"
    assert first["source"].startswith("sha256:")
