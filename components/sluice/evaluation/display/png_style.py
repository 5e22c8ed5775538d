"""How pictures look: set on each text and line, so that nobody's defaults matter."""

from collections.abc import Callable
from functools import cache
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont, get_font

from sluice.evaluation.display.material import Shown
from sluice.evaluation.verdict import Verdict

FONT = "DejaVu Sans"
"""Comes with matplotlib."""
INCHES_WIDE = 12.0
TITLE_SIZE, HEAD_SIZE, TEXT_SIZE = 13, 12, 10
INCUMBENT, CANDIDATE, FORBIDDEN, TEXT, MUTED = "#5b6572", "#0b62c4", "#b3261e", "#1a1c1f", "#555b63"
COLOURS = {
    Verdict.BETTER: "#17692f",
    Verdict.NOT_WORSE: "#17692f",
    Verdict.WORSE: FORBIDDEN,
    Verdict.CANNOT_TELL: "#7a5b00",
}
LABEL_SHARE, FIGURES_SHARE = 0.2, 0.36
"""Which shares of the width names on the left and figures on the right take."""

Place = tuple[float, float]
"""Where a panel begins, from below, and how high it is; as shares of the picture."""
Draw = Callable[[Figure, Place, Shown], None]


def axes(figure: Figure, place: Place, title: str, below: str) -> Axes:
    """Returns the axes of a panel, with its title above and what explains it below."""
    bottom, high = place
    inch = 1 / float(figure.get_figheight())
    made = figure.add_axes(
        (LABEL_SHARE, bottom + 0.78 * inch, 1 - LABEL_SHARE - FIGURES_SHARE, high - 1.2 * inch), facecolor="white"
    )
    figure.text(0.02, bottom + high - 0.28 * inch, title, size=HEAD_SIZE, weight="bold", **TEXTS)
    figure.text(0.02, bottom + 0.1 * inch, below, size=TEXT_SIZE - 1, **(TEXTS | {"color": MUTED}))
    made.tick_params(labelsize=TEXT_SIZE, labelfontfamily=FONT, colors=TEXT)
    for side, spine in made.spines.items():
        spine.set_visible(side == "bottom")
        spine.set_color("#999999")
    return made


TEXTS: dict[str, Any] = {"family": FONT, "color": TEXT, "parse_math": False}
"""A `$` in a name is no formula."""


def drawable(text: str) -> str:
    """Returns a text with a box for each character that the font does not have."""
    return "".join(it if it == "\n" or ord(it) in _characters() else "□" for it in text)


@cache
def _characters() -> frozenset[int]:
    return frozenset(get_font(findfont(FONT)).get_charmap())


def beside(made: Axes, row: float, name: str, said: tuple[str, str], colour: str) -> None:
    """Writes a row's name to the left of the axes, and to the right its verdict and its figures."""
    kwargs = TEXTS | {"transform": made.get_yaxis_transform(), "size": TEXT_SIZE}
    made.text(-0.03, row, _short(name, 28), va="center", ha="right", **kwargs)
    made.text(1.03, row, _short(said[0], 52), va="bottom", weight="bold", **(kwargs | {"color": colour}))
    made.text(1.03, row, _short(said[1], 58), va="top", **kwargs)


def _short(text: str, limit: int) -> str:
    return drawable(text if len(text) <= limit else f"{text[: limit - 3]}...")
