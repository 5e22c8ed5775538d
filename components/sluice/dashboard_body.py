"""The body of an endpoint's dashboard: who owns it, what serves, and every figure that it is judged by. No Pulumi."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sluice import metrics
from sluice.dashboard_widgets import (
    Bound,
    Graphs,
    Line,
    Widget,
    alarm_states,
    computed,
    laid_out,
    plain,
    steps,
    text,
)
from sluice.errors import Problem
from sluice.guard_alarms import Tolerance, Trigger, error_rate, number, tolerated
from sluice.manifest.canonical import short
from sluice.metrics import Metric
from sluice.rollout.movement import Served

MOST_WIDGETS, MOST_LINES = 500, 2500
"""What CloudWatch takes on one dashboard."""
_MOST_ALARMS = 100
"""What CloudWatch takes in one widget."""
_NAME = re.compile(r"[A-Za-z0-9_-]{1,255}")
_HAS_GPU = re.compile(r"ml\.[gp]\d")
_SPAN = "-PT12H"
_PERCENTILES = ("p50", "p95", "p99")
_COUNTED = {"requests": metrics.REQUESTS, "errors4xx": metrics.ERRORS_4XX, "errors5xx": metrics.ERRORS_5XX}


@dataclass(frozen=True)
class Board:
    """What a dashboard tells of one endpoint, every default in its place."""

    endpoint: str
    """As SageMaker calls it."""
    stack: str
    owner: str
    runbook: str | None
    versions: Mapping[str, Served]
    """By slot, and by the shadow's name if there is one."""
    baseline: str
    traffic: Mapping[str, int] | None = None
    """Percent of the requests as declared."""
    shadow: str | None = None
    """What the variant is called that gets copies."""
    instance_types: Mapping[str, str] = field(default_factory=dict)
    """Of the variants that have instances."""
    tolerance: Tolerance | None = None
    p95_seconds: float | None = None
    quality: Mapping[str, Trigger] = field(default_factory=dict)
    period_seconds: int = 60

    @property
    def slots(self) -> list[str]:
        """Returns the variants in an order that no map has a say in, as maps come in any; the shadow is last."""
        return sorted(self.versions, key=lambda slot: (slot == self.shadow, slot))

    def called(self, slot: str) -> str:
        """Returns what a line of a variant is called."""
        return f"{slot} ({self.versions[slot].label})"


def body(board: Board, region: str, alarms: Sequence[str]) -> str:
    """Returns the body as JSON, the same for the same board; `alarms` are their ARNs."""
    document = {
        # As the alarms see it: in periods of the same length, however long a time is looked at.
        "periodOverride": "inherit",
        "start": _SPAN,
        "widgets": laid_out(_rows(board, Graphs(board.endpoint, region), sorted(set(alarms)))),
    }
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False)


def board_problems(board: Board, alarms: int) -> Iterator[Problem]:
    """Yields what is more than CloudWatch takes; `alarms` is how many there are."""
    widgets = [it for row in _rows(board, Graphs(board.endpoint, ""), [""] * alarms) for it in row]
    lines = sum(len(it["properties"].get("metrics", ())) for it in widgets)
    for count, most, what in ((len(widgets), MOST_WIDGETS, "widgets"), (lines, MOST_LINES, "metrics")):
        if count > most:
            yield Problem("quality", f"comes to {count} {what}; CloudWatch takes {most} on a dashboard; show fewer")


def name_problems(name: str) -> Iterator[Problem]:
    """Yields what is wrong with the name of a dashboard."""
    if not _NAME.fullmatch(name):
        yield Problem("dashboard_name", f"is {name!r}; allowed: 1 to 255 letters, digits, - and _")


def _rows(board: Board, graphs: Graphs, alarms: Sequence[str]) -> Iterator[list[Widget]]:
    yield [text(_told(board))]
    yield [
        alarm_states("Alarms", alarms[start : start + _MOST_ALARMS]) for start in range(0, len(alarms), _MOST_ALARMS)
    ] or [text("No alarm watches this endpoint.")]
    yield [_requests(board, graphs), _error_rates(board, graphs)]
    yield [_latency(board, graphs, slot) for slot in board.slots]
    yield [_overhead(board, graphs)]
    yield [_quality(board, graphs, metric) for metric in _shown_quality(board)]
    if board.instance_types:
        yield list(_instances(board, graphs))


def _told(board: Board) -> str:
    runbook = "" if board.runbook is None else f" · [runbook]({board.runbook})"
    command = f"{board.endpoint} --stack {board.stack}"
    told = {} if board.traffic is None else {"declared traffic": _shares(board, board.traffic)}
    columns: dict[str, Mapping[str, str]] = {
        "slot": {slot: slot + _part(board, slot) for slot in board.slots},
        "version": {slot: board.versions[slot].label for slot in board.slots},
        "digest": {slot: short(board.versions[slot].digest) for slot in board.slots},
        **told,
        "instances": {slot: board.instance_types.get(slot, "serverless") for slot in board.slots},
    }
    return "\n".join(
        [
            f"# {board.endpoint}",
            f"**Owner:** {board.owner}{runbook}",
            "",
            f"| {' | '.join(columns)} |",
            f"| {' | '.join('---' for _ in columns)} |",
            *(f"| {' | '.join(column[slot] for column in columns.values())} |" for slot in board.slots),
            "",
            f"`sluice status {command}` says what serves, what rises next and what keeps it from it.",
            "",
            f"`sluice rollback {command}` gives all traffic back to the baseline, {board.baseline}, at once.",
            "",
            "Pulumi has made this page: what is changed here is gone after the next update.",
        ]
    )


def _part(board: Board, slot: str) -> str:
    return {board.baseline: " (baseline)", board.shadow: " (copies)"}.get(slot, "")


def _shares(board: Board, traffic: Mapping[str, int]) -> dict[str, str]:
    return {slot: "" if slot == board.shadow else f"{traffic.get(slot, 0)} %" for slot in board.slots}


def _requests(board: Board, graphs: Graphs) -> Widget:
    return graphs.graph("Requests", "a period", _each(board, graphs, metrics.REQUESTS))


def _error_rates(board: Board, graphs: Graphs) -> Widget:
    cohorts = {slot: "baseline" if slot == board.baseline else f"variant{at}" for at, slot in enumerate(board.slots)}
    lines: list[Line] = [
        computed(f"{cohort}_percent", f"100 * {error_rate(cohort)}", board.called(slot))
        for slot, cohort in cohorts.items()
    ]
    bounds = []
    if board.tolerance is not None:
        lines.append(computed("tolerated_percent", "100 * tolerated", "Tolerated of candidates"))
        lines += steps(tolerated(board.tolerance))
        floor = 100 * board.tolerance.floor
        bounds.append(Bound(f"Always tolerated: {number(floor)} %", float(number(floor))))
    lines += [
        graphs.measured(metric, slot, board.period_seconds, id=f"{cohort}_{name}", visible=False)
        for slot, cohort in cohorts.items()
        for name, metric in _COUNTED.items()
    ]
    return graphs.graph("Error rate", "%", lines, bounds)


def _latency(board: Board, graphs: Graphs, slot: str) -> Widget:
    lines = []
    for percentile in _PERCENTILES:
        lines += _in_our_unit(board, graphs, metrics.MODEL_LATENCY, slot, percentile, percentile, percentile)
    bounds = []
    if board.p95_seconds is not None:
        most = 1000 * board.p95_seconds
        bounds.append(Bound(f"p95 of candidates: {number(most)} ms", float(number(most))))
    return graphs.graph(f"Model latency of {board.called(slot)}", "ms", lines, bounds)


def _overhead(board: Board, graphs: Graphs) -> Widget:
    metric, lines = metrics.OVERHEAD_LATENCY, []
    for at, slot in enumerate(board.slots):
        lines += _in_our_unit(board, graphs, metric, slot, metric.statistic, f"variant{at}", board.called(slot))
    return graphs.graph(f"Latency that SageMaker adds, {metric.statistic}", "ms", lines)


def _in_our_unit(
    board: Board, graphs: Graphs, metric: Metric, slot: str, stat: str, identity: str, label: str
) -> list[Line]:
    raw = f"{identity}_raw"
    return [
        computed(identity, f"{raw} / {number(metric.per_unit)}", label),
        graphs.measured(metric, slot, board.period_seconds, stat, id=raw, visible=False),
    ]


def _shown_quality(board: Board) -> list[Metric]:
    """Returns that of hallucinations, held against something or not, and all that are."""
    names = dict.fromkeys([metrics.HALLUCINATION_RATE.name, *sorted(board.quality)])
    return [metrics.quality(name) for name in names]


def _quality(board: Board, graphs: Graphs, metric: Metric) -> Widget:
    trigger = board.quality.get(metric.name)
    if trigger is None:
        return graphs.graph(metric.name, "mean", _each(board, graphs, metric))
    way = "at most" if trigger.rings_above else "at least"
    bound = Bound(f"Candidates: {way} {number(trigger.threshold)}", plain(trigger.threshold), trigger.rings_above)
    return graphs.graph(metric.name, "mean", _each(board, graphs, metric, trigger.period_seconds), [bound])


def _instances(board: Board, graphs: Graphs) -> Iterator[Widget]:
    slots = [slot for slot in board.slots if slot in board.instance_types]
    yield graphs.graph("CPU, 100 for each core", "%", _each(board, graphs, metrics.CPU, slots=slots))
    yield graphs.graph("Memory", "%", _each(board, graphs, metrics.MEMORY, slots=slots))
    if fast := [slot for slot in slots if _HAS_GPU.match(board.instance_types[slot])]:
        yield graphs.graph("GPU, 100 for each", "%", _each(board, graphs, metrics.GPU, slots=fast))
        yield graphs.graph("GPU memory", "%", _each(board, graphs, metrics.GPU_MEMORY, slots=fast))


def _each(
    board: Board, graphs: Graphs, metric: Metric, period: int | None = None, slots: Sequence[str] | None = None
) -> list[Line]:
    shown = board.slots if slots is None else slots
    period = board.period_seconds if period is None else period
    return [graphs.measured(metric, slot, period, label=board.called(slot)) for slot in shown]
