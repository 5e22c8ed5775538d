"""The table of scores, as a file and as a digest."""

import hashlib
import json
import math
import os
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sluice.errors import InvalidFile
from sluice.evaluation.contract import Kind, Metric
from sluice.evaluation.scores import Scores
from sluice.evaluation.scores_parquet import read_scores, write_scores
from tests.unit.evaluation.answering import EXACT, answer, scored, set_of

CHRF = Metric(scorer={"text": {"figure": "chrf"}}, kind=Kind.SCORE)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
maybe = st.none() | st.floats(0, 1e9)


def table(output: Any = "a") -> Scores:
    """Returns a small table: three answers, one of them an error, and a run that is missing."""
    answers = [
        answer("e0", 1, output, latency_ms=0.1 + 0.2, tokens_in=3, cost=1e-7),
        answer("e0", 2, error="timeout"),
        answer("e1", 2, {"b": 1, "a": None}, tokens_out=2**53),
    ]
    return scored(answers, set_of("a", None, slices=[{"digit": "3"}, {}]), accuracy=EXACT, near=CHRF)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a table is written."""
    return tmp_path / "v2.scores.parquet"


def same(one: Scores, other: Scores) -> None:
    assert (one.examples, one.slices, one.outputs, one.errors) == (
        other.examples,
        other.slices,
        other.outputs,
        other.errors,
    )
    assert one.facts == other.facts
    assert list(one.metrics) == list(other.metrics)
    for name in one.metrics:
        np.testing.assert_array_equal(one.metrics[name], other.metrics[name])
    for name in ("failed", "latency_ms", "cost", "tokens_in", "tokens_out"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


def test_what_is_written_is_read(path: Path) -> None:
    """Numbers, texts, gaps and facts come back as they were, and so does the digest."""
    write_scores(path, table())
    read = read_scores(path)
    same(read, table())
    assert read.digest == table().digest


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None)
@given(
    st.lists(
        st.tuples(json_values, st.floats(0, 1e9), maybe, st.none() | st.integers(0, 2**40)), min_size=1, max_size=4
    )
)
def test_any_answers_come_back(path: Path, drawn: list[tuple[Any, float, float | None, int | None]]) -> None:
    """Whatever a model says and a call takes, the file has it exactly."""
    answers = [
        answer("e0", run, output, latency_ms=latency, cost=cost, tokens_in=tokens)
        for run, (output, latency, cost, tokens) in enumerate(drawn, 1)
    ]
    made = scored(answers, set_of("a"))
    write_scores(path, made)
    same(read_scores(path, made.digest), made)


def test_the_columns_are_as_agreed(path: Path) -> None:
    """Whoever reads the file without Sluice finds one row an answer, and a column a metric."""
    write_scores(path, table())
    rows = pq.read_table(path)
    assert rows.column_names == [
        *("example", "run", "output", "error", "latency_ms", "tokens_in", "tokens_out", "cost", "slices"),
        *("metric:accuracy", "metric:near"),
    ]
    assert rows.column("example").to_pylist() == ["e0", "e0", "e1"]
    assert rows.column("run").to_pylist() == [1, 2, 2]
    assert rows.column("output").to_pylist() == ['"a"', "null", '{"a":null,"b":1}']
    assert rows.column("error").to_pylist() == [None, "timeout: no", None]
    assert rows.column("slices").to_pylist() == ['{"digit":"3"}', '{"digit":"3"}', "{}"]
    assert rows.column("metric:accuracy").to_pylist() == [1, 0, None]


def test_the_digest_is_of_the_rows_as_canonical_json() -> None:
    """
    The digest can be made without Sluice: the rows as RFC 8785 has them, one a line, worked out by hand.

    Keys in order, numbers as JavaScript writes them, and null for what is not there.
    """
    made = scored([answer("e0", 1, "é", latency_ms=1.0, cost=1e-7), answer("e1", 2, error="timeout")], set_of("é", "b"))
    lines = (
        '{"cost":1e-7,"error":null,"example":"e0","latency_ms":1,"output":"\\"\\\\u00e9\\"","run":1,'
        '"scores":{"accuracy":1},"slices":"{}","tokens_in":null,"tokens_out":null}\n'
        '{"cost":null,"error":"timeout: no","example":"e1","latency_ms":10,"output":"null","run":2,'
        '"scores":{"accuracy":0},"slices":"{}","tokens_in":null,"tokens_out":null}\n'
    )
    assert made.digest == f"sha256:{hashlib.sha256(lines.encode()).hexdigest()}"


def test_another_score_is_another_digest() -> None:
    """So is another output."""
    assert len({table().digest, table("b").digest, table("A").digest}) == 3


def test_an_output_with_large_numbers_has_a_digest() -> None:
    """Outputs are covered as texts, so that numbers that JSON cannot hold exactly are no obstacle."""
    assert table(2**60).digest != table(2**60 + 1).digest


def test_facts_are_no_part_of_the_digest() -> None:
    """The same scores are the same, whatever is told of their scorers."""
    made = scored([answer("e0", 1, "a")], set_of("a"), m=Metric(scorer={"regex": {"pattern": "a"}}))
    other = scored(
        [answer("e0", 1, "a")], set_of("a"), m=Metric(scorer={"json_schema": {"inline": {}, "parse": False}})
    )
    assert made.facts != other.facts
    assert made.digest == other.digest


def test_the_same_table_makes_the_same_file(path: Path, tmp_path: Path) -> None:
    """Byte for byte, with the same libraries."""
    write_scores(path, table())
    write_scores(tmp_path / "other.parquet", table())
    assert path.read_bytes() == (tmp_path / "other.parquet").read_bytes()


def test_a_file_is_whole_or_as_before(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that is full leaves the file of before, and nothing half written beside it."""
    write_scores(path, table())
    before = path.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_scores(path, table("b"))
    assert path.read_bytes() == before
    assert [it.name for it in path.parent.iterdir()] == [path.name]


def test_a_missing_file_is_told(path: Path) -> None:
    """With its name."""
    with pytest.raises(InvalidFile, match=r"v2.scores.parquet: 1 problem\n  cannot be read: no such file"):
        read_scores(path)


@pytest.mark.parametrize("content", [b"", b"PAR1", b"example,run\n", b"PAR1" + b"\0" * 50 + b"PAR1"])
def test_what_is_no_parquet_is_refused(path: Path, content: bytes) -> None:
    """Whatever it is, it is told apart from a table."""
    path.write_bytes(content)
    with pytest.raises(InvalidFile, match="is no table of scores; make it again with: sluice evaluate"):
        read_scores(path)


def test_parquet_of_something_else_is_refused(path: Path) -> None:
    """A file that Sluice did not write is no table."""
    pq.write_table(pa.table({"example": ["e0"]}), path)
    with pytest.raises(InvalidFile, match="is no table of scores"):
        read_scores(path)


def rewritten(path: Path, *, about: dict[str, Any] | None = None, **columns: Any) -> None:
    """Writes a table, and then changes columns, or what it says of itself."""
    write_scores(path, table())
    rows = pq.read_table(path)
    told = json.loads(rows.schema.metadata[b"sluice.scores"]) | (about or {})
    for name, values in columns.items():
        if values is None:
            rows = rows.drop_columns(name)
        elif name in rows.column_names:
            rows = rows.set_column(rows.column_names.index(name), name, values)
        else:
            rows = rows.append_column(name, values)
    pq.write_table(rows.replace_schema_metadata({"sluice.scores": json.dumps(told)}), path)


@pytest.mark.parametrize(("found", "way"), [(2, "update Sluice"), (0, "make it again"), ("1", "make it again")])
def test_another_format_is_refused(path: Path, found: Any, way: str) -> None:
    """A newer file asks for a newer Sluice, and any other for a new evaluation."""
    rewritten(path, about={"format": found})
    with pytest.raises(InvalidFile, match=f"format is {found!r}; this Sluice reads 1; {way}"):
        read_scores(path)


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"run": None}, "run is missing"),
        ({"cost": None, "slices": None}, "2 problems"),
        ({"latency_ms": pa.array(["1", "2", "3"])}, "latency_ms is string; expected double"),
        ({"metric:accuracy": pa.array([1, 0, 1])}, "metric:accuracy is int64; expected double"),
        ({"extra": pa.array([1, 0, 1])}, "extra is no column of scores"),
        ({"run": pa.array([1, 1, 2], pa.int32())}, "runs that are there twice"),
        ({"run": pa.array([0, 1, 2], pa.int32())}, "not counted from 1"),
        ({"run": pa.array([None, 1, 2], pa.int32())}, "not counted from 1"),
    ],
)
def test_columns_that_are_not_as_agreed_are_refused(path: Path, columns: dict[str, Any], reason: str) -> None:
    """Each is named, with what is expected."""
    rewritten(path, **columns)
    with pytest.raises(InvalidFile, match=reason):
        read_scores(path)


def test_an_edited_score_is_found_out(path: Path) -> None:
    """A score that was improved by hand does not fit the digest that the file was written with."""
    rewritten(path, **{"metric:accuracy": pa.array([1.0, 1.0, None])})
    with pytest.raises(InvalidFile, match=r"its rows make sha256:\w+; the file was written with sha256:\w+"):
        read_scores(path)


def test_a_table_of_another_report_is_found_out(path: Path) -> None:
    """The report's digest decides, even when the file itself is in order."""
    write_scores(path, table())
    with pytest.raises(InvalidFile, match="the report was made with sha256:0"):
        read_scores(path, "sha256:" + "0" * 64)


def test_nan_in_the_file_is_null(path: Path) -> None:
    """A writer that has NaN for null means the same."""
    rewritten(path, **{"metric:accuracy": pa.array([1.0, 0.0, math.nan])})
    assert read_scores(path).digest == table().digest
