"""What applications publish about answers."""

import math
from typing import Any

import pytest

from sluice.errors import InvalidInput
from sluice.routing.quality import publish


class Cloudwatch:
    """Remembers what it was given."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []

    def put_metric_data(self, **call: Any) -> None:
        self.calls.append(call)


def test_a_figure_is_the_variants() -> None:
    """In the namespace and with the dimensions by which gates and alarms look for it."""
    cloudwatch = Cloudwatch()
    publish(cloudwatch, "search-prod", "green", {"HallucinationRate": 0.0})
    assert cloudwatch.calls == [
        {
            "Namespace": "Sluice/Quality",
            "MetricData": [
                {
                    "MetricName": "HallucinationRate",
                    "Dimensions": [
                        {"Name": "EndpointName", "Value": "search-prod"},
                        {"Name": "VariantName", "Value": "green"},
                    ],
                    "Values": [0.0],
                    "StorageResolution": 60,
                }
            ],
        }
    ]


def test_many_figures_take_few_calls() -> None:
    """150 values are a datum, and all data of a call arrive in it."""
    cloudwatch = Cloudwatch()
    publish(cloudwatch, "search-prod", "green", {"Clicks": [1.0] * 310, "Score": 0.5}, every_second=True)
    (call,) = cloudwatch.calls
    assert [(it["MetricName"], len(it["Values"])) for it in call["MetricData"]] == [
        ("Clicks", 150),
        ("Clicks", 150),
        ("Clicks", 10),
        ("Score", 1),
    ]
    assert {it["StorageResolution"] for it in call["MetricData"]} == {1}
    publish(cloudwatch, "search-prod", "green", {f"m{at}": 1.0 for at in range(1001)})
    assert [len(it["MetricData"]) for it in cloudwatch.calls[1:]] == [1000, 1]


def test_no_figures_take_no_call() -> None:
    """As when a batch was empty."""
    cloudwatch = Cloudwatch()
    publish(cloudwatch, "search-prod", "green", {"Clicks": []})
    assert cloudwatch.calls == []


def test_what_is_no_figure_is_refused() -> None:
    """All of it at once, and nothing is published."""
    cloudwatch = Cloudwatch()
    figures: Any = {"Clicks": [1.0, math.nan], "Score": "good", "": 1.0}
    with pytest.raises(InvalidInput) as error:
        publish(cloudwatch, "search-prod", " ", figures)
    assert {problem.path for problem in error.value.problems} == {
        "variant",
        "figures.",
        "figures.Clicks",
        "figures.Score",
    }
    assert cloudwatch.calls == []
