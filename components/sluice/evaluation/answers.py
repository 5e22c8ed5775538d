"""
What was answered: a file of JSON lines that only grows, so that an interrupted evaluation goes on where it was.

The first line says what the answers are about; every other line is a call.
"""

import fcntl
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sluice.errors import InvalidFile, Problem, SluiceError
from sluice.manifest.base import Sha256
from sluice.validation import problems_of

KEY = "answers"
"""What the first line is told by."""


class AnswerModel(BaseModel):
    """Part of the file: read back exactly as it was written."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class About(AnswerModel):
    """What answers are about. Those about something else are never mixed with them."""

    format: Literal[1] = 1
    subject: Sha256
    """The version's subject digest."""
    set: Sha256
    """The evaluation set's digest."""
    target: Sha256
    """The digest of what was asked, and of the files that it was asked with."""


class Header(About):
    """The first line."""

    started: datetime
    """When the first question was asked."""
    environment: dict[str, Any] = Field(default_factory=dict)
    """Where it ran, what was asked and with which settings."""

    @property
    def about(self) -> About:
        """What the answers are about."""
        return About(subject=self.subject, set=self.set, target=self.target)


class CallError(AnswerModel):
    """Why there is no answer."""

    kind: str
    """One of a few words, `sluice.evaluation.failures.Failure`."""
    message: str


class Answer(AnswerModel):
    """One call, with all its attempts."""

    example: str
    run: int = Field(ge=1)
    output: Any = None
    """Any JSON. None where there is none, and where it is null."""
    error: CallError | None = None
    """None: it was answered."""
    latency_ms: float
    """Milliseconds that the attempt took which was answered; without an answer, the last attempt."""
    tokens_in: int | None = None
    tokens_out: int | None = None
    cost: float | None = None
    """In the plan's currency. None: not known."""
    attempts: int = Field(ge=1)
    at: datetime
    """When the call ended."""


@dataclass(frozen=True)
class Answers:
    """All that a file holds."""

    header: Header
    answers: tuple[Answer, ...]


def read_answers(path: Path) -> Answers:
    """Returns what a file holds, without a last line that was torn. Raises InvalidFile."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InvalidFile(str(path), [Problem("", f"cannot be read: {(error.strerror or '').lower()}")]) from None
    header, answers, _ = _parsed(path, content)
    if header is None:
        raise InvalidFile(str(path), [Problem("line 1:", "does not say what the answers are about; evaluate again")])
    return Answers(header, answers)


def header_of(path: Path) -> Header | None:
    """Returns what the answers of a file are about. None: nothing was asked yet. Raises InvalidFile, OSError."""
    return _parsed(path, path.read_bytes())[0] if path.exists() else None


class AnswerStore:
    """
    The file of an evaluation's answers, open to grow: in `with`, by one process at a time.

    Each answer is in the file when `add` returns. A last line that was torn is cut off, and its call made again.
    """

    def __init__(self, path: Path, about: About) -> None:
        self.path = path
        self._about = about
        self._file: BinaryIO | None = None
        self._answers: dict[tuple[str, int], Answer] = {}
        self._header: Header | None = None

    def __enter__(self) -> Self:
        """Opens the file, or makes it. Raises InvalidFile when it is about something else; SluiceError, OSError."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self.path.open("a+b")
        try:
            self._lock(self._file)
            self._load(self._file)
        except BaseException:
            self._file.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def begin(self, environment: dict[str, Any]) -> None:
        """Writes what the answers are about, unless an earlier session has. Raises OSError."""
        if self._header is None:
            self._header = Header(**self._about.model_dump(), started=datetime.now(UTC), environment=environment)
            self._write(_line({KEY: self._header.model_dump(mode="json")}))

    @property
    def header(self) -> Header:
        """What the answers are about, and when they were begun."""
        assert self._header is not None, "nothing was asked yet"
        return self._header

    @property
    def answers(self) -> tuple[Answer, ...]:
        """All answers, those of earlier sessions first."""
        return tuple(self._answers.values())

    def get(self, example: str, run: int) -> Answer | None:
        """Returns the answer of a run of an example. None: there is none yet."""
        return self._answers.get((example, run))

    def add(self, answer: Answer) -> None:
        """Writes an answer. Raises ValueError for an output that JSON does not have, OSError when it cannot write."""
        self._write(line_of(answer))
        self._answers[(answer.example, answer.run)] = answer

    @property
    def _open(self) -> BinaryIO:
        assert self._file is not None, "the store is not open"
        return self._file

    def _lock(self, file: BinaryIO) -> None:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SluiceError(f"{self.path} is written by another evaluation right now; wait for it to end") from None

    def _load(self, file: BinaryIO) -> None:
        file.seek(0)
        content = file.read()
        header, answers, whole = _parsed(self.path, content)
        if whole < len(content):
            file.truncate(whole)
        if header is None:
            return
        _check_about(self.path, header.about, self._about)
        self._header = header
        self._answers = {(answer.example, answer.run): answer for answer in answers}

    def _write(self, line: bytes) -> None:
        self._open.write(line)
        self._open.flush()


def line_of(answer: Answer) -> bytes:
    """Returns an answer as it is written. Raises ValueError, TypeError, RecursionError for what JSON does not have."""
    document = dict(answer)
    document["error"] = None if answer.error is None else dict(answer.error)
    document["at"] = answer.at.isoformat()
    return _line(document)


def _line(document: Any) -> bytes:
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode("utf-8") + b"\n"


def _parsed(path: Path, content: bytes) -> tuple[Header | None, tuple[Answer, ...], int]:
    """Returns the header, the answers, and how many bytes of the content are whole lines."""
    whole = content.rfind(b"\n") + 1
    lines = content[:whole].split(b"\n")[:-1]
    if not lines:
        return None, (), 0
    return _header(path, lines[0]), tuple(_answers(path, lines[1:])), whole


def _header(path: Path, line: bytes) -> Header:
    try:
        document = json.loads(line)[KEY]
        return Header.model_validate(document)
    except ValidationError as error:
        problems = [Problem(f"line 1: {it.path}", it.message) for it in problems_of(Header, error)]
        raise InvalidFile(str(path), problems) from None
    except (ValueError, KeyError, TypeError):
        reason = "does not say what the answers are about: this is no file of answers; name another file"
        raise InvalidFile(str(path), [Problem("line 1:", reason)]) from None


def _answers(path: Path, lines: Iterable[bytes]) -> Iterator[Answer]:
    for number, line in enumerate(lines, 2):
        at, fix = f"line {number}:", Problem("", "the file is not edited by hand; put it away and evaluate again")
        try:
            yield Answer.model_validate(json.loads(line))
        except ValidationError as error:
            found = [Problem(f"{at} {it.path}".rstrip(), it.message) for it in problems_of(Answer, error)]
            raise InvalidFile(str(path), [*found, fix]) from None
        except ValueError:
            raise InvalidFile(str(path), [Problem(at, "is no JSON"), fix]) from None


def _check_about(path: Path, found: About, wanted: About) -> None:
    words = {"subject": "another version", "set": "another evaluation set", "target": "another target"}
    problems = [
        Problem(f"{key}:", f"the answers are of {what}, {getattr(found, key)}; this is {getattr(wanted, key)}")
        for key, what in words.items()
        if getattr(found, key) != getattr(wanted, key)
    ]
    if problems:
        raise InvalidFile(str(path), [*problems, Problem("", "keep the file, and name another one for these answers")])
