"""How near a number is to the reference."""

import math
import re
from decimal import Decimal
from typing import Any, Literal

from pydantic import Field

from sluice.evaluation.scorers import BaseScorer, Context
from sluice.evaluation.scorers._values import ReferenceOptions
from sluice.evaluation.sets import Example

_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,4})?", re.ASCII)
_LONGEST = 400


class Options(ReferenceOptions):
    """A tolerance, or the error itself."""

    absolute: float = Field(default=0, ge=0, allow_inf_nan=False)
    """How far off is still right, in the reference's unit. Omitted: 0."""
    relative: float = Field(default=0, ge=0, allow_inf_nan=False)
    """How far off is still right, as a share of the reference. The larger of the two counts. Omitted: 0."""
    score: Literal["match", "absolute_error", "relative_error"] = "match"
    """`match`: 1 within the tolerance, else 0. Else the error, of which less is better. Omitted: `match`."""
    find: Literal["whole", "first", "last"] = "whole"
    """Which number of a text counts: the text as a whole, or the first or last in it. Omitted: `whole`."""
    unreadable: float | None = Field(default=None, allow_inf_nan=False)
    """The error of an output that is no number. Omitted: it is not scored, and counted."""


class Scorer(BaseScorer):
    """
    The comparison, exact in decimals: 1.1 is within 0.1 of 1.

    None without a reference that is a number, and for relative errors to 0. An output that is no number does not match.
    """

    def __init__(self, options: Options, context: Context) -> None:
        super().__init__()
        self._options = options
        self.binary = options.score == "match"

    def score(self, output: Any, example: Example) -> float | None:
        """Returns 1 or 0, or the error, from 0."""
        options = self._options
        reference = number_of(options.reference_of(example.reference), "whole")
        if reference is None:
            return None
        number = number_of(options.output_of(output), options.find)
        if number is None:
            return 0.0 if options.score == "match" else options.unreadable
        return self._compared(number, reference)

    def _compared(self, number: Decimal, reference: Decimal) -> float | None:
        options, off = self._options, abs(number - reference)
        if options.score == "match":
            return float(off <= max(_exact(options.absolute), _exact(options.relative) * abs(reference)))
        if options.score == "absolute_error":
            return _finite(float(off))
        return None if reference == 0 else _finite(float(off / abs(reference)))


def number_of(value: Any, find: str) -> Decimal | None:
    """Returns the number that a value is, or that `first` or `last` find in a text. None: there is none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return _decimal(value)
    if not isinstance(value, str):
        return None
    if find == "whole":
        text = value.strip()
        return _decimal(text) if len(text) <= _LONGEST and _NUMBER.fullmatch(text) else None
    every = [it for it in _NUMBER.findall(value) if len(it) <= _LONGEST]
    return _decimal(every[0 if find == "first" else -1]) if every else None


def _decimal(value: float | str) -> Decimal | None:
    if isinstance(value, int) and abs(value) >= 10**_LONGEST:
        return None
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return _exact(value)


def _exact(value: float | str) -> Decimal:
    return Decimal(str(value))


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
