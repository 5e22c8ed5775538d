"""
The alarms of a guard: what each watches, by metric math, and when it rings. No Pulumi.

A figure counts only in a period in which enough was asked; a period without data does not ring, and a guard's own
alarm tells that there is none.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sluice import metrics
from sluice.handlers.armed import Armed
from sluice.metrics import Metric
from sluice.rollout.movement import Served

Query = dict[str, Any]
"""A metric or an expression, as `aws:cloudwatch:MetricAlarm` takes it."""
ERRORS = "errors"
"""The role of the alarm on error rates."""


@dataclass(frozen=True)
class Trigger:
    """A quality metric and what it may be."""

    threshold: float
    rings_above: bool
    min_samples: int
    period_seconds: int


@dataclass(frozen=True)
class Watch:
    """What is watched of an endpoint, every default in its place."""

    endpoint: str
    versions: Mapping[str, Served]
    baseline: str
    error_rate_ratio: float
    error_rate_floor: float
    recorded_error_rate: float
    """As declared; 0 where it is measured."""
    p95_seconds: float | None
    min_requests: int
    period_seconds: int
    quality: Mapping[str, Trigger] = field(default_factory=dict)


@dataclass(frozen=True)
class Tolerance:
    """What a candidate's error rate may be, by what is usual of the baseline's."""

    ratio: float
    floor: float
    recorded: float
    min_requests: int


@dataclass(frozen=True)
class Plan:
    """One alarm of one candidate."""

    slot: str
    role: str
    """What tells it from the slot's others: `errors`."""
    text: str
    """For people."""
    queries: list[Any]
    """As `metric_queries` takes them; one is shown."""
    threshold: float
    rings_above: bool
    armed: Armed

    def name(self) -> str:
        """Returns its name, which holds the endpoint's and so the stack's."""
        return alarm_name(self.armed.endpoint, self.slot, self.role)


def alarm_name(endpoint: str, slot: str, role: str) -> str:
    """Returns the name of an alarm, by that of the endpoint in SageMaker."""
    return f"{endpoint}-{slot}-{role}"


def plans(watch: Watch) -> Iterator[Plan]:
    """Yields the alarms of every candidate."""
    for slot in watch.versions:
        if slot != watch.baseline:
            yield _errors(watch, slot)
            if watch.p95_seconds is not None:
                yield _latency(watch, slot, watch.p95_seconds)
            for name, trigger in watch.quality.items():
                yield _quality(watch, slot, name, trigger)


def error_rate(cohort: str) -> str:
    """Returns the share of failed requests, in metric math over `<cohort>_requests` and `<cohort>_errors4xx`, `5xx`."""
    return f"(FILL({cohort}_errors4xx, 0) + FILL({cohort}_errors5xx, 0)) / {cohort}_requests"


def tolerated(it: Tolerance) -> dict[str, str]:
    """Returns steps of metric math, the last of which, `tolerated`, is the share of a candidate's that may fail."""
    ratio, floor = number(it.ratio), number(it.floor)
    return {
        # At 100 percent the baseline has no requests: then its recorded rate stands in.
        "baseline_count": "FILL(baseline_requests, 0)",
        "baseline_errors": "FILL(baseline_errors4xx, 0) + FILL(baseline_errors5xx, 0)",
        "baseline_rate": (
            f"IF(baseline_count >= {it.min_requests}, baseline_errors / (baseline_count + (baseline_count < 1)), "
            f"{number(it.recorded)})"
        ),
        "tolerated": f"IF(baseline_rate * {ratio} > {floor}, baseline_rate * {ratio}, {floor})",
    }


def silence(endpoint: str, slots: list[str]) -> list[Any]:
    """Returns the queries of all requests to an endpoint together."""
    asked = [_measured(f"slot{at}", metrics.REQUESTS, endpoint, slot, 300) for at, slot in enumerate(slots)]
    named = ", ".join(str(it["id"]) for it in asked)
    return [_computed("requests", f"SUM([{named}])", "Requests", shown=True), *asked]


def error_queries(watch: Watch, slot: str, recorded: float) -> list[Any]:
    """Returns the queries of a candidate's error rate; `recorded` is the baseline's, for when that has few requests."""
    few = watch.min_requests
    counted = {"requests": metrics.REQUESTS, "errors4xx": metrics.ERRORS_4XX, "errors5xx": metrics.ERRORS_5XX}
    asked = [
        _measured(f"{cohort}_{name}", metric, watch.endpoint, variant, watch.period_seconds)
        for cohort, variant in (("candidate", slot), ("baseline", watch.baseline))
        for name, metric in counted.items()
    ]
    tolerance = Tolerance(watch.error_rate_ratio, watch.error_rate_floor, recorded, few)
    steps = {"candidate_rate": error_rate("candidate"), **tolerated(tolerance)}
    excess = f"IF(candidate_requests >= {few}, candidate_rate / tolerated, 0)"
    return [
        _computed("excess", excess, "Error rate, in times what is tolerated", shown=True),
        *(_computed(name, expression, name) for name, expression in steps.items()),
        *asked,
    ]


def _errors(watch: Watch, slot: str) -> Plan:
    return Plan(
        slot,
        ERRORS,
        f"Error rate of {slot} ({watch.versions[slot].label}) over {number(watch.error_rate_ratio)} times that of "
        f"{watch.baseline}, and over {number(watch.error_rate_floor * 100)} %",
        error_queries(watch, slot, watch.recorded_error_rate),
        1.0,
        True,
        _armed(watch, slot, "error rate, in times what is tolerated"),
    )


def _latency(watch: Watch, slot: str, seconds: float) -> Plan:
    asked = [
        _measured("requests", metrics.REQUESTS, watch.endpoint, slot, watch.period_seconds),
        _measured("latency", metrics.MODEL_LATENCY, watch.endpoint, slot, watch.period_seconds),
    ]
    # CloudWatch has microseconds.
    expression = f"IF(requests >= {watch.min_requests}, latency / 1000000, 0)"
    return Plan(
        slot,
        "p95",
        f"p95 of the model latency of {slot} ({watch.versions[slot].label}) over {number(seconds)} s",
        [_computed("seconds", expression, "p95 in seconds", shown=True), *asked],
        seconds,
        True,
        _armed(watch, slot, "p95 of the model latency in seconds"),
    )


def _quality(watch: Watch, slot: str, name: str, trigger: Trigger) -> Plan:
    metric, threshold = metrics.quality(name), number(trigger.threshold)
    asked = [
        _measured("samples", metric, watch.endpoint, slot, trigger.period_seconds, "SampleCount"),
        _measured("value", metric, watch.endpoint, slot, trigger.period_seconds),
    ]
    way = "over" if trigger.rings_above else "under"
    # Fewer samples are as good as the threshold itself, which does not ring.
    expression = f"IF(samples >= {trigger.min_samples}, value, {threshold})"
    return Plan(
        slot,
        f"quality-{name}",
        f"{name} of {slot} ({watch.versions[slot].label}) {way} {threshold}",
        [_computed("mean", expression, name, shown=True), *asked],
        trigger.threshold,
        trigger.rings_above,
        _armed(watch, slot, name, name),
    )


def _armed(watch: Watch, slot: str, measure: str, quality: str | None = None) -> Armed:
    version, fallback = watch.versions[slot], watch.versions[watch.baseline]
    return Armed(watch.endpoint, slot, version, watch.baseline, fallback, measure, quality)


def _measured(identity: str, metric: Metric, endpoint: str, slot: str, period: int, stat: str | None = None) -> Query:
    return {
        "id": identity,
        "metric": {
            "namespace": metric.namespace,
            "metric_name": metric.name,
            "dimensions": {it["Name"]: it["Value"] for it in metric.dimensions(endpoint, slot)},
            "period": period,
            "stat": metric.statistic if stat is None else stat,
        },
    }


def _computed(identity: str, expression: str, label: str, shown: bool = False) -> Query:
    return {"id": identity, "expression": expression, "label": label, "return_data": shown}


def number(value: float) -> str:
    """Returns a number as metric math and people read it: without an exponent."""
    text = f"{value:.9f}".rstrip("0").rstrip(".")
    return text if text not in ("", "-0") else "0"
