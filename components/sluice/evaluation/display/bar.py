"""An interval against no difference and against what is tolerated, in one line of a terminal."""

from dataclasses import dataclass

from sluice.evaluation.display.margins import InMargins

REACH = 3.0
"""How many margins to either side a bar shows; what is beyond ends in an arrow."""


@dataclass(frozen=True)
class Glyphs:
    """What a bar is drawn with."""

    line: str
    estimate: str
    zero: str
    crossed: str
    """An interval that holds no difference."""
    limit: str
    left: str
    right: str


UNICODE = Glyphs("━", "●", "│", "┿", "┊", "◀", "▶")
ASCII = Glyphs("-", "o", "|", "+", ":", "<", ">")


def bar(shown: InMargins, width: int = 25, glyphs: Glyphs = UNICODE) -> str:
    """Returns the interval in `width` characters, at least 7: worse to the left, no difference in the middle."""
    cells = [" "] * width
    low, high = _cell(shown.low, width), _cell(shown.high, width)
    cells[low : high + 1] = glyphs.line * (high - low + 1)
    middle = width // 2
    cells[middle] = glyphs.crossed if low <= middle <= high else glyphs.zero
    if shown.limit is not None:
        cells[_cell(shown.limit, width)] = glyphs.limit
    cells[_cell(shown.estimate, width)] = glyphs.estimate
    if shown.low < -REACH:
        cells[0] = glyphs.left
    if shown.high > REACH:
        cells[-1] = glyphs.right
    return "".join(cells)


def _cell(value: float, width: int) -> int:
    inside = min(max(value, -REACH), REACH)
    return round((inside + REACH) / (2 * REACH) * (width - 1))
