"""A comparison in a terminal."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rich import box
from rich.console import Console, ConsoleOptions, ConsoleRenderable, RenderResult
from rich.table import Table
from rich.text import Text

from sluice.evaluation.display.bar import ASCII, UNICODE, bar
from sluice.evaluation.display.bounds import Bounded, Reach, bounded
from sluice.evaluation.display.margins import EXPLAINED, in_margins
from sluice.evaluation.display.material import ChangedAnswer, Shown
from sluice.evaluation.display.rows import Part, Row, label, parts
from sluice.evaluation.display.safe_text import cut, one_line
from sluice.evaluation.display.sentences import basis, explanation, verdict_sentence
from sluice.evaluation.verdict import Verdict

STYLES = {
    Verdict.BETTER: "bold green",
    Verdict.NOT_WORSE: "green",
    Verdict.WORSE: "bold red",
    Verdict.CANNOT_TELL: "yellow",
}
_REACH_STYLES = {Reach.REACHED: "green", Reach.MISSED: "bold red"}
_PLAIN_SIGNS = {"▲": "+", "✓": "=", "▼": "-", "?": "?"}
_WIDE = 132
"""From this width on, there is room for bars."""
_TABLE = 112
"""Below this width, there is none for tables of all figures."""
_LONGEST_ANSWER = 300


@dataclass(frozen=True)
class TerminalView:
    """Prints a comparison: the verdict, what it rests on, and what changed; bars where there is room."""

    shown: Shown
    changed: int = 5
    """How many of the answers that changed most."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield printable(verdict_sentence(self.shown), options, "bold")
        yield Text()
        yield _pairs(basis(self.shown), options)
        wide = options.max_width >= _WIDE
        for part in parts(self.shown):
            yield Text()
            yield _list(part, options) if options.max_width < _TABLE else _part(part, options, wide)
        yield Text()
        yield from _notes(self.shown, options, wide)
        yield from _bounds(bounded(self.shown), options)
        yield from _changed(self.shown, self.changed, options)


def renderable(shown: Shown, changed: int = 5) -> ConsoleRenderable:
    """Returns a comparison for rich to print, with so many of the answers that changed most."""
    return TerminalView(shown, changed)


def printable(text: str, options: ConsoleOptions, style: str = "") -> Text:
    """Returns a text for a terminal; in one that knows only ASCII, with everything else as `\\xe9`."""
    return Text(text.encode("ascii", "backslashreplace").decode("ascii") if options.ascii_only else text, style=style)


def verdict_text(row: Row, ascii_only: bool) -> Text:
    """Returns a verdict with its sign, in its colour."""
    return Text(f"{_sign(row.sign, ascii_only)} {row.verdict}", style=STYLES[row.compared.verdict])


def table(title: str, columns: Iterable[str], ascii_only: bool, left: Iterable[str] = ()) -> Table:
    """Returns an empty table; columns are on the right but the first and those of `left`."""
    made = Table(
        title=Text(title, style="bold"), title_justify="left", box=box.ASCII2 if ascii_only else box.SIMPLE_HEAD
    )
    for number, column in enumerate(columns):
        made.add_column(Text(column), justify="left" if number == 0 or column in left else "right", overflow="fold")
    return made


def _sign(sign: str, ascii_only: bool) -> str:
    return _PLAIN_SIGNS[sign] if ascii_only else sign


def _pairs(pairs: Iterable[tuple[str, str]], options: ConsoleOptions) -> Table:
    made = Table.grid(padding=(0, 2))
    made.add_column(no_wrap=True)
    made.add_column(overflow="fold")
    for name, said in pairs:
        made.add_row(Text(name, style="dim"), printable(said, options))
    return made


def _part(part: Part, options: ConsoleOptions, wide: bool) -> Table:
    confidences = sorted({row.confidence for row in part.rows})
    interval = f"{' or '.join(confidences)} interval"
    columns = ["", "incumbent", "candidate", "difference", interval, "tolerated", "n", "sees from", "verdict"]
    made = table(part.title, columns + (["worse / better"] if wide else []), options.ascii_only, ("verdict",))
    for row in part.rows:
        cells = [row.name, row.incumbent, row.candidate, row.difference, row.interval, row.tolerated, row.examples]
        texts = [printable(it, options) for it in [*cells, row.smallest_effect]]
        drawn = [_bar(row, options.ascii_only)] if wide else []
        made.add_row(*texts, verdict_text(row, options.ascii_only), *drawn)
    return made


def _list(part: Part, options: ConsoleOptions) -> Table:
    made = Table.grid(padding=(0, 2))
    made.title, made.title_justify = Text(part.title, style="bold"), "left"
    made.add_column(no_wrap=True)
    for row in part.rows:
        change = f"{row.difference} ({row.confidence} interval {row.interval}; tolerated {row.tolerated})"
        said = f"{row.name}: {row.candidate} against {row.incumbent}, {change}"
        seen = f"; n = {row.examples}, sees from {row.smallest_effect}"
        made.add_row(verdict_text(row, options.ascii_only), printable(said + seen, options))
    return made


def _bar(row: Row, ascii_only: bool) -> Text:
    placed = in_margins(row)
    return Text("" if placed is None else bar(placed, glyphs=ASCII if ascii_only else UNICODE))


def _notes(shown: Shown, options: ConsoleOptions, wide: bool) -> Iterator[Text]:
    yield Text(
        "pp: percentage points; n: examples; sees from: the smallest difference that this set could have seen.",
        style="dim",
    )
    if wide:
        yield Text(f"Bars: {EXPLAINED}", style="dim")
    unknown = [row for part in parts(shown) for row in part.rows if row.compared.verdict is Verdict.CANNOT_TELL]
    for row in unknown:
        name = printable(f"{row.name}: cannot tell, ", options, "yellow")
        yield Text.assemble(name, printable(explanation(row), options))


def _bounds(found: list[Bounded], options: ConsoleOptions) -> Iterator[ConsoleRenderable]:
    if not found:
        return
    columns = ["", "candidate", "interval", "the contract admits", "n", "bound"]
    made = table("Bounds of the contract", columns, options.ascii_only, ("bound",))
    for it in found:
        said = Text(
            f"{_sign(it.sign, options.ascii_only)} {it.reach.value}", style=_REACH_STYLES.get(it.reach, "yellow")
        )
        cells = [it.name, it.value, it.interval, it.allowed, it.examples]
        made.add_row(*(printable(cell, options) for cell in cells), said)
    yield Text()
    yield made


def _changed(shown: Shown, limit: int, options: ConsoleOptions) -> Iterator[ConsoleRenderable]:
    if not shown.changed or limit < 1:
        return
    yield Text()
    yield Text(f"Changed answers, the worst {min(limit, len(shown.changed))} of {len(shown.changed):,}", style="bold")
    for it in shown.changed[:limit]:
        yield Text()
        score = f"{it.incumbent_score:.3g} to {it.candidate_score:.3g}"
        yield printable(f"{label(it.example)}, {label(it.metric)}: {score}", options)
        yield _pairs(_said(it), options)


def _said(it: ChangedAnswer) -> list[tuple[str, str]]:
    texts = [("input", it.input), *([] if it.reference is None else [("reference", it.reference)])]
    texts += [("incumbent", it.incumbent_output), ("candidate", it.candidate_output)]
    return [(name, cut(one_line(text), _LONGEST_ANSWER)) for name, text in texts]
