"""Evaluation sets as Parquet: the datasheet in the file's metadata, and a row an example."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sluice.errors import InvalidFile, Problem

if TYPE_CHECKING:
    from sluice.evaluation.sets import Datasheet, Example

METADATA = b"sluice.set"
"""The key of the datasheet, as JSON."""
COLUMNS = ("id", "input", "reference", "slices")
"""`id` is a text, the others texts of JSON; the last two may be null."""


def documents(path: Path) -> tuple[Any, list[tuple[int, Callable[[], Any]]]]:
    """Returns the datasheet, and each row's number, from 1, with its example. Raises InvalidFile."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with path.open("rb") as file:
            table = pq.read_table(file)
    except (OSError, pa.ArrowInvalid) as error:
        reason = getattr(error, "strerror", None) or "is no Parquet file"
        raise InvalidFile(str(path), [Problem("", f"cannot be read: {reason.lower()}")]) from None
    sheet = _sheet(path, (table.schema.metadata or {}).get(METADATA))
    _check_columns(path, {field.name: str(field.type) for field in table.schema})
    rows = table.to_pylist()
    return sheet, [(number, _reader(row)) for number, row in enumerate(rows, 1)]


def write(path: Path, sheet: "Datasheet", examples: Sequence["Example"]) -> None:
    """Writes a set."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    whole = [example.document() for example in examples]
    rows = {name: [_text(it[name]) if name in it else None for it in whole] for name in COLUMNS[1:]}
    schema = pa.schema(
        [(name, pa.string()) for name in COLUMNS], {METADATA: _text(sheet.model_dump(exclude_none=True)).encode()}
    )
    pq.write_table(pa.table({"id": [it["id"] for it in whole], **rows}, schema=schema), path)


def _sheet(path: Path, text: bytes | None) -> Any:
    from sluice.evaluation.sets import parse_json

    if text is None:
        fix = f"put the JSON of one under the metadata key {METADATA.decode()!r}"
        raise InvalidFile(str(path), [Problem("", f"has no datasheet; {fix}")])
    try:
        return parse_json(text)
    except ValueError:
        raise InvalidFile(str(path), [Problem("datasheet:", "is no JSON")]) from None


def _check_columns(path: Path, columns: dict[str, str]) -> None:
    problems = [
        Problem(f"column {name}", f"is not known here; known are: {', '.join(COLUMNS)}")
        for name in columns
        if name not in COLUMNS
    ]
    problems += [Problem(f"column {name}", "is missing") for name in ("id", "input") if name not in columns]
    problems += [
        Problem(f"column {name}", f"has the type {kind}; expected texts")
        for name, kind in columns.items()
        if name in COLUMNS and kind not in ("string", "large_string")
    ]
    if problems:
        raise InvalidFile(str(path), problems)


def _reader(row: dict[str, str | None]) -> Callable[[], Any]:
    from sluice.evaluation.sets import parse_json

    def read() -> dict[str, Any]:
        texts = {key: value for key, value in row.items() if value is not None}
        return {key: text if key == "id" else parse_json(text) for key, text in texts.items()}

    return read


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
