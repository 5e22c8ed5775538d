"""Metric data on the sandbox's CloudWatch, as clients of AWS see it."""

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sluice_sandbox.aws.supervisor import Aws
from tests.sandbox.aws.life_cycle import Client

BLUE = [{"Name": "EndpointName", "Value": "digits"}, {"Name": "VariantName", "Value": "blue"}]
GREEN = [{"Name": "EndpointName", "Value": "digits"}, {"Name": "VariantName", "Value": "green"}]
SPACE = "AWS/SageMaker"


@pytest.fixture
def start(sandbox_aws: Aws) -> float:
    """Four minutes before the clock, which stands at the beginning of a minute."""
    sandbox_aws.stop_clock()
    now = float(sandbox_aws.control("clock")["now"])
    sandbox_aws.advance(60 - now % 60)
    return now - now % 60 - 180


@pytest.fixture
def cloudwatch(client: Client) -> Any:
    return client("cloudwatch")


def _put(cloudwatch: Any, name: str, at: float, dimensions: Any = BLUE, **told: Any) -> None:
    datum = {"MetricName": name, "Dimensions": dimensions, "Timestamp": at, **told}
    cloudwatch.put_metric_data(Namespace=SPACE, MetricData=[datum])


def _stat(name: str, stat: str = "Sum", query: str = "m1", dimensions: Any = BLUE, period: int = 60) -> dict[str, Any]:
    metric = {"Namespace": SPACE, "MetricName": name, "Dimensions": dimensions}
    return {"Id": query, "MetricStat": {"Metric": metric, "Period": period, "Stat": stat}}


def _ask(cloudwatch: Any, start: float, *queries: dict[str, Any], **more: Any) -> dict[str, dict[float, float]]:
    """Returns the series by id, each from seconds after `start` to values."""
    given = {"StartTime": start, "EndTime": start + 240, "ScanBy": "TimestampAscending", **more}
    results = cloudwatch.get_metric_data(MetricDataQueries=list(queries), **given)["MetricDataResults"]
    return {
        item["Id"]: {
            at.timestamp() - start: value for at, value in zip(item["Timestamps"], item["Values"], strict=True)
        }
        for item in results
    }


def _refused(call: Any, **arguments: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as error:
        call(**arguments)
    told = error.value.response["Error"]
    return told["Code"], told["Message"]


def test_every_statistic_of_a_minute(cloudwatch: Any, start: float) -> None:
    """Of values with counts, single values and statistic sets together; percentiles of values alone."""
    _put(cloudwatch, "ModelLatency", start + 5, Values=[10.0, 20.0, 500.0], Counts=[90.0, 5.0, 5.0])
    _put(cloudwatch, "ModelLatency", start + 65, Value=4.0)
    _put(
        cloudwatch,
        "ModelLatency",
        start + 125,
        StatisticValues={"SampleCount": 4, "Sum": 40, "Minimum": 1, "Maximum": 20},
    )
    stats = ["Sum", "SampleCount", "Average", "Minimum", "Maximum", "p50", "p95", "p95.5", "p100"]
    queries = [_stat("ModelLatency", stat, f"m{index}") for index, stat in enumerate(stats)]
    found = dict(zip(stats, _ask(cloudwatch, start, *queries).values(), strict=True))
    assert found == {
        "Sum": {0: 3500, 60: 4, 120: 40},
        "SampleCount": {0: 100, 60: 1, 120: 4},
        "Average": {0: 35, 60: 4, 120: 10},
        "Minimum": {0: 10, 60: 4, 120: 1},
        "Maximum": {0: 500, 60: 4, 120: 20},
        "p50": {0: 10, 60: 4},
        "p95": {0: 20, 60: 4},
        "p95.5": {0: 500, 60: 4},
        "p100": {0: 500, 60: 4},
    }


def test_dimensions_are_matched_exactly(cloudwatch: Any, start: float) -> None:
    """Fewer, more or other dimensions, or another namespace, are another metric; their order does not matter."""
    _put(cloudwatch, "Invocations", start, BLUE[::-1], Value=1)
    _put(cloudwatch, "Invocations", start, GREEN, Value=2)
    _put(cloudwatch, "Invocations", start, BLUE[:1], Value=4)
    _put(cloudwatch, "Invocations", start, [], Value=8)
    for dimensions, value in ((BLUE, 1), (GREEN, 2), (BLUE[:1], 4), ([], 8)):
        assert _ask(cloudwatch, start, _stat("Invocations", dimensions=dimensions)) == {"m1": {0: value}}
        (point,) = cloudwatch.get_metric_statistics(
            Namespace=SPACE,
            MetricName="Invocations",
            Dimensions=dimensions,
            StartTime=start,
            EndTime=start + 60,
            Period=60,
            Statistics=["Sum"],
        )["Datapoints"]
        assert point["Sum"] == value
    assert _ask(cloudwatch, start, _stat("Invocations", dimensions=BLUE[1:])) == {"m1": {}}


def test_periods(cloudwatch: Any, start: float) -> None:
    """Data of 1 s resolution can be had by 10 s; other data belongs to the beginning of its minute."""
    for second in (1, 12, 19, 65):
        _put(cloudwatch, "fine", start + second, Value=1, StorageResolution=1)
        _put(cloudwatch, "coarse", start + second, Value=1)
    assert _ask(cloudwatch, start, _stat("fine", period=10)) == {"m1": {0: 1, 10: 2, 60: 1}}
    assert _ask(cloudwatch, start, _stat("coarse", period=10)) == {"m1": {0: 3, 60: 1}}
    assert _ask(cloudwatch, start, _stat("fine")) == {"m1": {0: 3, 60: 1}}
    assert _ask(cloudwatch, start, _stat("fine", period=300)) == {"m1": {0: 4}}


def test_a_start_within_a_minute_is_rounded_down(cloudwatch: Any, start: float) -> None:
    """The end is not in it."""
    _put(cloudwatch, "m", start, Value=1)
    _put(cloudwatch, "m", start + 60, Value=2)
    asked = {"StartTime": start + 42, "EndTime": start + 60}
    assert _ask(cloudwatch, start, _stat("m"), **asked) == {"m1": {0: 1}}


def test_a_unit_can_be_asked_for(cloudwatch: Any, start: float) -> None:
    """Without one, all count."""
    _put(cloudwatch, "m", start, Value=1, Unit="Count")
    _put(cloudwatch, "m", start, Value=2, Unit="Seconds")
    query = _stat("m")
    assert _ask(cloudwatch, start, query) == {"m1": {0: 3}}
    query["MetricStat"]["Unit"] = "Seconds"
    assert _ask(cloudwatch, start, query) == {"m1": {0: 2}}


def test_expressions_over_other_queries(cloudwatch: Any, start: float) -> None:
    """In whatever order they stand; what does not return data is not told, and missing data stays missing."""
    for minute, (errors, requests) in enumerate([(1, 10), (0, 5), (None, 4)]):
        if errors is not None:
            _put(cloudwatch, "Invocation5XXErrors", start + 60 * minute, Value=errors)
        _put(cloudwatch, "Invocations", start + 60 * minute, Value=requests)
    queries = [
        {"Id": "floored", "Expression": "MAX([rate, 0.05])"},
        {"Id": "rate", "Expression": "errors / requests"},
        {"Id": "filled", "Expression": "FILL(errors, 0) / requests"},
        {**_stat("Invocation5XXErrors", query="errors"), "ReturnData": False},
        {**_stat("Invocations", query="requests"), "ReturnData": False},
    ]
    assert _ask(cloudwatch, start, *queries) == {
        "floored": {0: 0.1, 60: 0.05},
        "rate": {0: 0.1, 60: 0.0},
        "filled": {0: 0.1, 60: 0.0, 120: 0.0},
    }


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("FOO(m1)", "Error in expression 'e1': Function 'FOO' does not exist"),
        ("m1 +", "Error in expression 'e1': Unexpected end of expression"),
        ("m2 + 1", "Error in expression 'e1': 'm2' is not the id of a metric or expression"),
        ("e1 + 1", "Error in expression 'e1': The expression refers to itself"),
        ("1 + 1", "Error in expression 'e1': The expression must return a single time series"),
    ],
)
def test_bad_expressions(cloudwatch: Any, start: float, expression: str, said: str) -> None:
    """They are refused as AWS refuses them, with the query that is wrong."""
    queries = [_stat("m"), {"Id": "e1", "Expression": expression}]
    told = _refused(cloudwatch.get_metric_data, MetricDataQueries=queries, StartTime=start, EndTime=start + 60)
    assert told == ("ValidationError", said)


def test_a_function_that_the_sandbox_has_not(cloudwatch: Any, start: float) -> None:
    """The sandbox says so rather than call it a mistake."""
    queries = [_stat("m"), {"Id": "e1", "Expression": "RUNNING_SUM(m1)"}]
    code, said = _refused(cloudwatch.get_metric_data, MetricDataQueries=queries, StartTime=start, EndTime=start + 60)
    assert code == "NotImplemented"
    assert "the sandbox's AWS does not have this: metric math's function RUNNING_SUM" in said


def test_order_and_pages(cloudwatch: Any, start: float) -> None:
    """The latest first unless asked otherwise; pages cut a series where they are full, and together hold everything."""
    for minute in range(3):
        _put(cloudwatch, "a", start + 60 * minute, Value=minute)
        _put(cloudwatch, "b", start + 60 * minute, Value=10 + minute)
    given = {
        "MetricDataQueries": [_stat("a", query="a"), _stat("b", query="b")],
        "StartTime": start,
        "EndTime": start + 240,
    }
    whole = cloudwatch.get_metric_data(**given)
    assert [item["Values"] for item in whole["MetricDataResults"]] == [[2, 1, 0], [12, 11, 10]]
    assert "NextToken" not in whole
    pages = list(cloudwatch.get_paginator("get_metric_data").paginate(**given, PaginationConfig={"PageSize": 2}))
    told = [[(it["Id"], it["Values"], it["StatusCode"]) for it in page["MetricDataResults"]] for page in pages]
    assert told == [
        [("a", [2, 1], "PartialData")],
        [("a", [0], "Complete"), ("b", [12], "PartialData")],
        [("b", [11, 10], "Complete")],
    ]
    assert _refused(cloudwatch.get_metric_data, **given, NextToken="x")[0] == "InvalidNextToken"


def test_five_hundred_queries_in_one_call(cloudwatch: Any, start: float) -> None:
    """And not one more."""
    _put(cloudwatch, "m", start, Value=1)
    queries = [_stat("m", query=f"m{index}") for index in range(500)]
    assert len(_ask(cloudwatch, start, *queries)) == 500
    asked = {"MetricDataQueries": [*queries, _stat("m", query="more")], "StartTime": start, "EndTime": start + 60}
    assert "must not have a size greater than 500" in _refused(cloudwatch.get_metric_data, **asked)[1]


@pytest.mark.parametrize(
    ("queries", "said"),
    [
        ([_stat("m"), _stat("m")], "not unique"),
        ([_stat("m", "p101")], "The value p101 for parameter MetricDataQueries.member.1.Stat is not supported"),
        ([_stat("m", period=45)], "must be one of 1, 5, 10, 20, 30 or a multiple of 60"),
        ([{"Id": "m1"}], "MetricDataQueries.member.1.MetricStat is required"),
    ],
)
def test_bad_queries(cloudwatch: Any, start: float, queries: list[dict[str, Any]], said: str) -> None:
    """They are refused."""
    code, told = _refused(cloudwatch.get_metric_data, MetricDataQueries=queries, StartTime=start, EndTime=start + 60)
    assert code == "ValidationError"
    assert said in told


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(2 * 3600 + 60, "no more than two hours in the future"), (-14 * 86_400 - 60, "within the past two weeks")],
)
def test_data_from_too_far_away(cloudwatch: Any, start: float, seconds: float, said: str) -> None:
    """Measured by the sandbox's clock, two weeks back and two hours ahead are as far as it goes."""
    datum = {"MetricName": "m", "Value": 1, "Timestamp": datetime.fromtimestamp(start + 240 + seconds, UTC)}
    code, told = _refused(cloudwatch.put_metric_data, Namespace=SPACE, MetricData=[datum])
    assert code == "InvalidParameterValue"
    assert said in told


def test_statistics_with_percentiles(cloudwatch: Any, start: float) -> None:
    """GetMetricStatistics tells both kinds, with the unit."""
    _put(cloudwatch, "m", start, Values=[1.0, 9.0], Counts=[19.0, 1.0], Unit="Microseconds")
    (point,) = cloudwatch.get_metric_statistics(
        Namespace=SPACE,
        MetricName="m",
        Dimensions=BLUE,
        StartTime=start,
        EndTime=start + 240,
        Period=60,
        Statistics=["Maximum"],
        ExtendedStatistics=["p95", "p99"],
    )["Datapoints"]
    assert (point["Maximum"], point["Unit"], point["ExtendedStatistics"]) == (9, "Microseconds", {"p95": 1, "p99": 9})
    assert point["Timestamp"].timestamp() == start


def test_metrics_are_listed_once(cloudwatch: Any, start: float) -> None:
    """However much data they have."""
    for _ in range(3):
        _put(cloudwatch, "m", start, Value=1)
    _put(cloudwatch, "m", start, GREEN, Value=1)
    listed = cloudwatch.list_metrics(Namespace=SPACE, MetricName="m")["Metrics"]
    assert [metric["Dimensions"] for metric in listed] == [BLUE, GREEN]
