"""Format compliance."""

import json
from pathlib import Path
from typing import Any

import pytest

from sluice.errors import InvalidInput, SluiceError
from tests.unit.evaluation.scorers.samples import example, score, scorer
from tests.unit.sources.servers import answering

SCHEMA = {
    "type": "object",
    "properties": {"label": {"enum": ["spam", "ham"]}, "day": {"type": "string", "format": "date"}},
    "required": ["label"],
    "additionalProperties": False,
}


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ({"label": "spam"}, 1),
        ('{"label": "spam"}', 1),
        ('  {"label": "ham"}\n', 1),
        ({"label": "eggs"}, 0),
        ({"label": "spam", "why": "x"}, 0),
        ({"label": "spam", "day": "2026-11-23"}, 1),
        ({"label": "spam", "day": "yesterday"}, 0),
        ('Sure: {"label": "spam"}', 0),
        ('{"label": "spam"', 0),
        ('```json\n{"label": "spam"}\n```', 0),
        ("", 0),
        (None, 0),
        ("[" * 100_000, 0),
    ],
)
def test_an_output_has_the_form_or_not(output: Any, expected: float) -> None:
    """A value, or a text that is JSON and nothing else, has the form; anything else has not."""
    assert score("json_schema", output, inline=SCHEMA) == expected


@pytest.mark.parametrize("text", ["NaN", "[Infinity]", '{"a": -Infinity}'])
def test_numbers_that_json_does_not_have_are_not_the_form(text: str) -> None:
    """A text with NaN is no JSON, although Python would read it."""
    assert score("json_schema", text, inline={}) == 0


def test_a_fence_is_taken_off_when_that_is_said() -> None:
    """A fence is allowed alone, never with words around."""
    fenced = '```json\n{"label": "spam"}\n```'
    assert score("json_schema", fenced, inline=SCHEMA, allow_fence=True) == 1
    assert score("json_schema", f"Here: {fenced}", inline=SCHEMA, allow_fence=True) == 0


def test_a_text_may_be_the_value() -> None:
    """Without parsing, a text is checked as a text."""
    assert score("json_schema", "5", inline={"type": "string"}, parse=False) == 1
    assert score("json_schema", "5", inline={"type": "string"}) == 0


def test_the_draft_is_the_schema_s() -> None:
    """The draft that the schema names decides: in draft 4, `exclusiveMinimum` is a truth."""
    schema = {"$schema": "http://json-schema.org/draft-04/schema#", "minimum": 1, "exclusiveMinimum": True}
    assert [score("json_schema", it, inline=schema) for it in (1, 2)] == [0, 1]


def test_a_schema_can_be_a_file(tmp_path: Path) -> None:
    """The file's digest is among what the scores rest on."""
    (tmp_path / "s.json").write_text(json.dumps(SCHEMA))
    made = scorer("json_schema", root=tmp_path, file="s.json")
    assert made.score({"label": "ham"}, example()) == 1
    assert made.facts["schema"].startswith("sha256:")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "cannot be read: no such file"),
        ("{", "which is no JSON"),
        ("[1]", "a schema is an object"),
        ("é".encode("latin-1"), "no JSON"),
    ],
)
def test_a_file_that_is_no_schema_is_refused(tmp_path: Path, content: str | bytes | None, reason: str) -> None:
    """The option and the reason are told."""
    if content is not None:
        (tmp_path / "s.json").write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InvalidInput, match=rf"metrics.m.scorer.json_schema.file is 's.json', .*{reason}"):
        scorer("json_schema", root=tmp_path, file="s.json")


def test_files_of_the_project_alone_are_read(tmp_path: Path) -> None:
    """A file outside of the project is refused, whether it is there or not."""
    (tmp_path / "s.json").write_text("{}")
    (tmp_path / "project").mkdir()
    with pytest.raises(InvalidInput, match=r"which is outside of"):
        scorer("json_schema", root=tmp_path / "project", file="../s.json")


@pytest.mark.parametrize("options", [{}, {"inline": {}, "file": "s.json"}])
def test_there_is_exactly_one_schema(options: Any) -> None:
    """Neither none nor two."""
    with pytest.raises(InvalidInput, match=r"exactly one of inline, file"):
        scorer("json_schema", **options)


def test_what_is_no_schema_is_refused() -> None:
    """A schema is checked against its draft, and the place is told."""
    with pytest.raises(InvalidInput, match=r"json_schema.inline is no JSON Schema: \$.type: 'text' is not valid"):
        scorer("json_schema", inline={"type": "text"})


def test_no_server_is_asked_for_a_reference() -> None:
    """A reference to elsewhere ends the scoring, although a server would answer."""
    with answering(200, b"{}") as address:
        made = scorer("json_schema", inline={"$ref": f"{address}/schema.json"})
        with pytest.raises(SluiceError, match=r"which is not in it; put it in"):
            made.score({}, example())
