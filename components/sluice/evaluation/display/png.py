"""A comparison as one picture, for a chat, a slide or a wiki."""

import io
from textwrap import fill

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from sluice.evaluation.display.bounds import bounded
from sluice.evaluation.display.histogram import answered
from sluice.evaluation.display.material import Shown
from sluice.evaluation.display.png_intervals import draw_bounds, draw_differences
from sluice.evaluation.display.png_latency import draw_latencies
from sluice.evaluation.display.png_style import FONT, INCHES_WIDE, TITLE_SIZE, Draw, drawable
from sluice.evaluation.display.rows import all_rows
from sluice.evaluation.display.sentences import is_pass, verdict_sentence

DPI = 120
_ROW_INCHES = 0.48
_FRAME_INCHES = 1.4
"""What a panel takes besides its rows: title, axis, and the text below."""
_LATENCY_INCHES = 2.6


def picture(shown: Shown, dpi: int = DPI) -> bytes:
    """
    Returns a PNG, 12 inches wide: the verdict, differences in margins, figures against bounds, and latencies.

    Touches no state of matplotlib's that others share, and the same comparison gives the same bytes.
    """
    title = _title(shown)
    panels = _panels(shown)
    heading = 0.4 + 0.27 * (title.count("\n") + 1)
    figure = Figure(figsize=(INCHES_WIDE, heading + sum(it for _, it in panels)), facecolor="white", dpi=dpi)
    FigureCanvasAgg(figure)
    colour = "#17692f" if is_pass(shown) else "#b3261e"
    height = float(figure.get_figheight())
    figure.text(
        0.02,
        1 - 0.2 / height,
        title,
        va="top",
        fontsize=TITLE_SIZE,
        weight="bold",
        color=colour,
        family=FONT,
        parse_math=False,
    )
    top = height - heading
    for draw, inches in panels:
        top -= inches
        draw(figure, (top / height, inches / height), shown)
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=dpi, metadata={"Software": None})
    return out.getvalue()


def _panels(shown: Shown) -> list[tuple[Draw, float]]:
    """Returns what is drawn from above to below, and how many inches high each is."""
    rows, bounds = len(all_rows(shown)), len(bounded(shown))
    calls = len(answered(shown.latencies.incumbent)) + len(answered(shown.latencies.candidate))
    found: list[tuple[Draw, float]] = [(draw_differences, _FRAME_INCHES + _ROW_INCHES * rows)]
    found += [(draw_bounds, _FRAME_INCHES + _ROW_INCHES * bounds)] if bounds else []
    return found + ([(draw_latencies, _LATENCY_INCHES)] if calls else [])


def _title(shown: Shown) -> str:
    return fill(drawable(f"{'✓' if is_pass(shown) else '✗'} {verdict_sentence(shown)}"), 105)
