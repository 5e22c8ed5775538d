"""Endpoints, and what watches them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kit import listed, of_type
from rule import UNKNOWN, Resource

LIVE = "sluice:index:LiveEndpoint"
PLAIN = "aws:sagemaker/endpoint:Endpoint"
NATIVE = "aws-native:sagemaker:Endpoint"
CONFIGURATION = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
TYPES = (LIVE, PLAIN, NATIVE)


def endpoints(stack: Sequence[Resource]) -> list[Resource]:
    """Returns the endpoints of a stack, whichever resource makes them."""
    return of_type(stack, *TYPES)


def name_of(endpoint: Resource) -> str | None:
    """Returns what clients call; None where it is not known yet."""
    name = endpoint.props.get("endpointName" if endpoint.type == NATIVE else "name")
    return name if isinstance(name, str) else None


def metrics_of(alarm: Resource) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yields name and dimensions of every metric that an alarm looks at, those of metric math among them."""
    if isinstance(name := alarm.props.get("metricName"), str):
        yield name, _map(alarm.props.get("dimensions"))
    for query in listed(alarm.props.get("metricQueries")):
        metric = _map(query).get("metric")
        if isinstance(name := _map(metric).get("metricName"), str):
            yield name, _map(_map(metric).get("dimensions"))


def watches(alarm: Resource, endpoint: Resource) -> bool:
    """Returns whether an alarm looks at a metric of an endpoint; not at one of which that is not known yet."""
    name = name_of(endpoint)
    return name is not None and any(it.get("EndpointName") == name for _, it in metrics_of(alarm))


def mentions(value: Any, text: str) -> bool:
    """Returns whether a text is in any text of a value."""
    if isinstance(value, str):
        return text in value
    if isinstance(value, Mapping):
        return any(mentions(it, text) for it in value.values())
    return isinstance(value, list) and any(mentions(it, text) for it in value)


def is_unknown_in(value: Any) -> bool:
    """Returns whether any part of a value is not known yet."""
    if isinstance(value, Mapping):
        return any(is_unknown_in(it) for it in value.values())
    return value is UNKNOWN or (isinstance(value, list) and any(is_unknown_in(it) for it in value))


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
