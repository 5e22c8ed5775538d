"""Endpoints, and what watches them."""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
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


def may_watch(alarm: Resource, endpoint: str, metrics: Sequence[str]) -> bool:
    """
    Returns whether an alarm looks at one of these metrics, which are patterns, of an endpoint.

    One of which it is not known yet may: the update looks again.
    """
    queries = alarm.props.get("metricQueries")
    looked_at = [alarm.props, *(_map(query).get("metric") for query in listed(queries) if query is not UNKNOWN)]
    unsure = queries is UNKNOWN or (isinstance(queries, list) and UNKNOWN in (*queries, *looked_at))
    return unsure or any(_is_on(_map(metric), endpoint, metrics) for metric in looked_at)


def _is_on(metric: Mapping[str, Any], endpoint: str, metrics: Sequence[str]) -> bool:
    name, dimensions = metric.get("metricName"), metric.get("dimensions")
    of = dimensions if dimensions is UNKNOWN else _map(dimensions).get("EndpointName")
    is_named = name is UNKNOWN or (isinstance(name, str) and any(fnmatchcase(name, it) for it in metrics))
    return is_named and (of is UNKNOWN or of == endpoint)


def mentions(value: Any, text: str) -> bool:
    """Returns whether a text is in any text of a value."""
    if isinstance(value, str):
        return text in value
    if isinstance(value, Mapping):
        return any(mentions(it, text) for it in value.values())
    return isinstance(value, list) and any(mentions(it, text) for it in value)


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
