"""
The parts of a CloudWatch dashboard, as the syntax of its body has them. No Pulumi.

Source: CloudWatch API Reference, "Dashboard Body Structure and Syntax".
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sluice.metrics import Metric

Widget = dict[str, Any]
"""A widget without its place."""
Line = list[Any]
"""A metric or an expression, as `metrics` of a widget takes it."""

_COLUMNS, _MOST_ABREAST, _HEIGHT = 24, 3, 6
_RED = "#d62728"


@dataclass(frozen=True)
class Bound:
    """A horizontal line that says what a figure may be."""

    label: str
    value: float
    worse_above: bool = True

    def drawn(self) -> dict[str, Any]:
        """Returns the annotation, with what is worse shaded."""
        fill = "above" if self.worse_above else "below"
        return {"label": self.label, "value": plain(self.value), "fill": fill, "color": _RED}


@dataclass(frozen=True)
class Graphs:
    """How the figures of an endpoint's variants are drawn."""

    endpoint: str
    region: str

    def graph(self, title: str, unit: str, lines: Iterable[Line], bounds: Sequence[Bound] = ()) -> Widget:
        """Returns lines over time, from zero, with what they may be."""
        properties: dict[str, Any] = {
            "title": title,
            "view": "timeSeries",
            "stacked": False,
            "region": self.region,
            "metrics": list(lines),
            "yAxis": {"left": {"min": 0, "label": unit, "showUnits": False}},
        }
        if bounds:
            properties["annotations"] = {"horizontal": [bound.drawn() for bound in bounds]}
        return {"type": "metric", "height": _HEIGHT, "properties": properties}

    def measured(self, metric: Metric, slot: str, period: int, stat: str | None = None, **more: Any) -> Line:
        """Returns the line of a variant's figure; `more` is how it is rendered: `id`, `label`, `visible`."""
        whose = [part for it in metric.dimensions(self.endpoint, slot) for part in (it["Name"], it["Value"])]
        rendered = {"stat": metric.statistic if stat is None else stat, "period": period, **more}
        return [metric.namespace, metric.name, *whose, rendered]


def computed(identity: str, expression: str, label: str, **more: Any) -> Line:
    """Returns the line of an expression over the graph's other lines."""
    return [{"id": identity, "expression": expression, "label": label, **more}]


def steps(expressions: Mapping[str, str]) -> Iterator[Line]:
    """Yields expressions that others refer to, which are not drawn themselves."""
    yield from (computed(name, expression, name, visible=False) for name, expression in expressions.items())


def text(markdown: str) -> Widget:
    """Returns a text, as high as its lines need."""
    return {"type": "text", "height": 2 + len(markdown.splitlines()) // 2, "properties": {"markdown": markdown}}


def alarm_states(title: str, arns: Sequence[str]) -> Widget:
    """Returns the states of alarms: up to a hundred, by their ARNs."""
    properties = {"title": title, "alarms": list(arns)}
    return {"type": "alarm", "height": 1 + -(-len(arns) // 4), "properties": properties}


def laid_out(rows: Iterable[Sequence[Widget]]) -> list[Widget]:
    """Returns widgets with their places: each row's share the whole width, up to three abreast."""
    placed: list[Widget] = []
    y = 0
    for row in rows:
        width = _COLUMNS // min(len(row), _MOST_ABREAST) if row else _COLUMNS
        for start in range(0, len(row), _MOST_ABREAST):
            abreast = row[start : start + _MOST_ABREAST]
            placed += [{**it, "x": at * width, "y": y, "width": width} for at, it in enumerate(abreast)]
            y += max(it["height"] for it in abreast)
    return placed


def plain(value: float) -> float:
    """Returns a number that is whole as one, so that it reads as people write it."""
    return int(value) if value == int(value) else value
