"""The sections of the page between the verdict and the resources, each as Markdown."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from sluice.evaluation.comparison import ComparedMetric
from sluice.evaluation.verdict import Verdict
from sluice.review.evidence import Compared
from sluice.review.page import Review
from sluice.review.text import cell, code, fenced, prose, table
from sluice.review.traffic import Share, Traffic, bar
from sluice.review.versions import VersionChange

# As evaluation.display.rows has them, whose import takes numpy.
_SIGNS = {Verdict.BETTER: "▲", Verdict.NOT_WORSE: "✓", Verdict.WORSE: "▼", Verdict.CANNOT_TELL: "?"}
_MOST_ROWS = 40
_TEXT_DIFF = 6_000
"""Characters of a prompt's or a configuration's diff; the rest is in `sluice diff`."""


@dataclass(frozen=True)
class Section:
    """A part of the page that is there as a whole or not at all."""

    title: str
    """The heading that it is under, with others of this title."""
    name: str
    """What it is called where it is left out."""
    text: str


def sections(review: Review) -> Iterator[Section]:
    """Yields what has something to tell, in the order in which a reviewer asks."""
    for it in review.traffic:
        yield Section("Traffic", f"traffic of {it.endpoint}", _traffic(it))
    if review.traffic:
        yield Section("Gates", "gates", _gates(review))
    for change in review.versions:
        name = f"{change.before.locked.label} beside {change.after.locked.label}"
        yield Section("Versions", name, _version(change))
    for found in review.compared:
        yield Section("Comparisons", f"comparison of {found.candidate}", _compared(found))
    if review.settings:
        rows = [[code(it.path), cell(it.before), cell(it.after)] for it in review.settings]
        yield Section("Settings of the stack", "settings", _cut_table(["", "before", "after"], rows))
    yield Section("Policies", "policies", _policies(review))
    yield Section("Cost", "cost", _cost(review))


def _traffic(it: Traffic) -> str:
    lines = [f"- {prose(sentence)}" for sentence in it.sentences]
    if it.undeployed:
        declared = ", ".join(f"{slot} {share:g} %" for slot, share in it.undeployed.items())
        lines.append(f"- {prose(f'what is deployed is not what the base declares: {declared}')}")
    before = it.against or "before"
    rows = [_share(share, it.baseline) for share in it.shares]
    head = ["slot", "version", prose(before, 60), "after", "of the traffic after"]
    return "\n".join(lines) + "\n\n" + table(head, rows)


def _share(it: Share, baseline: str) -> list[str]:
    slot = code(it.slot, 60) + (" (baseline)" if it.slot == baseline else "")
    version = cell(it.version)
    if it.changes_version:
        version = f"{cell(it.version_before)} → {version}"
    sign = " ▲" if it.rises else " ▼" if it.falls else ""
    return [slot, version, f"{it.before:.4g} %", f"{it.after:.4g} %{sign}", f"`{bar(it.after)}`"]


def _gates(review: Review) -> str:
    lines = list(_gate_lines(review))
    if not lines and review.plan.from_nothing:
        lines = ["Nothing is deployed as far as this plan knows, so no gate was asked."]
    if not lines:
        moves = any(it.moves for it in review.traffic)
        lines = ["Nothing was refused; the plan does not tell more."] if moves else ["No traffic moves."]
    return "\n".join(lines) + "\n"


def _gate_lines(review: Review) -> Iterator[str]:
    for it in review.gates:
        yield from (f"- ❌ {prose(it.endpoint)}: {prose(line, 1_500)}" for line in it.refused)
        yield from (f"- ⚠️ {prose(it.endpoint)}: {prose(line, 1_500)}" for line in it.warned)
        yield from (f"- ✅ {prose(it.endpoint)}: {prose(line, 1_500)}" for line in it.allowed)


def _version(it: VersionChange) -> str:
    lines = [f"#### {code(it.before.locked.label)} → {code(it.after.locked.label)}", "", f"{prose(it.why)}.", ""]
    for part in it.parts:
        lines += [f"**{part.name.capitalize()}**", ""]
        if part.facts:
            rows = [[code(fact.name), cell(fact.before), cell(fact.after)] for fact in part.facts]
            lines.append(_cut_table(["", "before", "after"], rows))
        if part.text:
            block, left = fenced(part.text, _TEXT_DIFF)
            lines += [block] + ([f"{left:,} more lines: `sluice diff` shows all.", ""] if left else [])
    return "\n".join(lines)


def _compared(it: Compared) -> str:
    sign = "✅" if it.passes else "❌"
    rows = [_figure(name, figure) for name, figure in it.figures.items() if figure.margin is not None]
    rest = sum(figure.margin is None for figure in it.figures.values())
    text = f"{sign} {prose(it.sentence)}\n\n"
    if rows:
        columns = ["with a margin", "incumbent", "candidate", "difference", "margin", "n", "verdict"]
        text += _cut_table(columns, rows)
    return text + (f"\n{rest:,} more figures have no margin: `sluice compare` shows them.\n" if rest else "")


def _figure(name: str, it: ComparedMetric) -> list[str]:
    numbers = [it.incumbent, it.candidate]
    interval = "" if it.low is None or it.high is None else f" ({it.low:.4g} to {it.high:.4g})"
    change = _number(it.estimate) + interval
    return [
        code(name, 80),
        *map(_number, numbers),
        change,
        _number(it.margin),
        f"{it.examples:,}",
        f"{_SIGNS[it.verdict]} **{it.verdict.value}**",
    ]


def _number(value: float | None) -> str:
    # Less nothing is nothing: -0.0 would be written with its sign.
    return "unknown" if value is None else f"{value + 0.0:.4g}"


def _policies(review: Review) -> str:
    results = review.plan.policies
    if results is None:
        return "No policy was asked.\n"
    early = "The preview ended early: policies over the whole stack may not have been asked.\n"
    if not results:
        return f"None objects. {early}" if review.plan.failed else "✅ All policies hold.\n"
    lines = []
    for it in sorted(results, key=lambda each: (not each.stops, each.policy, each.urn)):
        sign = "❌" if it.stops else "⚠️" if it.waived is None else "➖"
        waived = "" if it.waived is None else f" (waived: {prose(it.waived)})"
        lines.append(f"- {sign} {code(it.policy, 80)} ({prose(it.level, 20)}): {prose(it.message)}{waived}")
    return _cut_lines(lines) + (f"\n{early}" if review.plan.failed else "")


def _cost(review: Review) -> str:
    it = review.cost
    if it is None:
        return "Not known: no policy pack with a price table was asked.\n"
    table_of = f"Prices of {prose(it.as_of, 20)}, {prose(it.region, 40)}; use, storage and logs are not in it."
    text = f"{prose(it.sentence)}. {table_of}\n"
    if it.unpriced:
        text += f"\nWithout a price, and not in the sum: {', '.join(code(each, 60) for each in it.unpriced)}.\n"
    by_what: dict[str, list[float]] = defaultdict(list)
    for what, monthly in it.lines:
        by_what[what].append(monthly)
    rows = [[code(what), f"{len(each):,}", f"{sum(each):,.2f}"] for what, each in by_what.items()]
    return text + ("\n" + _cut_table(["after", "how many", f"{prose(it.currency, 10)} a month"], rows) if rows else "")


def _cut_table(columns: list[str], rows: list[list[str]]) -> str:
    more = len(rows) - _MOST_ROWS
    return table(columns, rows[:_MOST_ROWS]) + (f"\nand {more:,} more rows.\n" if more > 0 else "")


def _cut_lines(lines: list[str]) -> str:
    more = len(lines) - _MOST_ROWS
    kept = lines[:_MOST_ROWS] + ([f"- and {more:,} more"] if more > 0 else [])
    return "\n".join(kept) + "\n"
