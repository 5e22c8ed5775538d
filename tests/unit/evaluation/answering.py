"""Answers to small sets, and the metrics that score them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sluice.evaluation.answers import Answer, CallError
from sluice.evaluation.contract import Metric
from sluice.evaluation.scorers import Context
from sluice.evaluation.scores import Scores
from sluice.evaluation.scoring import score
from sluice.evaluation.sets import Datasheet, EvaluationSet, Example, digest_of

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
EXACT = Metric(scorer={"exact": {}})
SHEET = Datasheet(name="letters", version="1", description="Letters.", source="The alphabet.", license="CC0-1.0")


def set_of(*references: Any, slices: Sequence[dict[str, str]] | None = None) -> EvaluationSet:
    """Returns a set with the ids e0, e1 and so on, and these references."""
    parts = slices or [{} for _ in references]
    examples = tuple(
        Example(id=f"e{number}", input=number, reference=reference, slices=its)
        for number, (reference, its) in enumerate(zip(references, parts, strict=True))
    )
    return EvaluationSet(SHEET, examples, digest_of(SHEET, examples), Path("set.jsonl"))


def answer(example: str, run: int, output: Any = None, error: str | None = None, **more: Any) -> Answer:
    """Returns an answer; `error` is its kind."""
    failure = None if error is None else CallError(kind=error, message="no")
    given = {"latency_ms": 10.0, "attempts": 1, "at": AT, **more}
    return Answer(example=example, run=run, output=output, error=failure, **given)


def scored(answers: Sequence[Answer], asked: EvaluationSet, root: Path = Path(), **metrics: Metric) -> Scores:
    """Returns the table of scores; without metrics, of `accuracy`."""
    return score(answers, asked, metrics or {"accuracy": EXACT}, Context(root))
