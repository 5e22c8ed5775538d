"""`sluice diff`: two versions, side by side."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from sluice.manifest.changes import Part, Side
    from sluice.manifest.lock import Locked

_STYLES = {"+": "green", "-": "red", "@": "cyan"}
_NONE = "none"


class Format(StrEnum):
    TERMINAL = "terminal"
    MARKDOWN = "markdown"
    JSON = "json"


Manifest = Annotated[Path, typer.Argument(help="A manifest that has a lock.", exists=True, dir_okay=False)]


def diff(
    before: Manifest,
    after: Manifest,
    form: Annotated[Format, typer.Option("--format", "-f", help="For a person, a pull request or a program.")] = (
        Format.TERMINAL
    ),
) -> None:
    """Show what changed from one version to another: weights, adapters, data, inference, evaluation."""
    from sluice.manifest.changes import compare

    one, other = _side(before), _side(after)
    parts = compare(one, other)
    match form:
        case Format.JSON:
            typer.echo(json.dumps(_document(one.locked, other.locked, parts), indent=2, ensure_ascii=False))
        case Format.MARKDOWN:
            typer.echo("\n".join(_markdown(one.locked, other.locked, parts)))
        case Format.TERMINAL:
            _print(Console(), one.locked, other.locked, parts)


def _side(manifest: Path) -> "Side":
    from sluice.manifest import lock
    from sluice.manifest.changes import Side
    from sluice.manifest.load import find_root

    return Side(lock.read(manifest), find_root(manifest.absolute()))


def _document(one: "Locked", other: "Locked", parts: "list[Part]") -> dict[str, object]:
    return {
        "before": {"version": one.label, "subject": one.subject_digest, "digest": one.version_digest},
        "after": {"version": other.label, "subject": other.subject_digest, "digest": other.version_digest},
        "parts": [asdict(part) for part in parts],
    }


def _markdown(one: "Locked", other: "Locked", parts: "list[Part]") -> Iterator[str]:
    yield f"## {one.label} → {other.label}"
    yield ""
    if not parts:
        yield "Nothing changed."
    for part in parts:
        yield f"### {part.name.capitalize()}"
        yield ""
        if part.facts:
            yield "| | before | after |"
            yield "| --- | --- | --- |"
            for fact in part.facts:
                cells = (fact.name, _shown(fact.before), _shown(fact.after))
                yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
            yield ""
        if part.text:
            # A fence longer than any in the text keeps the text from ending it.
            fence = "`" * max(3, *(_fence(line) + 1 for line in part.text))
            yield from (f"{fence}diff", *part.text, fence, "")


def _fence(line: str) -> int:
    longest = run = 0
    for letter in line:
        run = run + 1 if letter == "`" else 0
        longest = max(longest, run)
    return longest


def _print(console: Console, one: "Locked", other: "Locked", parts: "list[Part]") -> None:
    console.print(Text(f"{one.label} → {other.label}", "bold"))
    if not parts:
        console.print("nothing changed")
    for part in parts:
        table = Table(box=None, padding=(0, 2, 0, 0), show_header=bool(part.facts), title_justify="left")
        table.title = Text(part.name, "bold magenta")
        for heading in ("", "before", "after"):
            table.add_column(heading, overflow="fold")
        for fact in part.facts:
            table.add_row(fact.name, Text(_shown(fact.before), "red"), Text(_shown(fact.after), "green"))
        console.print(table)
        for line in part.text:
            console.print(Text(f"  {line}", _STYLES.get(line[:1], "")), soft_wrap=True)


def _shown(value: str | None) -> str:
    """Returns a value for people: digests by their beginning, which is enough to tell two apart."""
    if value is None:
        return _NONE
    words = [_short(word) for word in value.split(" ")]
    return " ".join(words)


def _short(word: str) -> str:
    head, mark, digest = word.partition("sha256:")
    bare = digest.rstrip(",")
    if mark and len(bare) == 64:
        return f"{head}{mark}{bare[:12]}{digest[64:]}"
    return word
