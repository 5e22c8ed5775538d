"""
What makes a number of an answer: one file a scorer, found by looking.

A scorer is a module named as its key in a contract, with

- `Options`, what a contract says of it, a pydantic model;
- `Scorer(options, context)`, a `BaseScorer`.

What a scorer needs beside the standard library it imports when it is made, so that contracts can be read without it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any, Protocol, TypeAlias, cast

from pydantic import ValidationError

from sluice.errors import InvalidInput, Problem
from sluice.evaluation.contract import Direction, Kind
from sluice.evaluation.sets import Example
from sluice.validation import problems_of

_SUBJECT = "the contract's metrics"
Pair: TypeAlias = tuple[Any, Example]
"""An output, any JSON, and the example that it answers."""


@dataclass(frozen=True)
class Context:
    """What every scorer may use."""

    root: Path
    """The project's folder; files that a contract names are in it."""
    cache: Path | None = None
    """The file that keeps what judges said, so that no judge is asked twice. None: nothing is kept."""
    timeout_seconds: float = 60
    """How long a judge may take for one answer."""


class MetricLike(Protocol):
    """What scoring needs to know of a metric; a contract's `Metric` is one."""

    @property
    def scorer(self) -> Mapping[str, Mapping[str, Any]]:
        """The scorer by its name, with its options."""
        ...

    @property
    def kind(self) -> Kind:
        """Whether scores are 0 or 1, or any number."""
        ...

    @property
    def direction(self) -> Direction:
        """Which way is better."""
        ...


@dataclass
class BaseScorer:
    """What scorers have in common."""

    binary: bool | None = field(default=True, init=False)
    """Whether it gives 0 and 1 and nothing else. None: that is known only from what it gives."""
    facts: dict[str, Any] = field(default_factory=dict, init=False)
    """What else its scores rest on, for the report's environment: a library's version, a judge, a file's digest."""

    def score(self, output: Any, example: Example) -> float | None:
        """
        Returns the score of an output. None: it cannot be scored, because the example has no reference, say.

        Raises SluiceError when that is no matter of this answer alone.
        """
        raise NotImplementedError

    async def score_all(self, pairs: Sequence[Pair]) -> list[float | None]:
        """Returns the score of each output, in their order. Raises SluiceError, as `score` does."""
        return [self.score(output, example) for output, example in pairs]


@lru_cache(maxsize=1)
def kinds() -> tuple[str, ...]:
    """Returns the names of the scorers, in their order."""
    return tuple(sorted(module.name for module in iter_modules(__path__) if not module.name.startswith("_")))


def scorers_of(metrics: Mapping[str, MetricLike], context: Context) -> dict[str, BaseScorer]:
    """
    Returns the scorer of each metric.

    Raises InvalidInput with all problems: scorers that do not exist, options that do not fit, and metrics that are
    declared binary where scores are real.
    """
    made: dict[str, BaseScorer] = {}
    problems: list[Problem] = []
    for name, metric in metrics.items():
        try:
            made[name] = _scorer_of(name, metric, context)
        except InvalidInput as error:
            problems += error.problems
    if problems:
        raise InvalidInput(_SUBJECT, problems)
    return made


def _scorer_of(name: str, metric: MetricLike, context: Context) -> BaseScorer:
    at = f"metrics.{name}.scorer"
    if len(metric.scorer) != 1:
        raise InvalidInput(_SUBJECT, [Problem(at, f"names {len(metric.scorer)} scorers; name exactly one")])
    ((kind, document),) = metric.scorer.items()
    if kind not in kinds():
        raise InvalidInput(_SUBJECT, [Problem(at, _unknown(kind))])
    scorer = _made(kind, document, f"{at}.{kind}", context)
    if metric.kind is Kind.BINARY and scorer.binary is False:
        reason = f"is binary, and the scorer {kind} gives other numbers than 0 and 1; write score"
        raise InvalidInput(_SUBJECT, [Problem(f"metrics.{name}.kind", reason)])
    return scorer


def _made(kind: str, document: Mapping[str, Any], at: str, context: Context) -> BaseScorer:
    module = import_module(f"{__name__}.{kind}")
    try:
        options = module.Options.model_validate(dict(document))
    except ValidationError as error:
        found = problems_of(module.Options, error)
    else:
        try:
            return cast("BaseScorer", module.Scorer(options, context))
        except InvalidInput as error:
            found = error.problems
    raise InvalidInput(_SUBJECT, [Problem(f"{at}.{it.path}".removesuffix("."), it.message) for it in found])


def _unknown(kind: str) -> str:
    nearest = get_close_matches(kind, kinds(), n=1)
    hint = f"did you mean {nearest[0]!r}? " if nearest else ""
    return f"is {kind!r}, which is no scorer; {hint}known are: {', '.join(kinds())}; your own is written as custom"
