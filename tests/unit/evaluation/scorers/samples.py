"""Examples, and scorers as a contract would make them."""

from pathlib import Path
from typing import Any

from sluice.evaluation.contract import Kind, Metric
from sluice.evaluation.scorers import BaseScorer, Context, scorers_of
from sluice.evaluation.sets import Example


def example(reference: Any = None, example_input: Any = "?") -> Example:
    """Returns an example with a reference."""
    return Example(id="e1", input=example_input, reference=reference)


def scorer(kind: str, root: Path = Path(), cache: Path | None = None, **options: Any) -> BaseScorer:
    """Returns a scorer by its name, with options. Raises InvalidInput."""
    metric = Metric(scorer={kind: options}, kind=Kind.SCORE)
    return scorers_of({"m": metric}, Context(root, cache, timeout_seconds=5))["m"]


def score(kind: str, output: Any, reference: Any = None, **options: Any) -> float | None:
    """Returns what a scorer makes of an output."""
    return scorer(kind, **options).score(output, example(reference))
