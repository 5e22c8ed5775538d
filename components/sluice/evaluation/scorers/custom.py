"""A function of the project's own that makes a number of an answer."""

import inspect
import math
import sys
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from sluice.errors import InvalidInput, Problem, SluiceError
from sluice.evaluation.scorers import BaseScorer, Context
from sluice.evaluation.scorers._files import digest_of, file_path
from sluice.evaluation.scorers._loading import load, source_of
from sluice.evaluation.scorers._values import OutputOptions
from sluice.evaluation.sets import Example
from sluice.manifest.base import ManifestModel, Text


class Options(OutputOptions):
    """A function that takes an output and its `Example`, and returns a number, or None for what cannot be scored."""

    function: Annotated[str, StringConstraints(pattern=r"^[\w.]+:[\w.]+$")]
    """`module:function`."""
    folder: Text | None = None
    """A folder of the project where the module is. Omitted: it is installed."""
    options: dict[Text, Any] = Field(default_factory=dict)
    """What the function takes beside, by name. Omitted: nothing."""


class Scorer(BaseScorer):
    """The function's score. NaN and infinities are refused: what cannot be scored is None, so that it is counted."""

    def __init__(self, options: Options, context: Context) -> None:
        """Loads the function. Raises InvalidInput when there is none, and when it does not take the options."""
        super().__init__()
        self._options = options
        folder = None if options.folder is None else file_path(context.root, options.folder, "folder")
        self._function = load(options.function, folder)
        _check_takes(self._function, options)
        self.binary = None
        self.facts = {"function": options.function}
        source = source_of(sys.modules[options.function.partition(":")[0]])
        if source is not None and source.is_file():
            self.facts["source"] = digest_of(source.read_bytes())

    def score(self, output: Any, example: Example) -> float | None:
        """Returns the function's score. Raises SluiceError when it raises, or returns what is no score."""
        said = f"{self._options.function} on an answer of {example.id!r}"
        try:
            score = self._function(self._options.output_of(output), example, **self._options.options)
        except Exception as error:  # whatever it raises, the scorer is broken, and not the answer
            raise SluiceError(f"{said} raised {type(error).__name__}: {error}") from error
        if score is None:
            return None
        try:
            number = float(score)
        except (TypeError, ValueError, OverflowError):
            raise SluiceError(f"{said} returned {score!r}, which is no number; return a number or None") from None
        if isinstance(score, str) or not math.isfinite(number):
            raise SluiceError(f"{said} returned {score!r}; return a finite number, or None for what cannot be scored")
        return number


class _Nothing(ManifestModel):
    """Stands in for arguments while the function's signature is looked at."""


def _check_takes(function: Any, options: Options) -> None:
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return
    try:
        signature.bind(_Nothing(), _Nothing(), **options.options)
    except TypeError as error:
        reason = f"is {options.function!r}, which cannot be called with an output, an example and the options: {error}"
        raise InvalidInput("custom", [Problem("function", reason)]) from None
