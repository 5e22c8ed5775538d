"""
What CloudWatch knows of the cohorts of a stage. boto3 and the standard library only.

Only periods that are over and settled count, so that asking again later finds the same. Percentiles are of the whole
stage, because those of parts cannot be put together.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sluice import metrics
from sluice.rollout.cohorts import PERCENTILES, Cohort, Period, Sums

SETTLED = timedelta(minutes=2)
"""How long after its end a period may still change: SageMaker publishes every minute, and not at once."""
_PERIODS = (3600, 900, 300, 60)
_FEWEST = 12
"""So many periods a stage has at least, where it is long enough: they are what a comparison is sequential in."""
_PAGE = 500
"""The most queries that GetMetricData takes."""
_COUNTS = {"requests": metrics.REQUESTS, "errors_4xx": metrics.ERRORS_4XX, "errors_5xx": metrics.ERRORS_5XX}
_LATENCIES = {"latency": metrics.MODEL_LATENCY, "overhead": metrics.OVERHEAD_LATENCY}
_QUALITY = ("SampleCount", "Sum", "Minimum", "Maximum")


@dataclass(frozen=True)
class Window:
    """The part of a stage that can be judged."""

    start: datetime
    end: datetime
    period: int
    """Seconds."""

    @property
    def seconds(self) -> int:
        return round((self.end - self.start).total_seconds())


@dataclass(frozen=True)
class Ask:
    """Whose figures are wanted."""

    endpoint: str
    versions: Mapping[str, str]
    """From a slot to the digest of the version in it."""
    window: Window
    quality: tuple[str, ...] = ()
    """Names of quality metrics."""


@dataclass(frozen=True)
class Measured:
    """What was found of one endpoint."""

    cohorts: Mapping[str, Cohort]
    """By slot."""
    until: datetime | None
    """The end of the last period for which every cohort that was asked anything has counts. None: there are none."""


def window(since: datetime, now: datetime) -> Window | None:
    """Returns the whole, settled periods since a moment, of the longest kind that gives enough; None without one."""
    settled = now - SETTLED
    found = None
    for period in _PERIODS:
        start, end = _up(since, period), _down(settled, period)
        found = Window(start, end, period) if end > start else found
        if (end - start).total_seconds() >= _FEWEST * period:
            break
    return found


def minutes(since: datetime, now: datetime) -> Window | None:
    """Returns the whole, settled minutes since a moment; None without one."""
    start, end = _up(since, 60), _down(now - SETTLED, 60)
    return Window(start, end, 60) if end > start else None


def counted(client: Any, endpoint: str, slot: str, within: Window) -> tuple[int, int]:
    """Returns how many requests went to a slot, and how many of them failed, in one call. Raises ClientError."""
    queries = [_query(name, it.named(endpoint, slot), "Sum", within.period) for name, it in _COUNTS.items()]
    sums = {name: round(sum(points.values())) for name, points in _series(client, queries, within).items()}
    return sums["requests"], sums["errors_4xx"] + sums["errors_5xx"]


def measure(client: Any, asks: Sequence[Ask]) -> dict[str, Measured]:
    """
    Returns what is known of each endpoint, by its name.

    `client` is boto3's of CloudWatch. Endpoints with the same window share calls, of 500 queries each.
    Raises ClientError.
    """
    found: dict[str, Measured] = {}
    for shared in sorted({ask.window for ask in asks}, key=lambda it: (it.start, it.end, it.period)):
        group = [ask for ask in asks if ask.window == shared]
        queries = [query for index, ask in enumerate(group) for query in _queries(f"e{index}", ask)]
        series = _series(client, queries, shared)
        found |= {ask.endpoint: _measured(f"e{index}", ask, series) for index, ask in enumerate(group)}
    return found


def _queries(prefix: str, ask: Ask) -> Iterator[dict[str, Any]]:
    whole = ask.window.seconds
    for at, slot in enumerate(ask.versions):
        key = f"{prefix}_s{at}"
        for name, metric in _COUNTS.items():
            yield _query(f"{key}_{name}", metric.named(ask.endpoint, slot), "Sum", ask.window.period)
        for name, metric in _LATENCIES.items():
            for percentile in PERCENTILES:
                yield _query(f"{key}_{name}_{percentile}", metric.named(ask.endpoint, slot), percentile, whole)
        latency = metrics.MODEL_LATENCY.named(ask.endpoint, slot)
        yield _query(f"{key}_samples", latency, "SampleCount", whole)
        for index, name in enumerate(ask.quality):
            for stat in _QUALITY:
                metric_named = metrics.quality(name).named(ask.endpoint, slot)
                yield _query(f"{key}_q{index}_{stat.lower()}", metric_named, stat, whole)


def _query(identity: str, metric: Mapping[str, Any], stat: str, period: int) -> dict[str, Any]:
    return {"Id": identity, "MetricStat": {"Metric": metric, "Stat": stat, "Period": period}}


Series = dict[str, dict[datetime, float]]


def _series(client: Any, queries: Sequence[Mapping[str, Any]], shared: Window) -> Series:
    found: Series = {str(query["Id"]): {} for query in queries}
    for first in range(0, len(queries), _PAGE):
        request: dict[str, Any] = {
            "MetricDataQueries": queries[first : first + _PAGE],
            "StartTime": shared.start,
            "EndTime": shared.end,
            "ScanBy": "TimestampAscending",
        }
        while True:
            answer = client.get_metric_data(**request)
            for result in answer["MetricDataResults"]:
                moments = (moment.astimezone(UTC) for moment in result["Timestamps"])
                found[result["Id"]] |= dict(zip(moments, result["Values"], strict=True))
            if not answer.get("NextToken"):
                break
            request["NextToken"] = answer["NextToken"]
    return found


def _measured(prefix: str, ask: Ask, series: Series) -> Measured:
    cohorts = {
        slot: _cohort(f"{prefix}_s{at}", slot, version, ask, series)
        for at, (slot, version) in enumerate(ask.versions.items())
    }
    ends = [
        max(period.start for period in cohort.periods) + timedelta(seconds=ask.window.period)
        for cohort in cohorts.values()
        if cohort.periods
    ]
    return Measured(cohorts, min(ends) if ends else None)


def _cohort(key: str, slot: str, version: str, ask: Ask, series: Series) -> Cohort:
    counts = {name: series[f"{key}_{name}"] for name in _COUNTS}
    periods = tuple(
        Period(moment, **{name: round(values.get(moment, 0)) for name, values in counts.items()})
        for moment in sorted({moment for values in counts.values() for moment in values})
        if ask.window.start <= moment < ask.window.end
    )
    quality = {
        name: sums
        for index, name in enumerate(ask.quality)
        if (sums := _sums([series[f"{key}_q{index}_{stat.lower()}"] for stat in _QUALITY])) is not None
    }
    return Cohort(
        slot,
        version,
        periods,
        latency_ms=dict(_percentiles(f"{key}_latency", metrics.MODEL_LATENCY, series)),
        overhead_ms=dict(_percentiles(f"{key}_overhead", metrics.OVERHEAD_LATENCY, series)),
        latency_samples=round(sum(series[f"{key}_samples"].values())),
        quality=quality,
    )


def _percentiles(key: str, metric: metrics.Metric, series: Series) -> Iterator[tuple[str, float]]:
    for percentile in PERCENTILES:
        # CloudWatch may begin its periods where it likes: of two parts the worse one counts.
        if values := series[f"{key}_{percentile}"].values():
            yield percentile, max(values) / metric.per_unit


def _sums(figures: Sequence[Mapping[datetime, float]]) -> Sums | None:
    """Returns the sums of a metric, the squares, which CloudWatch does not keep, at the most that they can be."""
    count, total = sum(figures[0].values()), sum(figures[1].values())
    if not count:
        return None
    low, high = min(figures[2].values()), max(figures[3].values())
    # With a mean of m between a and b, the mean square is at most (a + b) m - ab: Bhatia and Davis (2000).
    return Sums(round(count), total, max(0.0, (low + high) * total - low * high * count))


def _up(moment: datetime, period: int) -> datetime:
    return datetime.fromtimestamp(math.ceil(moment.timestamp() / period) * period, UTC)


def _down(moment: datetime, period: int) -> datetime:
    return datetime.fromtimestamp(moment.timestamp() // period * period, UTC)


def firing(client: Any, names: Iterable[str]) -> tuple[str, ...]:
    """Returns which of these alarms are in ALARM. Raises LookupError for names that there are not, and ClientError."""
    wanted = sorted(set(names))
    found: dict[str, str] = {}
    for first in range(0, len(wanted), 100):
        page = client.describe_alarms(
            AlarmNames=wanted[first : first + 100], AlarmTypes=["MetricAlarm", "CompositeAlarm"], MaxRecords=100
        )
        for alarm in [*page.get("MetricAlarms", ()), *page.get("CompositeAlarms", ())]:
            found[alarm["AlarmName"]] = alarm["StateValue"]
    if lost := [name for name in wanted if name not in found]:
        raise LookupError(f"there is no alarm {', '.join(lost)}")
    return tuple(name for name in wanted if found[name] == "ALARM")
