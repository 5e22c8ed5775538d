"""How long the calls of both versions took, as two histograms on one axis."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sluice.evaluation.display.axis import Axis
from sluice.evaluation.display.charts import WIDTH, Mark, ticks
from sluice.evaluation.display.figures import Measure, Scale
from sluice.evaluation.display.material import Shown
from sluice.evaluation.display.rows import label
from sluice.evaluation.report import Report

BINS = 40
PANEL = 74
"""How high one histogram is."""
_LONG_TAIL = 8
"""From which ratio of the slowest to the quickest call the axis is logarithmic."""


@dataclass(frozen=True)
class Panel:
    """One version's calls."""

    role: str
    version: str
    calls: int
    bars: tuple[tuple[float, float, float], ...]
    """From where to where, and how high, as a share of the highest of both versions."""
    percentiles: tuple[Mark, ...]


@dataclass(frozen=True)
class Histograms:
    """Both versions' calls on one axis."""

    panels: tuple[Panel, ...]
    ticks: tuple[Mark, ...]
    logarithmic: bool
    described: str


def histograms(shown: Shown) -> Histograms | None:
    """Returns both versions' latencies; None where no call was answered."""
    sides = [
        ("incumbent", shown.incumbent, answered(shown.latencies.incumbent)),
        ("candidate", shown.candidate, answered(shown.latencies.candidate)),
    ]
    sides = [side for side in sides if len(side[2])]
    if not sides:
        return None
    axis = latency_axis([times for _, _, times in sides], 14, WIDTH - 14)
    edges = bin_edges(axis)
    shares = [np.histogram(times, edges)[0] / len(times) for _, _, times in sides]
    top = max(float(it.max()) for it in shares)
    panels = tuple(_panel(axis, edges, share / top, *side) for share, side in zip(shares, sides, strict=True))
    marks = ticks(axis, Scale(Measure.DURATION).set_value)
    return Histograms(panels, marks, axis.logarithmic, " ".join(_described(panel) for panel in panels))


def answered(times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Returns the latencies that are numbers, in one row."""
    flat = np.asarray(times, dtype=np.float64).ravel()
    return flat[np.isfinite(flat) & (flat >= 0)]


def latency_axis(sides: list[NDArray[np.float64]], start: float, end: float) -> Axis:
    """Returns an axis with every call on it, logarithmic where the slowest took many times as long as the quickest."""
    times = np.concatenate(sides)
    low, high = float(times.min()), float(times.max())
    if low > 0 and high / low >= _LONG_TAIL:
        return Axis(low / 1.05, high * 1.05, start, end, logarithmic=True)
    room = (high - low) * 0.05 or high * 0.1 or 1.0
    return Axis(max(low - room, 0), high + room, start, end)


def bin_edges(axis: Axis) -> NDArray[np.float64]:
    """Returns the ends of bins that are equally wide in the picture."""
    spaced = np.geomspace if axis.logarithmic else np.linspace
    return np.asarray(spaced(axis.low, axis.high, BINS + 1))


def _panel(
    axis: Axis,
    edges: NDArray[np.float64],
    heights: NDArray[np.float64],
    role: str,
    report: Report,
    times: NDArray[np.float64],
) -> Panel:
    bars = tuple(
        (axis.at(float(low)), axis.at(float(high)), round(float(height), 4))
        for low, high, height in zip(edges, edges[1:], heights, strict=False)
        if height > 0
    )
    named = {name: it.value for name, it in report.latency_ms.items() if it.value is not None}
    marks = tuple(Mark(axis.at(value), f"{name} {_ms(value)}") for name, value in sorted(named.items()))
    return Panel(role, label(report.version), len(times), bars, marks)


def _ms(value: float) -> str:
    return Scale(Measure.DURATION).value(value)


def _described(panel: Panel) -> str:
    marks = ", ".join(mark.text for mark in panel.percentiles)
    return f"{panel.version}, {panel.calls:,} calls: {marks}."
