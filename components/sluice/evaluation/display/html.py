"""A comparison as one page: a file that needs nothing else, on a screen of any width, in the dark and on paper."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined

from sluice.evaluation.display.bounds import Bounded, bounded
from sluice.evaluation.display.charts import WIDTH, Chart, difference_chart, value_chart
from sluice.evaluation.display.histogram import PANEL, histograms
from sluice.evaluation.display.marked import Segment, marked
from sluice.evaluation.display.material import ChangedAnswer, Shown
from sluice.evaluation.display.rows import Row, label, parts
from sluice.evaluation.display.safe_text import cut, visible
from sluice.evaluation.display.sentences import basis, explanation, is_pass, verdict_sentence

_LONGEST_ANSWER = 4_000


@dataclass(frozen=True)
class DrawnRow:
    """A row with its charts and why its verdict is what it is."""

    row: Row
    explanation: str
    charts: tuple[Chart, ...]


@dataclass(frozen=True)
class DrawnAnswer:
    """A changed answer, with what differs marked."""

    answer: ChangedAnswer
    title: str
    asked: str
    reference: str | None
    incumbent: list[Segment]
    candidate: list[Segment]


def page(shown: Shown, changed: int = 30) -> str:
    """Returns the page, with so many of the answers that changed most. The same comparison gives the same text."""
    found, bounds = parts(shown), bounded(shown)
    rows = [row for part in found for row in part.rows]
    return (
        _environment()
        .get_template("comparison.html.jinja")
        .render(
            shown=shown,
            sentence=verdict_sentence(shown),
            good=is_pass(shown),
            basis=basis(shown),
            parts=found,
            drawn=[_drawn(row, {it.name: it for it in bounds}) for row in rows],
            confidence=" or ".join(sorted({row.confidence for row in rows})),
            bounds=bounds,
            histograms=histograms(shown),
            answers=[_answer(it) for it in shown.changed[:changed]],
            width=WIDTH,
            panel=PANEL,
        )
    )


def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("sluice.evaluation.display", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"label": label, "unbroken": unbroken}
    return made


def unbroken(text: str) -> str:
    """Returns a text in which no line ends between a number and its unit."""
    return re.sub(r"(?<=\d) (?=(?:%|pp|ms)(?!\w))", "\u00a0", text)


def _drawn(row: Row, bounds: Mapping[str, Bounded]) -> DrawnRow:
    charts = difference_chart(row), value_chart(row, bounds.get(row.name))
    said = explanation(row)
    return DrawnRow(row, said[:1].upper() + said[1:], tuple(it for it in charts if it is not None))


def _answer(it: ChangedAnswer) -> DrawnAnswer:
    reference = None if it.reference is None else visible(cut(it.reference, _LONGEST_ANSWER))
    asked = visible(cut(it.input, _LONGEST_ANSWER))
    return DrawnAnswer(
        it,
        f"Example {label(it.example)}",
        asked,
        reference,
        *marked(visible(it.incumbent_output), visible(it.candidate_output), _LONGEST_ANSWER),
    )
