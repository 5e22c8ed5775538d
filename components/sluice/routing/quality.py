"""
Publishes what an application finds out about answers, so that gates compare and alarms ring by it.

    answer = runtime.invoke_endpoint(EndpointName="search-prod", ...)
    publish(cloudwatch, "search-prod", answer["InvokedProductionVariant"], {"HallucinationRate": 0.0})

boto3 and the standard library only.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sluice.errors import InvalidInput, Problem
from sluice.metrics import QUALITY_NAMESPACE, quality

Figures = Mapping[str, float | Sequence[float]]
"""From a metric's name to a value, or to those of many answers."""
_MOST_VALUES, _MOST_DATA = 150, 1000
"""What PutMetricData takes of one metric, and in one call."""


def publish(cloudwatch: Any, endpoint: str, variant: str, figures: Figures, *, every_second: bool = False) -> None:
    """
    Puts figures about answers of one variant into the namespace `Sluice/Quality`.

    `cloudwatch` is boto3's client, `endpoint` and `variant` as SageMaker calls them. `every_second` lets alarms look at
    periods of 10 seconds. Raises InvalidInput with everything that is no figure, and ClientError.
    """
    values = {name: _listed(given) for name, given in figures.items()}
    if problems := list(_problems(endpoint, variant, values)):
        raise InvalidInput("quality metrics", problems)
    data = [
        {
            "MetricName": name,
            "Dimensions": quality(name).dimensions(endpoint, variant),
            "Values": numbers[first : first + _MOST_VALUES],
            "StorageResolution": 1 if every_second else 60,
        }
        for name, numbers in values.items()
        for first in range(0, len(numbers), _MOST_VALUES)
    ]
    for first in range(0, len(data), _MOST_DATA):
        cloudwatch.put_metric_data(Namespace=QUALITY_NAMESPACE, MetricData=data[first : first + _MOST_DATA])


def _listed(given: float | Sequence[float]) -> list[float]:
    return list(given) if isinstance(given, Sequence) else [given]


def _problems(endpoint: str, variant: str, values: Mapping[str, list[float]]) -> Iterator[Problem]:
    for path, text in {"endpoint": endpoint, "variant": variant, **{f"figures.{it}": it for it in values}}.items():
        if not text.strip():
            yield Problem(path, f"is {text!r}; allowed: a name that is not empty")
    for name, numbers in values.items():
        for number in numbers:
            if not _is_number(number):
                yield Problem(f"figures.{name}", f"has {number!r}; allowed: finite numbers")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)
