"""Whether an output keeps clear of what is forbidden."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Any, Self

from pydantic import model_validator

from sluice.errors import InvalidInput, Problem, SluiceError
from sluice.evaluation.scorers import BaseScorer, Context
from sluice.evaluation.scorers._files import digest_of, read_text
from sluice.evaluation.scorers._patterns import TIMEOUT_SECONDS, PatternText, compiled
from sluice.evaluation.scorers._values import OutputOptions
from sluice.evaluation.sets import Example
from sluice.manifest.base import Text

_PATTERN = "pattern:"


class Options(OutputOptions):
    """What is forbidden: words or phrases, and patterns, here or in a file, or both."""

    words: list[Text] | None = None
    """Found as whole words, whatever their case and spacing. Omitted: none."""
    patterns: list[PatternText] | None = None
    """Regular expressions, found anywhere, whatever their case. Omitted: none."""
    file: Text | None = None
    """A file of the project: a word or phrase a line, or `pattern: ...`; `#` begins a comment. Omitted: none."""

    @model_validator(mode="after")
    def _forbids_something(self) -> Self:
        if not (self.words or self.patterns or self.file):
            raise ValueError("forbids nothing; give words, patterns or a file")
        return self


class Scorer(BaseScorer):
    """
    1: nothing forbidden is in the output, keys of objects included; 0: something is.

    A list finds what it lists, and is no proof of safety. Texts are compared in compatibility form (Unicode NFKC), and
    without invisible characters, so that a word is not hidden by how it is written.
    """

    def __init__(self, options: Options, context: Context) -> None:
        """Raises InvalidInput for a file that cannot be read, and for what is no pattern."""
        super().__init__()
        self._options = options
        forbidden = [(f"words[{index}]", _word(it)) for index, it in enumerate(options.words or [])]
        forbidden += [(f"patterns[{index}]", it) for index, it in enumerate(options.patterns or [])]
        if options.file is not None:
            text = read_text(context.root, options.file, "file")
            forbidden += _listed(text)
            self.facts["file"] = digest_of(text.encode("utf-8"))
        self._patterns = _compiled(forbidden)

    def score(self, output: Any, example: Example) -> float | None:
        """Returns 1 or 0. Raises SluiceError when a pattern takes too long."""
        texts = [_plain(text) for text in _texts(self._options.output_of(output))]
        return float(not any(_found(pattern, text, example) for text in texts for pattern in self._patterns))


def _compiled(forbidden: list[tuple[str, str]]) -> list[Any]:
    made, problems = [], []
    for at, pattern in forbidden:
        try:
            made.append(compiled(pattern, at, ignore_case=True))
        except InvalidInput as error:
            problems += error.problems
    if not forbidden:
        problems.append(Problem("file", "forbids nothing; write a word or phrase a line"))
    if problems:
        raise InvalidInput("safety", problems)
    return made


def _found(pattern: Any, text: str, example: Example) -> bool:
    try:
        return pattern.search(text, timeout=TIMEOUT_SECONDS) is not None
    except TimeoutError:
        reason = f"took longer than {TIMEOUT_SECONDS:g} s on an answer of {example.id!r}"
        raise SluiceError(f"the pattern {pattern.pattern!r} {reason}; write it simpler") from None


def _word(phrase: str) -> str:
    words = r"\s+".join(re.escape(word) for word in _plain(phrase).split())
    return rf"(?<!\w){words}(?!\w)"


def _listed(text: str) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(text.splitlines(), 1):
        said = line.strip()
        if not said or said.startswith("#"):
            continue
        is_pattern = said.startswith(_PATTERN)
        yield f"file: line {number}:", said.removeprefix(_PATTERN).strip() if is_pattern else _word(said)


def _plain(text: str) -> str:
    visible = "".join(it for it in text if unicodedata.category(it) != "Cf")
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", visible).casefold())


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for it in value:
            yield from _texts(it)
    elif isinstance(value, dict):
        for key, it in value.items():
            yield key
            yield from _texts(it)
