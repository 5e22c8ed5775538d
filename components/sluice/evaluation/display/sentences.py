"""What a comparison means, in sentences."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sluice.evaluation.display.bounds import Bounded, Reach, bounded
from sluice.evaluation.display.figures import Measure, Scale
from sluice.evaluation.display.material import Shown
from sluice.evaluation.display.rows import Row, all_rows, label, percent
from sluice.evaluation.verdict import Verdict

_NAMED = 4
"""How many further figures a sentence names before it counts the rest."""
_REACH_WORDS = {
    Reach.MISSED: "misses its bound",
    Reach.NOT_CERTAIN: "not certain to keep its bound",
    Reach.UNKNOWN: "not in the report",
}


def verdict_sentence(shown: Shown) -> str:
    """Returns whether the candidate may replace the incumbent, and the foremost reason, in one sentence."""
    rows, missed = all_rows(shown), [it for it in bounded(shown) if it.reach is not Reach.REACHED]
    failing = sorted((row for row in rows if not row.compared.passes), key=_is_unknown)
    new, old = label(shown.candidate.version), label(shown.incumbent.version)
    if not failing and not missed:
        return f"{new} may replace {old}: {_in_favour(rows)}"
    certain = any(not _is_unknown(row) for row in failing) or any(it.reach is Reach.MISSED for it in missed)
    start = f"{new} must not replace {old}" if certain else f"It cannot be told whether {new} may replace {old}"
    return f"{start}: {_against(failing, missed)}"


def is_pass(shown: Shown) -> bool:
    """Returns whether nothing speaks against the candidate: each verdict and, with a contract, each bound."""
    return shown.comparison.passes and all(it.reach is Reach.REACHED for it in bounded(shown))


def explanation(row: Row) -> str:
    """Returns why a verdict is what it is, for whoever did not make the statistics."""
    match row.compared.verdict:
        case Verdict.BETTER:
            return "the whole interval is on the better side of no difference"
        case Verdict.NOT_WORSE:
            return f"the whole interval is within what is tolerated, {row.tolerated}"
        case Verdict.WORSE:
            return "the interval is on the worse side of no difference, and not within what is tolerated"
        case Verdict.CANNOT_TELL:
            return _why_unknown(row)


def _why_unknown(row: Row) -> str:
    it = row.compared
    if it.estimate is None or it.examples == 0:
        return f"there is nothing to compare: {row.examples} examples have a figure of both versions"
    if it.low is None or it.high is None:
        return f"too few examples for an interval: there are {row.examples}"
    if it.margin is None:
        return "the interval holds no difference; no margin is agreed, so this does not count against the candidate"
    if it.examples_needed is not None and it.examples_needed > it.examples:
        seen = "" if it.smallest_effect is None else f"this set sees differences of {row.smallest_effect} and more; "
        return (
            f"too few examples: {seen}{it.examples_needed:,} examples are needed for a margin of {margin_text(row)}, "
            f"and there are {row.examples}"
        )
    return f"the difference is too close to what is tolerated, {row.tolerated}: the interval is on both sides of it"


def margin_text(row: Row) -> str:
    """Returns a margin without its sign: `2 pp`."""
    return "none" if row.limit is None else row.tolerated.lstrip("+-")


def figures_of(row: Row) -> str:
    """Returns both figures and their difference: `94.0 % against 99.0 % (-5.0 percentage points, ...)`."""
    unit = "percentage points" if row.scale.measure is Measure.SHARE else None
    change = row.difference if unit is None else row.difference.replace("pp", unit)
    limit = "" if row.limit is None else f"; at most {_spoken(row.scale, row.tolerated)} is tolerated"
    interval = f"{row.confidence} interval {row.interval}"
    return f"{row.candidate} against {row.incumbent} ({change}, {interval}{limit}; n = {row.examples})"


def _against(failing: Sequence[Row], missed: Sequence[Bounded]) -> str:
    said = _said(failing[0]) if failing else _bound_said(missed[0])
    named = [f"{row.name} ({row.verdict})" for row in failing[1:]]
    named += [f"{it.name} ({_REACH_WORDS[it.reach]})" for it in missed[0 if failing else 1 :]]
    return said + (f". Also failing: {listed(named)}" if named else "")


def _said(row: Row) -> str:
    if row.compared.verdict is Verdict.CANNOT_TELL:
        return f"{row.name}: {_why_unknown(row)}; it is {figures_of(row)}"
    return f"{row.name} is {row.verdict}, {figures_of(row)}"


def _bound_said(it: Bounded) -> str:
    interval = f" ({it.confidence} interval {it.interval}; n = {it.examples})"
    words = {
        Reach.MISSED: f"is {it.value}{interval}",
        Reach.NOT_CERTAIN: f"is {it.value}, but its interval is not all within the bound{interval}",
    }
    return f"{it.name} {words.get(it.reach, 'is not in the report')}; the contract admits {it.allowed}"


def _in_favour(rows: Sequence[Row]) -> str:
    good = [row for row in rows if row.compared.verdict in (Verdict.BETTER, Verdict.NOT_WORSE)]
    if not good:
        return "nothing is shown to be worse, and the contract agrees no margins"
    better = listed([row.name for row in good[1:] if row.compared.verdict is Verdict.BETTER])
    return _said(good[0]) + (f"; better: {better}" if better else "")


def listed(names: Sequence[str]) -> str:
    """Returns names for a sentence, the first few of them and how many more there are."""
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def _spoken(scale: Scale, text: str) -> str:
    return text.removesuffix(" pp") if scale.measure is Measure.SHARE else text


def _is_unknown(row: Row) -> bool:
    return row.compared.verdict is Verdict.CANNOT_TELL


def basis(shown: Shown) -> list[tuple[str, str]]:
    """Returns what the comparison rests on, by name."""
    it, calls = shown.comparison, (shown.incumbent.calls, shown.candidate.calls)
    runs = sorted({calls[0].runs_least, calls[0].runs_most, calls[1].runs_least, calls[1].runs_most})
    failed = " and ".join(f"{one.failed:,} of {one.asked:,}" for one in calls)
    return [
        ("Set", f"{label(it.set.name)} version {label(it.set.version)}, {shown.candidate.examples:,} examples"),
        ("Runs of each example", f"{runs[0]}" if len(runs) == 1 else f"{runs[0]} to {runs[-1]}"),
        ("Calls that failed", f"{failed} (incumbent and candidate)"),
        ("Contract", f"{label(it.contract.name)} version {label(it.contract.version)}"),
        ("Significance and power", f"{percent(it.significance)} and {percent(it.power)}"),
        ("Answered", f"{_moment(shown.incumbent.finished)} and {_moment(shown.candidate.finished)}"),
    ]


def _moment(when: datetime) -> str:
    return f"{when.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
