"""The file of answers: it only grows, and is about one thing."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sluice.errors import InvalidFile, SluiceError
from sluice.evaluation.answers import About, Answer, AnswerStore, CallError, line_of, read_answers

SUBJECT, SET, TARGET, OTHER = (f"sha256:{letter * 64}" for letter in "abcd")
ABOUT = About(subject=SUBJECT, set=SET, target=TARGET)
AT = datetime(2026, 10, 1, 12, tzinfo=UTC)


def answer(example: str, run: int = 1) -> Answer:
    return Answer(example=example, run=run, output={"text": "line\u2028\n"}, latency_ms=1.5, attempts=1, at=AT)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "answers.jsonl"


def filled(path: Path, *examples: str) -> Path:
    with AnswerStore(path, ABOUT) as store:
        store.begin({})
        for example in examples:
            store.add(answer(example))
    return path


def said(path: Path, about: About = ABOUT) -> list[str]:
    with pytest.raises(InvalidFile) as caught, AnswerStore(path, about):
        pass
    return [str(problem) for problem in caught.value.problems]


def test_an_answer_is_one_line_with_these_keys() -> None:
    """Other programs read them too."""
    error = CallError(kind="server", message="HTTP 500")
    line = line_of(Answer(example="e", run=2, error=error, latency_ms=3, attempts=4, at=AT))
    assert line.endswith(b"}\n")
    assert json.loads(line) == {
        "example": "e", "run": 2, "output": None, "error": {"kind": "server", "message": "HTTP 500"},
        "latency_ms": 3.0, "tokens_in": None, "tokens_out": None, "cost": None, "attempts": 4,
        "at": "2026-10-01T12:00:00+00:00",
    }  # fmt: skip


def test_an_answer_is_in_the_file_when_it_was_added(path: Path) -> None:
    """Not when the store is closed: a process may end before."""
    with AnswerStore(path, ABOUT) as store:
        store.begin({"python": "3"})
        store.add(answer("a"))
        found = read_answers(path)
    assert found.answers == (answer("a"),)
    assert found.header.environment == {"python": "3"}


def test_a_store_goes_on_where_it_was(path: Path) -> None:
    """What earlier sessions answered is there, and stays; the time of the first stays too."""
    filled(path, "a", "b")
    before = read_answers(path)
    with AnswerStore(path, ABOUT) as store:
        assert store.get("b", 1) == answer("b")
        assert store.get("b", 2) is None
        store.begin({"later": True})
        store.add(answer("c"))
        assert [it.example for it in store.answers] == ["a", "b", "c"]
    after = read_answers(path)
    assert after.header == before.header
    assert after.answers == (*before.answers, answer("c"))


def test_wherever_a_line_is_torn_the_answers_before_it_are_kept(path: Path) -> None:
    """A process or machine that ended amid a write costs one answer, and the next one begins a line of its own."""
    whole = filled(path, "a", "b").read_bytes()
    second = whole.rindex(b'{"example":"b"')
    for cut in range(second, len(whole)):
        path.write_bytes(whole[:cut])
        assert read_answers(path).answers == (answer("a"),)
        filled(path, "c")
        assert [it.example for it in read_answers(path).answers] == ["a", "c"]


def test_a_torn_first_line_is_written_again(path: Path) -> None:
    """Nothing was answered yet."""
    whole = filled(path).read_bytes()
    path.write_bytes(whole[:20])
    with pytest.raises(InvalidFile, match="does not say what the answers are about"):
        read_answers(path)
    filled(path, "a")
    assert read_answers(path).answers == (answer("a"),)


@pytest.mark.parametrize(
    ("key", "words"), [("subject", "another version"), ("set", "another evaluation set"), ("target", "another target")]
)
def test_answers_about_something_else_are_refused(path: Path, key: str, words: str) -> None:
    """They say what they are about, and nothing is written."""
    before = filled(path, "a").read_bytes()
    wanted = ABOUT.model_copy(update={key: OTHER})
    assert said(path, wanted) == [
        f"{key}: the answers are of {words}, {getattr(ABOUT, key)}; this is {OTHER}",
        "keep the file, and name another one for these answers",
    ]
    assert path.read_bytes() == before


@pytest.mark.parametrize("first", ["", "{}", "[1]", "text", '{"example": "a"}'])
def test_another_file_is_refused(path: Path, first: str) -> None:
    """It is not cut, and nothing is added to it."""
    path.parent.mkdir()
    path.write_text(f"{first}\nsecond\n")
    (problem,) = said(path)
    assert problem.startswith("line 1: does not say what the answers are about")
    assert path.read_text() == f"{first}\nsecond\n"


def test_a_line_that_was_edited_is_told(path: Path) -> None:
    """With its number and what is wrong with it."""
    filled(path, "a", "b")
    whole = path.read_text()
    path.write_text(whole.replace('"run":1', '"run":0', 1))
    assert said(path)[0] == "line 2: run is 0; allowed: greater than or equal to 1"
    path.write_text(whole.replace('"b","run":1', '"b",,', 1))
    assert said(path)[0] == "line 3: is no JSON"


def test_a_format_of_the_future_is_told(path: Path) -> None:
    """It is not read as if it were today's."""
    filled(path)
    path.write_text(path.read_text().replace('"format":1', '"format":2'))
    assert said(path) == ["line 1: format is 2; allowed: 1"]


def test_one_evaluation_writes_at_a_time(path: Path) -> None:
    """Two that write would ask everything twice."""
    with AnswerStore(path, ABOUT):
        with pytest.raises(SluiceError, match="written by another evaluation right now"), AnswerStore(path, ABOUT):
            pass
    filled(path, "a")
