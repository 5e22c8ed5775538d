"""The table of scores as a Parquet file."""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sluice.errors import InvalidFile, Problem
from sluice.evaluation.scores import ARRAYS, Array, Scores

FORMAT = 1
"""Counts up when a file of before means something else now."""
METRIC = "metric:"
"""What the columns of metrics begin with."""
_KEY = b"sluice.scores"
_FIX = "make it again with: sluice evaluate"
_COLUMNS = {
    "example": pa.string(),
    "run": pa.int32(),
    "output": pa.string(),
    "error": pa.string(),
    "latency_ms": pa.float64(),
    "tokens_in": pa.float64(),
    "tokens_out": pa.float64(),
    "cost": pa.float64(),
    "slices": pa.string(),
}


def write_scores(path: Path, scores: Scores) -> None:
    """Writes a table; whoever reads meanwhile reads the one of before, or all of this one. Raises OSError."""
    rows = list(scores.rows())
    columns: dict[str, Any] = {name: pa.array([row[name] for row in rows], kind) for name, kind in _COLUMNS.items()}
    for name in scores.metrics:
        columns[METRIC + name] = pa.array([row["scores"][name] for row in rows], pa.float64())
    about = {"format": FORMAT, "digest": scores.digest, "facts": scores.facts}
    table = pa.table(columns).replace_schema_metadata({_KEY: json.dumps(about, sort_keys=True)})
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.part")
    try:
        with partial.open("wb") as file:
            pq.write_table(table, file, compression="zstd")
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def read_scores(path: Path, digest: str | None = None) -> Scores:
    """
    Returns the table of a file.

    Raises InvalidFile when there is none, when it is of another format, when its rows are not those that its digest
    was made of, and when that is not `digest`, the report's.
    """
    table, about = _read(path)
    scores = _scores(path, table, about)
    for expected, whose in ((about["digest"], "the file was written with"), (digest, "the report was made with")):
        if expected is not None and scores.digest != expected:
            reason = f"its rows make {scores.digest}; {whose} {expected}; {_FIX}"
            raise InvalidFile(str(path), [Problem("", reason)])
    return scores


def _read(path: Path) -> tuple[pa.Table, dict[str, Any]]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InvalidFile(str(path), [Problem("", f"cannot be read: {(error.strerror or '').lower()}")]) from None
    try:
        table = pq.read_table(pa.BufferReader(content))
        about = json.loads((table.schema.metadata or {})[_KEY])
        found = about["format"]
    except (pa.ArrowException, OSError, KeyError, ValueError, TypeError):
        raise InvalidFile(str(path), [Problem("", f"is no table of scores; {_FIX}")]) from None
    if found != FORMAT:
        way = "update Sluice" if isinstance(found, int) and found > FORMAT else _FIX
        raise InvalidFile(str(path), [Problem("format", f"is {found!r}; this Sluice reads {FORMAT}; {way}")])
    if problems := list(_problems(table, about)):
        raise InvalidFile(str(path), problems)
    return table, about


def _problems(table: pa.Table, about: Mapping[str, Any]) -> list[Problem]:
    kinds = {field.name: field.type for field in table.schema}
    wanted = {**_COLUMNS, **{name: pa.float64() for name in kinds if name.startswith(METRIC)}}
    problems = [
        Problem(name, f"is {kinds[name]}; expected {kind}; {_FIX}" if name in kinds else f"is missing; {_FIX}")
        for name, kind in wanted.items()
        if kinds.get(name) != kind
    ]
    problems += [Problem(name, f"is no column of scores; {_FIX}") for name in kinds if name not in wanted]
    if not isinstance(about.get("digest"), str) or not isinstance(about.get("facts"), dict):
        problems.append(Problem("", f"does not say what it was written with; {_FIX}"))
    return problems


def _scores(path: Path, table: pa.Table, about: Mapping[str, Any]) -> Scores:
    names, runs = table.column("example").to_pylist(), table.column("run").to_pylist()
    examples = tuple(dict.fromkeys(names))
    rows = {example: row for row, example in enumerate(examples)}
    places = [(rows[name], (run or 0) - 1) for name, run in zip(names, runs, strict=True)]
    if not places or min(run for _, run in places) < 0 or len(set(places)) < len(places):
        reason = f"has no answers, or runs that are there twice or not counted from 1; {_FIX}"
        raise InvalidFile(str(path), [Problem("", reason)])
    grid = _Grid(table, places, (len(examples), 1 + max(run for _, run in places)))
    slices = {name: json.loads(it) for name, it in zip(names, table.column("slices").to_pylist(), strict=True)}
    return Scores(
        examples=examples,
        slices=tuple(slices[name] for name in examples),
        metrics={
            name.removeprefix(METRIC): grid.numbers(name) for name in table.column_names if name.startswith(METRIC)
        },
        failed=grid.filled([float(it is not None) for it in table.column("error").to_pylist()]),
        outputs=grid.nested("output", json.loads),
        errors=grid.nested("error", lambda error: error),
        facts=about["facts"],
        **{name: grid.numbers(name) for name in ARRAYS},
    )


@dataclass(frozen=True)
class _Grid:
    """The columns of a table, put into their places: a row an example, a column a run."""

    table: pa.Table
    places: list[tuple[int, int]]
    shape: tuple[int, int]

    def numbers(self, column: str) -> Array:
        """Returns a column of numbers, NaN for null."""
        return self.filled(self.table.column(column).to_numpy())

    def filled(self, values: Any) -> Array:
        """Returns values in their places, NaN elsewhere."""
        array = np.full(self.shape, np.nan)
        array[tuple(np.array(self.places).T)] = values
        return array

    def nested(self, column: str, value: Callable[[Any], Any]) -> tuple[tuple[Any, ...], ...]:
        """Returns a column of anything else, None elsewhere."""
        rows: list[list[Any]] = [[None] * self.shape[1] for _ in range(self.shape[0])]
        for (row, run), it in zip(self.places, self.table.column(column).to_pylist(), strict=True):
            rows[row][run] = value(it)
        return tuple(map(tuple, rows))
