"""What a set can see, metric by metric: the table of `sluice plan-evaluation`."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, ConsoleRenderable, RenderResult
from rich.text import Text

from sluice.evaluation.contract import Kind
from sluice.evaluation.display.figures import UNKNOWN, Scale
from sluice.evaluation.display.rows import label, percent, scale_of
from sluice.evaluation.display.terminal import printable, table


@dataclass(frozen=True)
class PlanRow:
    """How large a set would have to be for one metric."""

    metric: str
    kind: Kind
    margin: float | None
    """In the metric's unit. None: none is agreed, so no size is enough or too small."""
    spread: float | None
    """The standard deviation over examples of the difference between two versions, in the metric's unit."""
    examples: int
    """How many there are now."""
    smallest_effect: float | None
    """The smallest difference that these see. None: it cannot be told."""
    examples_needed: int | None
    """How many it takes to see the margin. None: it cannot be told."""
    unit: str | None = None

    @property
    def scale(self) -> Scale:
        """How its figures are written."""
        return scale_of(self.kind, self.unit)


@dataclass(frozen=True)
class PlanView:
    """Prints the table, and in a sentence whether the set is large enough."""

    rows: Sequence[PlanRow]
    significance: float
    power: float

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield printable(plan_sentence(self.rows), options, "bold")
        columns = ["metric", "margin", "spread", "examples now", "sees from", "examples needed", "enough"]
        made = table("", columns, options.ascii_only, ("enough",))
        made.title = None
        for row in self.rows:
            made.add_row(*(printable(cell, options) for cell in _cells(row)), _enough(row, options.ascii_only))
        yield made
        yield Text(
            f"With significance {percent(self.significance)} and power {percent(self.power)}. Spread: the standard "
            "deviation of the difference between two answers to an example; pp: percentage points.",
            style="dim",
        )


def plan_table(rows: Sequence[PlanRow], significance: float, power: float) -> ConsoleRenderable:
    """Returns what a set can see for rich to print."""
    return PlanView(rows, significance, power)


def plan_sentence(rows: Sequence[PlanRow]) -> str:
    """Returns whether the set is large enough for every margin, and if not, what it takes."""
    short = [row for row in rows if row.examples_needed is not None and row.examples_needed > row.examples]
    if not short:
        known = any(row.examples_needed is not None for row in rows)
        return "The set is large enough for every margin that can be judged." if known else "No margin can be judged."
    worst = max(short, key=lambda row: row.examples_needed or 0)
    return (
        f"The set is too small: {worst.examples_needed:,} examples are needed for {label(worst.metric)} with a margin "
        f"of {_margin(worst)}, and there are {worst.examples:,}."
    )


def _cells(row: PlanRow) -> list[str]:
    needed = UNKNOWN if row.examples_needed is None else f"{row.examples_needed:,}"
    spread, smallest = row.scale.size(row.spread), row.scale.size(row.smallest_effect)
    return [label(row.metric), _margin(row), spread, f"{row.examples:,}", smallest, needed]


def _margin(row: PlanRow) -> str:
    return "none agreed" if row.margin is None else row.scale.set_change(row.margin).lstrip("+")


def _enough(row: PlanRow, ascii_only: bool) -> Text:
    if row.examples_needed is None:
        return Text("? not known", style="yellow")
    if row.examples_needed > row.examples:
        return Text(f"{'-' if ascii_only else '▼'} {row.examples_needed - row.examples:,} too few", style="bold red")
    return Text(f"{'=' if ascii_only else '✓'} enough", style="green")
