"""How a contract's metrics find their scorers."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import sluice.evaluation.scorers as package
from sluice.errors import InvalidInput
from sluice.evaluation.contract import Kind, Metric
from sluice.evaluation.scorers import Context, kinds, scorers_of
from tests.unit.evaluation.scorers.samples import scorer


def made(**metrics: Metric) -> Any:
    return scorers_of(metrics, Context(Path()))


def test_files_are_the_scorers() -> None:
    """Every module that does not begin with an underscore is a scorer, by its own name."""
    files = {file.stem for file in Path(str(package.__file__)).parent.glob("*.py")}
    assert set(kinds()) == {name for name in files if not name.startswith("_")}


@pytest.mark.parametrize("kind", kinds())
def test_options_are_closed(kind: str) -> None:
    """No scorer takes an option that it does not know, and the message tells those that it knows."""
    with pytest.raises(InvalidInput, match=rf"metrics.m.scorer.{kind}.surprise is not known here; .*known are: "):
        scorer(kind, surprise=1)


def test_an_unknown_scorer_names_the_nearest() -> None:
    """Who mistypes a scorer is told which one is like it, and all that there are."""
    with pytest.raises(
        InvalidInput, match=r"is 'exat', which is no scorer; did you mean 'exact'\? known are: custom, "
    ):
        scorer("exat")


def test_a_scorer_like_none_names_none() -> None:
    """Nothing is suggested where nothing is alike."""
    with pytest.raises(InvalidInput) as raised:
        scorer("zzzzzzzz")
    assert "did you mean" not in str(raised.value)


def test_helpers_are_no_scorers() -> None:
    """A module that helps scorers cannot be named as one."""
    with pytest.raises(InvalidInput, match=r"'_values', which is no scorer"):
        scorers_of({"m": SimpleNamespace(scorer={"_values": {}}, kind=Kind.BINARY)}, Context(Path()))  # type: ignore[dict-item]


def test_all_problems_are_told_together() -> None:
    """Every metric that cannot be scored is in one message."""
    with pytest.raises(InvalidInput) as raised:
        made(
            a=Metric(scorer={"exat": {}}),
            b=Metric(scorer={"exact": {"ignore_case": "yes", "paht": "x"}}),
            c=Metric(scorer={"text": {"figure": "bleu"}}),
            d=Metric(scorer={"exact": {}}),
        )
    paths = [problem.path for problem in raised.value.problems]
    assert paths == [
        "metrics.a.scorer",
        *(f"metrics.b.scorer.exact.{it}" for it in ("ignore_case", "paht")),
        "metrics.c.kind",
    ]


def test_a_real_valued_scorer_is_no_binary_metric() -> None:
    """A metric that is declared binary, or not declared at all, is refused before anything is scored."""
    with pytest.raises(InvalidInput, match=r"metrics.m.kind is binary, and the scorer numeric gives other numbers"):
        made(m=Metric(scorer={"numeric": {"score": "absolute_error"}}))


def test_a_binary_scorer_may_be_a_score() -> None:
    """A share may be treated as a mean."""
    assert made(m=Metric(scorer={"exact": {}}, kind=Kind.SCORE))


@pytest.mark.parametrize("expression", ["a[", "", "a ||"])
@pytest.mark.parametrize("option", ["path", "reference_path"])
def test_a_path_is_jmespath(option: str, expression: str) -> None:
    """What is no JMESPath expression is refused, and named."""
    with pytest.raises(InvalidInput, match=rf"metrics.m.scorer.exact.{option}"):
        scorer("exact", **{option: expression})


def test_naming_the_scorers_loads_nothing_heavy() -> None:
    """Contracts can be read without what scorers need."""
    heavy = "numpy sacrebleu jsonschema openai anthropic regex jmespath jinja2"
    look = f"[name for name in '{heavy}'.split() if name in sys.modules]"
    program = f"import sys, sluice.evaluation.scorers as scorers; scorers.kinds(); print({look})"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert run.stdout.strip() == "[]"
