"""
What a dashboard of an endpoint shows, as CloudWatch takes it: the structure of a dashboard's body. No Pulumi.

Its source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sluice import metrics
from sluice.metrics import Metric

Widget = dict[str, Any]
Line = list[Any]
"""A metric or an expression of a graph."""
_COLUMNS, _WIDTH, _HEIGHT = 24, 8, 6
_PERIOD = 60
_PERCENTILES = ("p50", "p95", "p99")


@dataclass(frozen=True)
class Shown:
    """What there is to show of an endpoint."""

    endpoint: str
    """As SageMaker calls it."""
    versions: Mapping[str, str]
    """From a slot to the version in it, `digits@2`."""
    baseline: str
    owner: str
    runbook: str | None = None
    alarms: Sequence[str] = ()
    """Names of alarms."""
    p95_seconds: float | None = None
    quality: Mapping[str, float] = field(default_factory=dict)
    """From a quality metric to the value at which its alarm rings."""
    instances: Sequence[str] = ()
    """The slots that have instances."""


def body(shown: Shown, partition: str, account: str, region: str) -> str:
    """Returns the body of a dashboard: the same for the same endpoint."""
    top = [_text(shown), _alarms(shown, f"arn:{partition}:cloudwatch:{region}:{account}:alarm:")]
    return json.dumps({"widgets": [*_placed(top, 12, 0), *_placed(list(_graphs(shown, region)), _WIDTH, _HEIGHT)]})


def _text(shown: Shown) -> Widget:
    lines = [
        f"# {shown.endpoint}",
        f"**Owner:** {shown.owner}" + (f" · [runbook]({shown.runbook})" if shown.runbook else ""),
        "",
        "| slot | version |",
        "| --- | --- |",
        *(
            f"| {slot}{' (baseline)' if slot == shown.baseline else ''} | {label} |"
            for slot, label in shown.versions.items()
        ),
        "",
        "`sluice status` says where the rollout is; `sluice rollback` returns all traffic to the baseline, at once.",
    ]
    return {"type": "text", "properties": {"markdown": "\n".join(lines)}}


def _alarms(shown: Shown, prefix: str) -> Widget:
    if not shown.alarms:
        return {
            "type": "text",
            "properties": {"markdown": "No alarm watches this endpoint: there is no RollbackGuard."},
        }
    return {"type": "alarm", "properties": {"title": "Alarms", "alarms": [f"{prefix}{name}" for name in shown.alarms]}}


def _graphs(shown: Shown, region: str) -> Iterator[Widget]:
    slots = list(shown.versions)
    each = [_metric(metrics.REQUESTS, shown.endpoint, slot, label=slot) for slot in slots]
    yield _graph("Requests a minute", region, each)
    yield _graph("Failed requests, %", region, [line for at in range(len(slots)) for line in _failed(shown, at)])
    bound = [] if shown.p95_seconds is None else [("p95 rings", shown.p95_seconds * 1000)]
    latencies = [line for at in range(len(slots)) for line in _latencies(shown, at)]
    yield _graph("Model latency, ms", region, latencies, bound)
    overhead = [line for at in range(len(slots)) for line in _scaled(metrics.OVERHEAD_LATENCY, shown, at, "p95", "o")]
    yield _graph("Overhead of SageMaker, ms", region, overhead)
    for name, threshold in shown.quality.items():
        lines = [_metric(metrics.quality(name), shown.endpoint, slot, label=slot) for slot in slots]
        yield _graph(name, region, lines, [("rings", threshold)])
    if shown.instances:
        used = [
            _metric(metric, shown.endpoint, slot, label=f"{slot} {what}")
            for slot in shown.instances
            for what, metric in (("CPU", metrics.CPU), ("memory", metrics.MEMORY))
        ]
        yield _graph("Instances, % used (CPU: of one core)", region, used)


def _failed(shown: Shown, at: int) -> list[Line]:
    slot = list(shown.versions)[at]
    asked = {"r": metrics.REQUESTS, "f": metrics.ERRORS_4XX, "s": metrics.ERRORS_5XX}
    measured = [_metric(it, shown.endpoint, slot, id=f"{key}{at}", visible=False) for key, it in asked.items()]
    share = f"100 * (FILL(f{at}, 0) + FILL(s{at}, 0)) / r{at}"
    return [*measured, [{"expression": share, "label": slot, "id": f"rate{at}"}]]


def _latencies(shown: Shown, at: int) -> list[Line]:
    return [
        line
        for percentile in _PERCENTILES
        for line in _scaled(metrics.MODEL_LATENCY, shown, at, percentile, f"l{percentile}x")
    ]


def _scaled(metric: Metric, shown: Shown, at: int, statistic: str, prefix: str) -> list[Line]:
    """Returns a metric that is not shown, and what it is in our unit."""
    slot = list(shown.versions)[at]
    identity = f"{prefix}{at}"
    expression = {
        "expression": f"{identity} / {metric.per_unit:g}",
        "label": f"{slot} {statistic}",
        "id": f"{identity}ms",
    }
    return [_metric(metric, shown.endpoint, slot, id=identity, visible=False, stat=statistic), [expression]]


def _metric(metric: Metric, endpoint: str, slot: str, **options: Any) -> Line:
    dimensions = [text for it in metric.dimensions(endpoint, slot) for text in (it["Name"], it["Value"])]
    return [metric.namespace, metric.name, *dimensions, {"stat": metric.statistic, **options}]


def _graph(title: str, region: str, lines: list[Line], bounds: Sequence[tuple[str, float]] = ()) -> Widget:
    properties: dict[str, Any] = {
        "title": title,
        "region": region,
        "view": "timeSeries",
        "period": _PERIOD,
        "yAxis": {"left": {"min": 0, "showUnits": False}},
        "metrics": lines,
    }
    if bounds:
        properties["annotations"] = {"horizontal": [{"label": label, "value": value} for label, value in bounds]}
    return {"type": "metric", "properties": properties}


def _placed(widgets: list[Widget], width: int, top: int) -> Iterator[Widget]:
    """Yields widgets in rows from the left, below `top`."""
    across = _COLUMNS // width
    for at, widget in enumerate(widgets):
        place = {"x": at % across * width, "y": top + at // across * _HEIGHT, "width": width, "height": _HEIGHT}
        yield {"type": widget["type"], **place, "properties": widget["properties"]}
