"""Where things are in a page's charts; a template draws them."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from sluice.evaluation.contract import Direction
from sluice.evaluation.display.axis import Axis, spanning
from sluice.evaluation.display.bounds import Bounded, interval_of, value_of
from sluice.evaluation.display.figures import Scale
from sluice.evaluation.display.rows import Row
from sluice.evaluation.display.sentences import figures_of
from sluice.evaluation.report import Estimate

WIDTH = 340
_LEFT, _RIGHT = 14, WIDTH - 14
_MOST_TICKS = 5
_LETTER, _GAP = 6.2, 8
"""How wide a character of an axis is, and how far texts are apart."""


@dataclass(frozen=True)
class Mark:
    """A place on an axis with its text, which is anchored so that it stays in the picture."""

    x: float
    text: str

    @property
    def anchor(self) -> str:
        """SVG's `text-anchor`."""
        return "start" if self.x < WIDTH / 3 else "end" if self.x > WIDTH * 2 / 3 else "middle"


@dataclass(frozen=True)
class Whisker:
    """An interval with its estimate."""

    low: float
    estimate: float
    high: float
    role: str
    """`incumbent`, `candidate` or `difference`."""
    text: str = ""


@dataclass(frozen=True)
class Chart:
    """Intervals on one axis, with lines to compare them with."""

    title: str
    described: str
    """For who does not see it."""
    whiskers: tuple[Whisker, ...]
    ticks: tuple[Mark, ...]
    zero: Mark | None = None
    limit: Mark | None = None
    """The line that must not be crossed: the largest tolerated regression, or the bound."""
    forbidden: tuple[float, float] | None = None
    """From where to where nothing is admitted."""


def difference_chart(row: Row) -> Chart | None:
    """Returns the interval of a difference against none and against what is tolerated; None without an interval."""
    it, none = row.compared, 1.0 if row.scale.is_ratio else 0.0
    if it.estimate is None or it.low is None or it.high is None:
        return None
    lines = [none] if row.limit is None else [none, row.limit]
    axis = spanning([it.low, it.high, it.estimate, *lines], _LEFT, _RIGHT)
    change = f"{row.difference}, {row.confidence} interval {row.interval}"
    return Chart(
        title=f"{row.name}: difference",
        described=f"{row.name} is {row.verdict}: {figures_of(row)}.",
        whiskers=(Whisker(axis.at(it.low), axis.at(it.estimate), axis.at(it.high), "difference", change),),
        ticks=ticks(axis, row.scale.change_tick),
        zero=Mark(axis.at(none), "no difference"),
        limit=None if row.limit is None else Mark(axis.at(row.limit), f"tolerated {row.tolerated}"),
        forbidden=_forbidden(axis, row.limit, it.direction),
    )


def value_chart(row: Row, bound: Bounded | None) -> Chart | None:
    """Returns the figures of both versions by themselves, against the contract's bound where there is one."""
    named = zip(("incumbent", "candidate"), row.own, strict=True)
    sides = [(role, it) for role, it in named if it is not None and it.value is not None]
    if not sides:
        return None
    values = [end for _, it in sides for end in (it.low, it.value, it.high) if end is not None]
    axis = spanning(values if bound is None else [*values, bound.bound], _LEFT, _RIGHT)
    said = "; ".join(f"{role} {_own(row.scale, it)}" for role, it in sides)
    against = "" if bound is None else f"; the contract admits {bound.allowed}"
    return Chart(
        title=f"{row.name}: each version by itself",
        described=f"{row.name}: {said}{against}.",
        whiskers=tuple(_whisker(axis, role, it, row.scale) for role, it in sides),
        ticks=ticks(axis, row.scale.tick),
        limit=None if bound is None else Mark(axis.at(bound.bound), f"bound: {bound.allowed}"),
        forbidden=None if bound is None else _forbidden(axis, bound.bound, bound.direction),
    )


def ticks(axis: Axis, said: Callable[[float], str]) -> tuple[Mark, ...]:
    """Returns as many round values of an axis as have room for their texts."""
    found: tuple[Mark, ...] = ()
    for most in range(_MOST_TICKS, 0, -1):
        found = tuple(Mark(axis.at(it), said(it)) for it in axis.ticks(most))
        apart = min((after.x - before.x for before, after in pairwise(found)), default=WIDTH)
        if apart >= max((len(it.text) for it in found), default=0) * _LETTER + _GAP:
            return found
    return found


def _own(scale: Scale, it: Estimate) -> str:
    return f"{value_of(scale, it)} ({interval_of(scale, it)}; n = {it.examples:,})"


def _whisker(axis: Axis, role: str, it: Estimate, scale: Scale) -> Whisker:
    value = it.value or 0.0
    low, high = (value if end is None else end for end in (it.low, it.high))
    return Whisker(axis.at(low), axis.at(value), axis.at(high), role, f"{role} {value_of(scale, it)}")


def _forbidden(axis: Axis, limit: float | None, direction: Direction) -> tuple[float, float] | None:
    if limit is None:
        return None
    return (axis.start, axis.at(limit)) if direction is Direction.HIGHER else (axis.at(limit), axis.end)
