"""What the users of both cohorts met around the time at which an alarm rang. boto3 and the standard library only."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sluice import metrics
from sluice.handlers.events import Ring
from sluice.metrics import Metric

WINDOW = timedelta(minutes=15)
_COUNTS = {"requests": metrics.REQUESTS, "errors_4xx": metrics.ERRORS_4XX, "errors_5xx": metrics.ERRORS_5XX}


@dataclass(frozen=True)
class Figures:
    """How one variant did."""

    requests: int
    errors: int
    """Answers 4XX and 5XX."""
    p95_ms: float | None = None
    quality: float | None = None
    """The mean of the metric that rang, where it is a quality metric."""


def measure(cloudwatch: Any, ring: Ring) -> dict[str, Figures]:
    """
    Returns the figures of candidate and baseline, by slot, in one call.

    `cloudwatch` is boto3's client. Raises ClientError and BotoCoreError.
    """
    slots = (ring.armed.slot, ring.armed.baseline)
    queries = [query for at, slot in enumerate(slots) for query in _queries(at, slot, ring)]
    answer = cloudwatch.get_metric_data(
        MetricDataQueries=queries, StartTime=ring.at - WINDOW, EndTime=ring.at + timedelta(minutes=1)
    )
    values = {it["Id"]: list(it["Values"]) for it in answer["MetricDataResults"]}
    return {slot: _figures(at, values) for at, slot in enumerate(slots)}


def _queries(at: int, slot: str, ring: Ring) -> Iterator[dict[str, Any]]:
    for name, metric in _COUNTS.items():
        yield _query(f"s{at}_{name}", metric, slot, ring, 60)
    yield _query(f"s{at}_p95", metrics.MODEL_LATENCY, slot, ring, round(WINDOW.total_seconds()))
    if ring.armed.quality is not None:
        metric = metrics.quality(ring.armed.quality)
        yield _query(f"s{at}_quality", metric, slot, ring, round(WINDOW.total_seconds()))


def _query(identity: str, metric: Metric, slot: str, ring: Ring, period: int) -> dict[str, Any]:
    named = metric.named(ring.armed.endpoint, slot)
    return {"Id": identity, "MetricStat": {"Metric": named, "Stat": metric.statistic, "Period": period}}


def _figures(at: int, values: Mapping[str, list[float]]) -> Figures:
    counts = {name: round(sum(values.get(f"s{at}_{name}", ()))) for name in _COUNTS}
    # CloudWatch begins its periods where it likes: of two parts the worse one is told.
    latency, quality = values.get(f"s{at}_p95", []), values.get(f"s{at}_quality", [])
    return Figures(
        requests=counts["requests"],
        errors=counts["errors_4xx"] + counts["errors_5xx"],
        p95_ms=max(latency) / metrics.MODEL_LATENCY.per_unit if latency else None,
        quality=quality[0] if quality else None,
    )
