"""
Evaluation sets: versioned questions, with a datasheet that says where they come from.

A set is a file of JSON lines, the datasheet first, or a Parquet file with the same content and the same digest.
"""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn, TypeVar

from pydantic import Field, StringConstraints, ValidationError

from sluice.errors import InvalidFile, Problem, SluiceError
from sluice.manifest.base import ManifestModel, Text
from sluice.manifest.canonical import canonical
from sluice.validation import problems_of

KEY = "set"
"""What the first line of a set is told by."""
_MOST_PROBLEMS = 20
_EXPECTED = 'expected {"set": {"format": 1, "name": ..., "version": ..., ...}}'

Dimension = Annotated[str, StringConstraints(pattern=r"^[^=]+$")]
M = TypeVar("M", bound=ManifestModel)


class Datasheet(ManifestModel):
    """What a set is, and what it is good for."""

    format: Literal[1] = 1
    name: Text
    version: Text
    """Whoever changes an example gives the set another version."""
    description: Text
    source: Text
    """Where the examples come from."""
    license: Text
    collected: Text | None = None
    """When, for example `2026-10`. Omitted: not said."""
    intended_use: Text | None = None
    """Omitted: not said."""


class Example(ManifestModel):
    """One question."""

    id: Text
    input: Any
    """Any JSON: what the target is asked."""
    reference: Any = None
    """Any JSON: what a good answer is. Omitted, or null: there is none."""
    slices: dict[Dimension, Text] = Field(default_factory=dict)
    """The parts of the set that it belongs to, from dimension to value. Omitted: none."""

    def document(self) -> dict[str, Any]:
        """Returns it as a digest covers it: what says nothing is left out."""
        whole: dict[str, Any] = {"id": self.id, "input": self.input}
        if self.reference is not None:
            whole["reference"] = self.reference
        return {**whole, "slices": self.slices} if self.slices else whole


@dataclass(frozen=True)
class EvaluationSet:
    """Questions, exactly."""

    sheet: Datasheet
    examples: tuple[Example, ...]
    digest: str
    """Of the datasheet and the examples in their order, whatever file they are in."""
    path: Path

    @property
    def label(self) -> str:
        """`digits-holdout@1`: how messages name the set."""
        return f"{self.sheet.name}@{self.sheet.version}"


def read_set(path: Path) -> EvaluationSet:
    """
    Returns the set of a file: Parquet when its name ends in `.parquet`, else JSON lines.

    Raises InvalidFile with the problems, each with its line or row: no datasheet, no examples, an id that is there
    twice, unknown keys, and numbers that JSON does not have.
    """
    if path.suffix == ".parquet":
        from sluice.evaluation.sets_parquet import documents

        return _checked(path, *documents(path), place="row")
    return _checked(path, *_documents(path), place="line")


def digest_of(sheet: Datasheet, examples: Iterable[Example]) -> str:
    """
    Returns the digest of a set: SHA-256 of canonical JSON (RFC 8785), the datasheet's and each example's, by lines.

    Raises SluiceError for numbers that JSON cannot hold exactly.
    """
    return _digest([canonical(sheet.model_dump(exclude_none=True)), *(canonical(it.document()) for it in examples)])


def write_set(path: Path, sheet: Datasheet, examples: Iterable[Example]) -> EvaluationSet:
    """Writes a set, as Parquet when the name ends in `.parquet`, and returns it. Raises OSError, InvalidFile."""
    kept = tuple(examples)
    partial = path.with_name(f".{path.name}.part{path.suffix}")
    if path.suffix == ".parquet":
        from sluice.evaluation.sets_parquet import write

        write(partial, sheet, kept)
    else:
        lines = [{KEY: sheet.model_dump(exclude_none=True)}, *(it.document() for it in kept)]
        text = "".join(f"{json.dumps(line, ensure_ascii=False, allow_nan=False)}\n" for line in lines)
        partial.write_text(text, encoding="utf-8")
    partial.replace(path)
    return read_set(path)


def parse_json(text: str | bytes) -> Any:
    """Returns what strict JSON holds. Raises ValueError, for NaN and infinities too."""
    return json.loads(text, parse_constant=_refuse)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"has {constant}, which is no JSON; leave it out, or write null")


Row = tuple[int, Callable[[], Any]]
"""Where an example is, and how to get it: ValueError when there is no reading it."""


def _documents(path: Path) -> tuple[Any, list[Row]]:
    """Returns the datasheet, and the lines of the examples with their numbers."""
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise InvalidFile(str(path), [Problem("", f"cannot be read: {(error.strerror or '').lower()}")]) from None
    try:
        first = parse_json(lines[0])
    except ValueError:
        first = None
    if not isinstance(first, dict) or set(first) != {KEY}:
        raise InvalidFile(str(path), [Problem("line 1:", f"is no datasheet; {_EXPECTED}")])
    filled = [(number, line) for number, line in enumerate(lines[1:], 2) if line.strip()]
    return first[KEY], [(number, partial(parse_json, line)) for number, line in filled]


def _checked(path: Path, sheet: Any, rows: list[Row], *, place: str) -> EvaluationSet:
    problems: list[Problem] = []
    datasheet = _valid(Datasheet, sheet, "datasheet", problems)
    found: list[Example] = []
    canonicals: list[bytes] = []
    seen: dict[str, int] = {}
    for number, document in rows:
        at = f"{place} {number}"
        try:
            example = _valid(Example, document(), at, problems)
            content = canonical(example.document()) if example else b""
        except (ValueError, RecursionError, SluiceError) as error:
            problems.append(Problem(f"{at}:", _reason(error)))
            continue
        if example is None:
            continue
        if example.id in seen:
            first = f"{place} {seen[example.id]}"
            problems.append(Problem(f"{at}:", f"has the id {example.id!r}, as {first} has; give each its own"))
        seen.setdefault(example.id, number)
        found.append(example)
        canonicals.append(content)
    if not rows:
        problems.append(Problem("", "has a datasheet and no example; a set asks something"))
    if problems or datasheet is None:
        raise InvalidFile(str(path), _few(problems))
    digest = _digest([canonical(datasheet.model_dump(exclude_none=True)), *canonicals])
    return EvaluationSet(datasheet, tuple(found), digest, path)


def _valid(model: type[M], document: Any, at: str, problems: list[Problem]) -> M | None:
    try:
        return model.model_validate(document)
    except ValidationError as error:
        problems += [Problem(f"{at}: {it.path}".rstrip(), it.message) for it in problems_of(model, error)]
        return None


def _reason(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"is no JSON: {error.msg.lower()} at column {error.colno}; one example a line"
    if isinstance(error, UnicodeError):
        return "is not UTF-8"
    return "is nested too deep" if isinstance(error, RecursionError) else str(error)


def _few(problems: list[Problem]) -> list[Problem]:
    more = len(problems) - _MOST_PROBLEMS
    return problems if more <= 0 else [*problems[:_MOST_PROBLEMS], Problem("", f"and {more} more like these")]


def _digest(lines: Iterable[bytes]) -> str:
    state = hashlib.sha256()
    for line in lines:
        state.update(line + b"\n")
    return f"sha256:{state.hexdigest()}"


def slices_of(example: Example) -> list[str]:
    """Returns the slices that an example is in, `digit=3`."""
    return [f"{dimension}={value}" for dimension, value in example.slices.items()]
