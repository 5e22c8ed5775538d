"""Whether an output is the reference."""

import unicodedata
from typing import Any

from sluice.evaluation.scorers import BaseScorer, Context
from sluice.evaluation.scorers._values import ReferenceOptions
from sluice.evaluation.sets import Example


class Options(ReferenceOptions):
    """Equality as JSON has it: 1 is 1.0, and neither `"1"` nor true; the order of keys means nothing."""

    ignore_case: bool = False
    """Whether texts are equal that differ in case alone. Omitted: they are not."""
    ignore_whitespace: bool = False
    """Whether texts are stripped, and every other run of whitespace counts as one space. Omitted: they are not."""
    any_of: bool = False
    """Whether the reference is a list of which each member is a good answer. Omitted: it is one answer."""


class Scorer(BaseScorer):
    """1: equal, 0: not. None without a reference."""

    def __init__(self, options: Options, context: Context) -> None:
        super().__init__()
        self._options = options

    def score(self, output: Any, example: Example) -> float | None:
        """Returns 1 or 0."""
        reference = self._options.reference_of(example.reference)
        if reference is None:
            return None
        several = self._options.any_of and isinstance(reference, list)
        plain = self._plain(self._options.output_of(output))
        return float(any(_same(plain, self._plain(it)) for it in (reference if several else [reference])))

    def _plain(self, value: Any) -> Any:
        """Returns a value with its texts as they are compared; two ways to write one character are the same."""
        if isinstance(value, list):
            return [self._plain(it) for it in value]
        if isinstance(value, dict):
            return {key: self._plain(it) for key, it in value.items()}
        if not isinstance(value, str):
            return value
        text = unicodedata.normalize("NFC", value)
        text = " ".join(text.split()) if self._options.ignore_whitespace else text
        return unicodedata.normalize("NFC", text.casefold()) if self._options.ignore_case else text


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(_same(*pair) for pair in zip(one, other, strict=True))
    # To Python true is 1.
    return isinstance(one, bool) is isinstance(other, bool) and bool(one == other)
