"""The latencies of a picture: both versions' histograms on one axis."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter, NullLocator

from sluice.evaluation.display.figures import Measure, Scale
from sluice.evaluation.display.histogram import answered, bin_edges, latency_axis
from sluice.evaluation.display.material import Shown
from sluice.evaluation.display.png_style import CANDIDATE, INCUMBENT, TEXT_SIZE, TEXTS, Place, axes, drawable
from sluice.evaluation.display.rows import label
from sluice.evaluation.report import Report

_SCALE = Scale(Measure.DURATION)


def draw_latencies(figure: Figure, place: Place, shown: Shown) -> None:
    """Draws how long the answered calls of both versions took."""
    sides = [
        (shown.incumbent, answered(shown.latencies.incumbent), INCUMBENT, 0.45),
        (shown.candidate, answered(shown.latencies.candidate), CANDIDATE, 1.0),
    ]
    sides = [side for side in sides if len(side[1])]
    axis = latency_axis([side[1] for side in sides], 0, 1)
    edges = bin_edges(axis)
    tail = " The axis is logarithmic." if axis.logarithmic else ""
    made = axes(figure, place, "Latency", f"Shares of each version's answered calls, by milliseconds.{tail}")
    made.set_xscale("log" if axis.logarithmic else "linear")
    made.set_xlim(axis.low, axis.high)
    for number, (report, times, colour, alpha) in enumerate(sides):
        shares = np.histogram(times, edges)[0] / len(times)
        made.stairs(shares, edges, fill=alpha < 1, color=colour, alpha=alpha, linewidth=2)
        made.text(
            1.05,
            0.9 - 0.42 * number,
            drawable(_said(report, len(times))),
            transform=made.transAxes,
            va="top",
            size=TEXT_SIZE,
            **(TEXTS | {"color": colour}),
        )
    ticks = axis.ticks(6)
    made.set_xticks(ticks, [_SCALE.set_value(it) for it in ticks])
    made.xaxis.set_minor_locator(NullLocator())
    made.xaxis.set_minor_formatter(NullFormatter())
    made.set_yticks([])


def _said(report: Report, calls: int) -> str:
    quantiles = ", ".join(f"{name} {_SCALE.value(it.value)}" for name, it in sorted(report.latency_ms.items()))
    return f"{label(report.version)}, n = {calls:,} calls\n{quantiles}"
