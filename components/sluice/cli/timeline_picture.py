"""A journal as a picture: traffic by version, stacked, with stages, what gates said, and rollbacks marked."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from html import escape

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num
from matplotlib.figure import Figure

from sluice.rollout.journal import History
from sluice.rollout.movement import Kind, Movement
from sluice.rollout.rise import Outcome

_COLOURS = (
    "#4c72b0",
    "#dd8452",
    "#55a868",
    "#8172b3",
    "#937860",
    "#da8bc3",
    "#8c8c8c",
    "#ccb974",
    "#64b5cd",
    "#c44e52",
)
_MARKS = {
    Kind.ROLLBACK: ("#b00020", "rollback"),
    Kind.PROMOTE: ("#1b5e20", "promoted"),
    Kind.ACKNOWLEDGE: ("#6a1b9a", "acknowledged"),
    Kind.OBSERVED: ("#616161", "by hand"),
}
_TITLES = ("#", "When (UTC)", "What", "Traffic", "By", "Why", "Gates")
_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; color: #1a1a1a; }
svg { width: 100%; height: auto; } table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #ddd; vertical-align: top; }
tr.rollback td { background: #fdecea; } .forced { color: #b00020; font-weight: 600; }
summary { white-space: nowrap; cursor: pointer; } ul { margin: .3rem 0; padding-left: 1.2rem; }
"""


@dataclass(frozen=True)
class _Gate:
    """What a gate said of a rise, as the journal keeps it."""

    name: str
    """`green.soaked`."""
    said: str
    passed: bool

    @classmethod
    def all_of(cls, movement: Movement) -> "list[_Gate]":
        outcomes = {str(it) for it in Outcome}
        told = ((name, *it.partition(": ")) for name, it in movement.evidence.items() if isinstance(it, str))
        return [cls(name, said, found == Outcome.PASS) for name, found, _, said in told if found in outcomes]


def picture(history: History, now: datetime, form: str) -> bytes:
    """Returns the picture as `png` or `svg`; it ends at `now`. The same journal gives the same bytes."""
    figure = Figure(figsize=(11, 4.2), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    _draw(axes, history, now)
    written = io.BytesIO()
    dated = {"Date": None} if form == "svg" else {}
    figure.savefig(written, format=form, dpi=130, metadata={**dated, "Title": f"Traffic of {history.endpoint}"})
    return written.getvalue()


def page(history: History, now: datetime) -> str:
    """Returns a page of its own, with the picture and every movement; it loads nothing."""
    drawn = picture(history, now, "svg").decode("utf-8")
    titles = "".join(f"<th>{title}</th>" for title in _TITLES)
    rows = "".join(_row(it) for it in reversed(history.movements))
    return (
        '<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Traffic of {escape(history.endpoint)}</title><style>{_STYLE}</style></head>\n<body>\n"
        f"<h1>Traffic of {escape(history.endpoint)}</h1>\n{drawn[drawn.index('<svg') :]}\n"
        f"<table><thead><tr>{titles}</tr></thead><tbody>{rows}</tbody></table>\n</body>\n</html>\n"
    )


def _draw(axes: Axes, history: History, now: datetime) -> None:
    edges = [float(date2num(it)) for it in (*history.moments, max(now, history.moments[-1]))]  # type: ignore[no-untyped-call]
    labels = list(dict.fromkeys(label for it in history.movements for label, _ in _shares(it)))
    below = [0.0] * len(history)
    for colour, label in zip(_cycled(len(labels)), labels, strict=True):
        heights = [sum(share for name, share in _shares(it) if name == label) for it in history.movements]
        tops = [low + height for low, height in zip(below, heights, strict=True)]
        axes.fill_between(
            edges, [*below, below[-1]], [*tops, tops[-1]], step="post", color=colour, label=label, linewidth=0
        )
        below = tops
    for it, moment in zip(history.movements, edges, strict=False):
        colour, told = _MARKS.get(it.kind, ("#00000040", ""))
        told = "forced" if it.forced is not None else told
        axes.axvline(moment, color=colour, linewidth=1.4 if told else 0.6, linestyle="-" if told else ":")
        if told:
            axes.annotate(told, (moment, 101), rotation=45, fontsize=8, color=colour, annotation_clip=False)
        if stage := _stage(it):
            axes.annotate(
                stage, (moment, 2), (2, 0), textcoords="offset points", rotation=90, fontsize=7, color="white"
            )
    locator = AutoDateLocator()  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
    axes.set(ylim=(0, 100), xlim=(edges[0], edges[-1] if edges[-1] > edges[0] else edges[0] + 1 / 24))
    axes.set(ylabel="percent of traffic", xlabel="UTC")
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)


def _stage(it: Movement) -> str:
    """Returns which slots begin a stage, and what gates said: `green 25 %, 13 gates passed`."""
    gates = _Gate.all_of(it)
    risen = dict.fromkeys(gate.name.partition(".")[0] for gate in gates)
    return ", ".join([*(f"{slot} {float(it.share(slot)):g} %" for slot in risen), _counted(gates)]) if risen else ""


def _counted(gates: list[_Gate]) -> str:
    unmet = sum(not it.passed for it in gates)
    return f"{unmet} of {len(gates)} gates not met" if unmet else f"{len(gates)} gates passed"


def _shares(it: Movement) -> list[tuple[str, float]]:
    return [(it.versions[slot].label, float(share)) for slot, share in it.after.items() if slot in it.versions]


def _cycled(count: int) -> Iterator[str]:
    return (_COLOURS[at % len(_COLOURS)] for at in range(count))


def _row(it: Movement) -> str:
    shares = ", ".join(
        f"{slot} ({it.versions[slot].label}) {float(it.was(slot)):g} → {float(it.share(slot)):g}"
        for slot in it.after
        if slot in it.versions
    )
    forced = "" if it.forced is None else f'<span class="forced">forced: {escape(it.forced)}</span> '
    cells = [str(it.sequence), f"{it.at:%Y-%m-%d %H:%M}", it.kind.value, shares, it.actor]
    told = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
    why = f"<td>{forced}{escape(it.reason)}</td>"
    return f'<tr class="{it.kind.value}">{told}{why}<td>{_gates(_Gate.all_of(it))}</td></tr>'


def _gates(gates: list[_Gate]) -> str:
    if not gates:
        return ""
    items = "".join(
        f"<li>{'✓' if it.passed else '✗'} {escape(it.name)}: {escape(it.said)}</li>"
        for it in sorted(gates, key=lambda gate: gate.passed)
    )
    return f"<details><summary>{_counted(gates)}</summary><ul>{items}</ul></details>"
