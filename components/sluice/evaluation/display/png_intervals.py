"""The intervals of a picture: differences in margins, and figures against their bounds."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sluice.evaluation.contract import Direction
from sluice.evaluation.display.bounds import Bounded, Reach, bounded
from sluice.evaluation.display.margins import EXPLAINED, InMargins, in_margins
from sluice.evaluation.display.material import Shown
from sluice.evaluation.display.png_style import (
    CANDIDATE,
    COLOURS,
    FORBIDDEN,
    TEXT,
    TEXT_SIZE,
    TEXTS,
    Place,
    axes,
    beside,
)
from sluice.evaluation.display.rows import all_rows

REACH = 4.0
"""How many margins to either side are drawn; what is beyond ends in an arrow."""
_REACH_COLOURS = {Reach.REACHED: "#17692f", Reach.MISSED: FORBIDDEN}
_SCALED = "Each row is scaled to its own figure: the dashed line is the bound, the shade is not admitted."


def draw_differences(figure: Figure, place: Place, shown: Shown) -> None:
    """Draws each difference with its interval, in margins."""
    rows = all_rows(shown)
    made = _rows_axes(figure, place, len(rows), "Differences, candidate less incumbent", EXPLAINED)
    made.set_xlim(-REACH, REACH)
    made.axvline(0, color=TEXT, linewidth=1, zorder=1)
    for number, row in enumerate(rows):
        placed = in_margins(row)
        said = f"{row.sign} {row.verdict}, n = {row.examples}, tolerated: {row.tolerated}"
        change = f"{row.difference} ({row.confidence} interval {row.interval})"
        beside(made, number, row.name, (said, change), COLOURS[row.compared.verdict])
        if placed is not None:
            _limit(made, number, placed)
            _whisker(made, number, placed, COLOURS[row.compared.verdict])
    made.set_xlabel("worse          difference in margins          better", size=TEXT_SIZE, **TEXTS)


def draw_bounds(figure: Figure, place: Place, shown: Shown) -> None:
    """Draws the candidate's figures against the contract's bounds."""
    found = bounded(shown)
    made = _rows_axes(figure, place, len(found), "The candidate by itself, against the contract's bounds", _SCALED)
    made.set_xlim(-1.15, 1.15)
    made.axvspan(-1.15, 0, color=FORBIDDEN, alpha=0.1, linewidth=0)
    made.axvline(0, color=FORBIDDEN, linewidth=1.5, linestyle=(0, (4, 3)), zorder=1)
    made.set_xticks([0], ["bound"])
    for number, it in enumerate(found):
        colour = _REACH_COLOURS.get(it.reach, "#7a5b00")
        said = f"{it.sign} {it.reach.value}, n = {it.examples}, admitted: {it.allowed}"
        beside(made, number, it.name, (said, f"{it.value} ({it.confidence} interval {it.interval})"), colour)
        placed = from_bound(it)
        if placed is not None:
            _whisker(made, number, placed, CANDIDATE)


def from_bound(it: Bounded) -> InMargins | None:
    """Returns a figure less its bound, right is better, scaled so that what is farthest from the bound is at 1."""
    if it.estimate is None or it.estimate.value is None:
        return None
    sign = 1 if it.direction is Direction.HIGHER else -1
    value = it.estimate.value
    ends = [sign * ((value if end is None else end) - it.bound) for end in (it.estimate.low, it.estimate.high)]
    unit = max(abs(end) for end in (*ends, value - it.bound)) or 1.0
    return InMargins(sign * (value - it.bound) / unit, min(ends) / unit, max(ends) / unit, None)


def _rows_axes(figure: Figure, place: Place, rows: int, title: str, below: str) -> Axes:
    made = axes(figure, place, title, below)
    made.set_ylim(rows - 0.4, -0.6)
    made.set_yticks([])
    return made


def _limit(made: Axes, number: int, placed: InMargins) -> None:
    if placed.limit is None:
        return
    made.fill_betweenx([number - 0.42, number + 0.42], -REACH, placed.limit, color=FORBIDDEN, alpha=0.1, linewidth=0)
    made.plot([placed.limit] * 2, [number - 0.42, number + 0.42], color=FORBIDDEN, linewidth=1.5, linestyle=(0, (4, 3)))


def _whisker(made: Axes, number: int, placed: InMargins, colour: str) -> None:
    low, middle, high = (min(max(it, -REACH), REACH) for it in (placed.low, placed.estimate, placed.high))
    made.plot([low, high], [number, number], color=colour, linewidth=2.5, solid_capstyle="butt", zorder=3)
    made.plot([middle], [number], marker="o", markersize=7, color=colour, zorder=4)
    beyond: Sequence[tuple[bool, float, str]] = ((placed.low < -REACH, -REACH, "<"), (placed.high > REACH, REACH, ">"))
    for is_beyond, end, marker in beyond:
        made.plot(
            [end] * is_beyond, [number] * is_beyond, marker=marker, markersize=9, color=colour, clip_on=False, zorder=4
        )
