"""Evaluation sets: what they are read from, and what is wrong with them."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice.errors import InvalidFile, SluiceError
from sluice.evaluation.sets import Datasheet, Example, digest_of, read_set, slices_of, write_set

SHEET = {"format": 1, "name": "capitals", "version": "1", "description": "d", "source": "s", "license": "CC0-1.0"}
DATASHEET = Datasheet.model_validate(SHEET)

_json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
_names = st.text(st.characters(exclude_characters="=", exclude_categories=["Cs"]), min_size=1)
_texts = st.text(min_size=1)
_examples = st.lists(
    st.builds(Example, id=_texts, input=_json, reference=_json, slices=st.dictionaries(_names, _texts, max_size=2)),
    min_size=1,
    max_size=4,
    unique_by=lambda it: it.id,
)


def write(path: Path, *lines: Any) -> Path:
    path.write_text("".join(f"{it if isinstance(it, str) else json.dumps(it)}\n" for it in lines))
    return path


def said(path: Path) -> list[str]:
    """Returns what is wrong with a set."""
    with pytest.raises(InvalidFile) as caught:
        read_set(path)
    assert str(path) in str(caught.value)
    return [str(problem) for problem in caught.value.problems]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "set.jsonl"


def test_a_set_is_read_with_its_datasheet(file: Path) -> None:
    """Examples keep their order, and what they do not say is empty."""
    write(file, {"set": SHEET}, {"id": "b", "input": [1, None]}, "", {"id": "a", "input": 2, "slices": {"digit": "3"}})
    found = read_set(file)
    assert found.sheet == DATASHEET
    assert found.label == "capitals@1"
    assert [(it.id, it.input, it.reference, slices_of(it)) for it in found.examples] == [
        ("b", [1, None], None, []),
        ("a", 2, None, ["digit=3"]),
    ]


@given(_examples)
def test_a_set_is_the_same_in_both_containers(
    tmp_path_factory: pytest.TempPathFactory, examples: list[Example]
) -> None:
    """Whatever JSON the examples hold, lines and Parquet give back the same examples and digest."""
    folder = tmp_path_factory.mktemp("sets")
    lines = write_set(folder / "set.jsonl", DATASHEET, examples)
    table = write_set(folder / "set.parquet", DATASHEET, examples)
    assert lines.examples == table.examples == tuple(examples)
    assert lines.digest == table.digest == digest_of(DATASHEET, examples)
    assert sorted(it.name for it in folder.iterdir()) == ["set.jsonl", "set.parquet"]


def test_the_digest_is_that_of_the_lines_in_canonical_form(file: Path) -> None:
    """SHA-256 of the datasheet and the example, keys sorted, without spaces, each ended by a line feed."""
    write(file, {"set": SHEET}, {"input": 1.0, "id": "e"})
    # printf '%s\n' '<datasheet>' '{"id":"e","input":1}' | sha256sum
    assert read_set(file).digest == "sha256:e08ed144bf1c3756265edaaf3ca16b77d99fbc2d2ce3d3409204ee43a2420eb8"


@pytest.mark.parametrize(
    "changed",
    [
        [{"id": "a", "input": 1}],
        [{"id": "b", "input": 2}, {"id": "a", "input": 1}],
        [{"id": "a", "input": 1}, {"id": "b", "input": 3}],
        [{"id": "a", "input": 1}, {"id": "b", "input": 2, "reference": 0}],
        [{"id": "a", "input": 1}, {"id": "b", "input": 2, "slices": {"x": "y"}}],
    ],
)
def test_whatever_is_changed_changes_the_digest(changed: list[dict[str, Any]]) -> None:
    """An example less, another order, another input, reference or slice."""
    before = [Example(id="a", input=1), Example(id="b", input=2)]
    assert digest_of(DATASHEET, before) != digest_of(DATASHEET, [Example.model_validate(it) for it in changed])


def test_the_datasheet_is_part_of_the_digest() -> None:
    """Another version of the datasheet is another set."""
    newer = DATASHEET.model_copy(update={"version": "2"})
    assert digest_of(DATASHEET, []) != digest_of(newer, [])


@pytest.mark.parametrize("reference", [0, False, "", [], {}])
def test_what_is_empty_is_a_reference(tmp_path: Path, reference: Any) -> None:
    """Only null is none: an answer may have to be nothing."""
    for name in ("set.jsonl", "set.parquet"):
        found = write_set(tmp_path / name, DATASHEET, [Example(id="e", input=1, reference=reference)])
        assert found.examples[0].reference == reference
        assert found.examples[0].reference is not None
        assert found.digest != digest_of(DATASHEET, [Example(id="e", input=1)])


def test_null_is_no_reference(file: Path) -> None:
    """To say null and to say nothing is the same, for the digest too."""
    write(file, {"set": SHEET}, {"id": "e", "input": None, "reference": None, "slices": {}})
    assert read_set(file).digest == digest_of(DATASHEET, [Example(id="e", input=None)])


def test_a_set_without_examples_is_refused(file: Path) -> None:
    """There is nothing to ask."""
    assert said(write(file, {"set": SHEET})) == ["has a datasheet and no example; a set asks something"]


@pytest.mark.parametrize("first", [{"id": "e", "input": 1}, "", "no JSON", [1]])
def test_a_set_without_a_datasheet_is_refused(file: Path, first: Any) -> None:
    """The first line says what the set is."""
    (problem,) = said(write(file, first, {"id": "e", "input": 1}))
    assert problem.startswith('line 1: is no datasheet; expected {"set": ')


def test_a_datasheet_says_what_it_must(file: Path) -> None:
    """Where the examples come from, and under which license, is no option."""
    sheet = {key: value for key, value in SHEET.items() if key not in ("source", "license")}
    assert said(write(file, {"set": sheet}, {"id": "e", "input": 1})) == [
        "datasheet: source is missing",
        "datasheet: license is missing",
    ]


def test_an_id_that_is_there_twice_is_told_with_both_lines(file: Path) -> None:
    """Whoever corrects it needs to see both."""
    lines = [{"id": "a", "input": 1}, {"id": "b", "input": 1}, "", {"id": "a", "input": 2}]
    assert said(write(file, {"set": SHEET}, *lines)) == ["line 5: has the id 'a', as line 2 has; give each its own"]


def test_all_problems_are_told_at_once(file: Path) -> None:
    """Each with its line and what to do."""
    lines = [
        {"id": "a", "input": 1, "refrence": 2},
        {"id": "b"},
        '{"id": "c", "input": NaN}',
        '{"id": "d", "input": [1, -Infinity]}',
        "{",
        {"id": 7, "input": 1},
        {"id": "g", "input": 2**53},
        {"id": "h", "input": 1, "slices": {"a=b": "c"}},
    ]
    found = said(write(file, {"set": SHEET}, *lines))
    assert [it.split(":")[0] for it in found] == [f"line {number}" for number in range(2, 10)]
    assert found[0].startswith("line 2: refrence is not known here; did you mean 'reference'? known are: id, input,")
    assert found[1] == "line 3: input is missing"
    assert found[2] == "line 4: has NaN, which is no JSON; leave it out, or write null"
    assert found[3] == "line 5: has -Infinity, which is no JSON; leave it out, or write null"
    assert found[4].startswith("line 6: is no JSON: expecting property name")
    assert found[5] == "line 7: id is 7; expected a text; write it in quotes"
    assert "write it as a text" in found[6]


def test_many_problems_are_not_all_told(file: Path) -> None:
    """A set of another form has as many problems as lines; twenty say enough."""
    found = said(write(file, {"set": SHEET}, *({"question": 1} for _ in range(100))))
    assert len(found) == 21
    assert found[-1] == "and 280 more like these"


@pytest.mark.parametrize("name", ["set.jsonl", "set.parquet"])
def test_a_file_that_is_not_there_is_told(tmp_path: Path, name: str) -> None:
    """By its name, and why."""
    assert said(tmp_path / name) == ["cannot be read: no such file or directory"]


def test_what_is_not_utf8_is_told_with_its_line(file: Path) -> None:
    """Not as an error of a codec."""
    write(file, {"set": SHEET})
    file.write_bytes(file.read_bytes() + b'{"id": "\xff", "input": 1}\n')
    assert said(file) == ["line 2: is not UTF-8"]


def test_what_is_nested_without_end_is_told(file: Path) -> None:
    """A line that would exhaust the stack is a problem of its line."""
    deep = "[" * 100_000 + "]" * 100_000
    (problem,) = said(write(file, {"set": SHEET}, f'{{"id": "a", "input": {deep}}}'))
    assert problem == "line 2: is nested too deep"


def table_of(path: Path, metadata: dict[str, str] | None = None, **columns: list[Any]) -> Path:
    table = pa.table(columns).replace_schema_metadata(metadata)
    pq.write_table(table, path)
    return path


def test_a_table_of_something_else_is_told(tmp_path: Path) -> None:
    """Columns that are missing, unknown or of another type."""
    metadata = {"sluice.set": json.dumps(SHEET)}
    assert said(table_of(tmp_path / "a.parquet", metadata, id=[1], answer=["x"])) == [
        "column answer is not known here; known are: id, input, reference, slices",
        "column input is missing",
        "column id has the type int64; expected texts",
    ]


def test_rows_are_checked_as_lines_are(tmp_path: Path) -> None:
    """With the number of the row."""
    metadata = {"sluice.set": json.dumps(SHEET)}
    columns = {"id": ["a", "a", None], "input": ["1", "NaN", "2"]}
    assert said(table_of(tmp_path / "a.parquet", metadata, **columns)) == [
        "row 2: has NaN, which is no JSON; leave it out, or write null",
        "row 3: id is missing",
    ]


def test_a_table_without_a_datasheet_is_told(tmp_path: Path) -> None:
    """With the key where it belongs."""
    (problem,) = said(table_of(tmp_path / "a.parquet", id=["a"], input=["1"]))
    assert problem == "has no datasheet; put the JSON of one under the metadata key 'sluice.set'"


def test_what_only_is_called_parquet_is_told(tmp_path: Path) -> None:
    """Whatever the file holds."""
    assert said(write(tmp_path / "a.parquet", "text")) == ["cannot be read: is no parquet file"]


def test_a_number_that_no_digest_holds_is_refused() -> None:
    """A digest of something rounded would be of something else."""
    with pytest.raises(SluiceError, match="write it as a text"):
        digest_of(DATASHEET, [Example(id="a", input=2**60)])
