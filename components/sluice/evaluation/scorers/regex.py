"""Whether a pattern is in an output."""

from typing import Any, Literal

from pydantic import Field

from sluice.errors import InvalidInput, Problem, SluiceError
from sluice.evaluation.scorers import BaseScorer, Context
from sluice.evaluation.scorers._patterns import TIMEOUT_SECONDS, PatternText, compiled
from sluice.evaluation.scorers._values import ReferenceOptions, text_of
from sluice.evaluation.sets import Example
from sluice.manifest.base import Text


class Options(ReferenceOptions):
    """A regular expression as Python has them, and what must match it."""

    pattern: PatternText
    """The expression."""
    match: Literal["search", "whole"] = "search"
    """`search`: anywhere in the output; `whole`: all of it. Omitted: `search`."""
    ignore_case: bool = False
    """Omitted: upper and lower case differ."""
    capture: Text | None = None
    """The group, by name or number, whose text must be the example's reference. Omitted: a match is enough."""
    timeout_seconds: float = Field(default=TIMEOUT_SECONDS, gt=0, le=60)
    """How long one output may take. Omitted: 1."""


class Scorer(BaseScorer):
    """
    1: matched, 0: not. None where a group is to be the reference and there is none.

    An output that is no text is matched as JSON. A pattern that takes too long ends the scoring: it would for others.
    """

    def __init__(self, options: Options, context: Context) -> None:
        """Raises InvalidInput for what is no pattern, and for a group that it does not have."""
        super().__init__()
        self._options = options
        self._pattern = compiled(options.pattern, "pattern", ignore_case=options.ignore_case)
        self._group = None if options.capture is None else _group(self._pattern, options.capture)

    def score(self, output: Any, example: Example) -> float | None:
        """Returns 1 or 0. Raises SluiceError when the pattern takes too long."""
        reference = self._options.reference_of(example.reference)
        if self._group is not None and reference is None:
            return None
        match = self._matched(text_of(self._options.output_of(output)), example)
        if match is None or self._group is None:
            return float(match is not None)
        return float(match.group(self._group) == text_of(reference))

    def _matched(self, text: str, example: Example) -> Any:
        look = self._pattern.fullmatch if self._options.match == "whole" else self._pattern.search
        try:
            return look(text, timeout=self._options.timeout_seconds)
        except TimeoutError:
            raise SluiceError(
                f"the pattern {self._options.pattern!r} took longer than {self._options.timeout_seconds:g} s on an "
                f"answer of {example.id!r}; write it without repetitions in repetitions"
            ) from None


def _group(pattern: Any, name: str) -> str | int:
    group: str | int = int(name) if name.isdecimal() else name
    if group in pattern.groupindex or (isinstance(group, int) and group <= pattern.groups):
        return group
    groups = ", ".join([*pattern.groupindex, *map(str, range(1, pattern.groups + 1))]) or "none"
    raise InvalidInput("regex", [Problem("capture", f"is {name!r}; the pattern has the groups: {groups}")])
