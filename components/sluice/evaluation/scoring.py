"""
Makes the table of scores of answers.

A call that failed for good counts: for a binary metric it is the worst there is, 0 where higher is better and 1 where
lower is; a real-valued metric has no worst, so there it has no score, and the error rate tells of it.
"""

import asyncio
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

import numpy as np

from sluice.errors import InvalidInput, Problem, SluiceError
from sluice.evaluation.answers import Answer
from sluice.evaluation.contract import Direction, Kind
from sluice.evaluation.scorers import BaseScorer, Context, MetricLike, Pair, scorers_of
from sluice.evaluation.scores import Array, Scores
from sluice.evaluation.sets import EvaluationSet, Example

_MOST_PROBLEMS = 20


def score(
    answers: Iterable[Answer],
    evaluation_set: EvaluationSet,
    metrics: Mapping[str, MetricLike],
    context: Context,
) -> Scores:
    """
    Returns the scores of answers, in the order of the set, whatever the order of the answers.

    Runs may be missing, but no example may be without any. Raises InvalidInput for answers to questions that are not
    in the set, answers that are there twice, examples that were never asked, and metrics that cannot be scored;
    SluiceError when a scorer cannot do its work. Not to be called from a running event loop.
    """
    scorers = scorers_of(metrics, context)
    table = _Table(list(answers), evaluation_set)
    scored = {name: asyncio.run(_scored(table, name, metrics[name], scorer)) for name, scorer in scorers.items()}
    return table.scores(scored, {name: scorer.facts for name, scorer in scorers.items() if scorer.facts})


async def _scored(table: "_Table", name: str, metric: MetricLike, scorer: BaseScorer) -> Array:
    """Returns the scores of one metric, of shape (examples, runs)."""
    answered = [(place, answer) for place, answer in table.placed if answer.error is None]
    pairs: list[Pair] = [(answer.output, table.examples[place[0]]) for place, answer in answered]
    array = table.empty()
    for (place, answer), value in zip(answered, await scorer.score_all(pairs), strict=True):
        if value is not None:
            array[place] = _checked(value, name, metric, answer)
    if metric.kind is Kind.BINARY:
        array[table.failed == 1] = 0.0 if metric.direction is Direction.HIGHER else 1.0
    return array


def _checked(value: float, name: str, metric: MetricLike, answer: Answer) -> float:
    where = f"metric {name!r} scores run {answer.run} of {answer.example!r} as {value!r}"
    if not np.isfinite(value):
        raise SluiceError(f"{where}; scores are finite numbers, and None where there is none; mend the scorer")
    if metric.kind is Kind.BINARY and value not in (0, 1):
        raise SluiceError(f"{where}; a binary metric has 0 and 1; declare it as kind: score, or mend the scorer")
    return value


class _Table:
    """Answers in their places: a row an example, a column a run."""

    def __init__(self, answers: list[Answer], evaluation_set: EvaluationSet) -> None:
        """Raises InvalidInput."""
        self.examples: tuple[Example, ...] = evaluation_set.examples
        self._rows = {example.id: row for row, example in enumerate(self.examples)}
        _check(answers, self._rows, evaluation_set.label)
        self._runs = max(answer.run for answer in answers)
        self.placed = sorted((((self._rows[it.example], it.run - 1), it) for it in answers), key=lambda it: it[0])
        self.failed = self._filled(lambda answer: float(answer.error is not None))

    def empty(self) -> Array:
        """Returns an array with nothing in it, of shape (examples, runs)."""
        return np.full((len(self.examples), self._runs), np.nan)

    def scores(self, metrics: Mapping[str, Array], facts: Mapping[str, Mapping[str, Any]]) -> Scores:
        """Returns all of it, with the scores."""
        return Scores(
            examples=tuple(self._rows),
            slices=tuple(example.slices for example in self.examples),
            metrics=metrics,
            failed=self.failed,
            latency_ms=self._filled(lambda answer: answer.latency_ms),
            cost=self._filled(lambda answer: answer.cost),
            tokens_in=self._filled(lambda answer: answer.tokens_in),
            tokens_out=self._filled(lambda answer: answer.tokens_out),
            outputs=self._nested(lambda answer: answer.output),
            errors=self._nested(_error),
            facts=facts,
        )

    def _filled(self, number: Any) -> Array:
        array = self.empty()
        for place, answer in self.placed:
            value = number(answer)
            array[place] = np.nan if value is None else value
        return array

    def _nested(self, value: Any) -> tuple[tuple[Any, ...], ...]:
        rows: list[list[Any]] = [[None] * self._runs for _ in self.examples]
        for (row, run), answer in self.placed:
            rows[row][run] = value(answer)
        return tuple(map(tuple, rows))


def _error(answer: Answer) -> str | None:
    return None if answer.error is None else f"{answer.error.kind}: {answer.error.message}"


def _check(answers: list[Answer], rows: Mapping[str, int], label: str) -> None:
    seen: set[tuple[str, int]] = set()
    problems: list[Problem] = []
    for answer in answers:
        place = answer.example, answer.run
        if answer.example not in rows:
            problems.append(Problem(answer.example, f"is answered, and is no example of {label}; use its own answers"))
        elif place in seen:
            problems.append(Problem(answer.example, f"has two answers of run {answer.run}; keep one"))
        seen.add(place)
    missing = [example for example in rows if not any((example, run) in seen for run in _runs(answers))]
    if missing:
        named = ", ".join(islice(missing, 5)) + (", ..." if len(missing) > 5 else "")
        fix = "go on with: sluice evaluate"
        problems.append(Problem("", f"{len(missing)} of {len(rows)} examples have no answer ({named}); {fix}"))
    if problems:
        more = len(problems) - _MOST_PROBLEMS
        rest = [Problem("", f"and {more} more like these")] if more > 0 else []
        raise InvalidInput(f"the answers to {label}", [*problems[:_MOST_PROBLEMS], *rest])


def _runs(answers: list[Answer]) -> range:
    return range(1, 1 + max((answer.run for answer in answers), default=0))
