"""
Adds to CloudWatch's metric data.

Percentiles, metric math, statistics of exactly the metric that is asked for (moto mixes dimensions), periods that begin
where AWS has them begin, pages, and CloudWatch's refusals of data from too far away in time.

Unlike AWS, data may be put into namespaces that begin with `AWS/`: who else should say how an endpoint does here?
"""

import math
from datetime import UTC, datetime
from typing import Any

from moto.cloudwatch.exceptions import (
    CloudWatchException,
    InvalidParameterCombination,
    InvalidParameterValue,
    ValidationError,
)
from moto.cloudwatch.models import CloudWatchBackend, MetricAggregatedDatum, MetricDatum
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult

from sluice_sandbox.cloudwatch.expressions import ExpressionError
from sluice_sandbox.cloudwatch.pages import InvalidToken, cut
from sluice_sandbox.cloudwatch.queries import Query, rounded, run
from sluice_sandbox.cloudwatch.samples import STATISTICS, percentile_of
from sluice_sandbox.cloudwatch.store import Metric, Store
from sluice_sandbox.moto_patches.moments import now, seconds
from sluice_sandbox.moto_patches.replacing import replace_methods

MOST_QUERIES = 500
MOST_POINTS = 100_800
_AHEAD, _BEHIND = 2 * 3600, 14 * 86_400
_STORE = "_sluice_metric_data"
_validate = CloudWatchBackend._validate_parameters_put_metric_data


class InvalidNextToken(CloudWatchException):
    """AWS's error of that name."""

    code = "InvalidNextToken"


def needed() -> bool:
    return not hasattr(MetricDatum, "percentile") and not hasattr(CloudWatchBackend, "get_percentile")


def apply() -> None:
    replace_methods(CloudWatchBackend, put_metric_data=put_metric_data)
    replace_methods(CloudWatchResponse, get_metric_data=get_metric_data, get_metric_statistics=get_metric_statistics)


def store_of(backend: CloudWatchBackend) -> Store:
    """Returns the metric data of a region; moto's reset of the backend takes it away."""
    if not hasattr(backend, _STORE):
        setattr(backend, _STORE, Store())
    found: Store = getattr(backend, _STORE)
    return found


def put_metric_data(self: CloudWatchBackend, namespace: str, metric_data: list[dict[str, Any]]) -> None:
    for index, datum in enumerate(metric_data, 1):
        _validate(self, datum, index)
        _refuse_far_away(datum, index)
    for datum in metric_data:
        _keep(self, namespace, datum)


def get_metric_data(self: CloudWatchResponse) -> ActionResult:
    request = self._get_params()
    start, end = seconds(request["StartTime"]), seconds(request["EndTime"])
    if start >= end:
        what = "must not equal parameter EndTime" if start == end else "must be less than the parameter EndTime"
        raise ValidationError(f"The parameter StartTime {what}.")
    asked = request.get("MetricDataQueries", [])
    _refuse_queries(asked)
    queries = [Query.of(query) for query in asked]
    store = _with_moto_data(self.cloudwatch_backend, queries)
    try:
        found = run(queries, store, start, end)
    except ExpressionError as error:
        raise ValidationError(str(error)) from error
    backwards = (request.get("ScanBy") or "TimestampDescending") == "TimestampDescending"
    series = {
        query.id: (query.told_label, sorted(found[query.id].items(), reverse=backwards))
        for query in queries
        if query.returns
    }
    try:
        page, token = cut(series, int(request.get("MaxDatapoints") or MOST_POINTS), request.get("NextToken"))
    except InvalidToken as error:
        raise InvalidNextToken("The NextToken is invalid.") from error
    return ActionResult({"MetricDataResults": page, "Messages": [], **({"NextToken": token} if token else {})})


def get_metric_statistics(self: CloudWatchResponse) -> ActionResult:
    request = self._get_params()
    plain, percentiles = request.get("Statistics") or [], request.get("ExtendedStatistics") or []
    if not plain and not percentiles:
        raise InvalidParameterCombination("Must specify either Statistics or ExtendedStatistics")
    start, end = seconds(request["StartTime"]), seconds(request["EndTime"])
    if start >= end:
        raise InvalidParameterValue("The parameter StartTime must be less than the parameter EndTime.")
    for stat in percentiles:
        if percentile_of(stat) is None:
            raise InvalidParameterValue(f"The value {stat} for parameter ExtendedStatistics.member.1 is not supported.")
    period = int(request["Period"])
    metric = Metric.of(request["Namespace"], request["MetricName"], request.get("Dimensions") or ())
    store = _with_moto_data(self.cloudwatch_backend, [Query("m1", metric, period=period)])
    told = []
    for moment in range(rounded(start, period), math.ceil(end), period):
        until = min(moment + period, end)
        samples = store.between(metric, moment, until, request.get("Unit"))
        if samples.count <= 0:
            continue
        extended = {stat: value for stat in percentiles if (value := samples.statistic(stat)) is not None}
        told.append(
            {
                "Timestamp": datetime.fromtimestamp(moment, UTC),
                "Unit": request.get("Unit") or store.unit_of(metric, moment, until),
                **{stat: samples.statistic(stat) for stat in STATISTICS if stat in plain},
                **({"ExtendedStatistics": extended} if extended else {}),
            }
        )
    return ActionResult({"Label": metric.name, "Datapoints": told})


def _keep(backend: CloudWatchBackend, namespace: str, datum: dict[str, Any]) -> None:
    metric = Metric.of(namespace, datum["MetricName"], datum.get("Dimensions") or ())
    store = store_of(backend)
    if not store.knows(metric):
        # For ListMetrics, which is moto's: one datum tells that there is the metric.
        told = MetricDatum(namespace, metric.name, 0.0, datum.get("Dimensions") or [], None, datum.get("Unit"))
        backend.metric_data.append(told)
    resolution = 1 if int(datum.get("StorageResolution") or 60) == 1 else 60
    moment = seconds(datum["Timestamp"]) if datum.get("Timestamp") is not None else now()
    samples = store.at(metric, moment, datum.get("Unit") or "None", resolution)
    if datum.get("Values"):
        counts = datum.get("Counts") or [1.0] * len(datum["Values"])
        for value, count in zip(datum["Values"], counts, strict=True):
            samples.add(float(value), float(count))
    elif datum.get("StatisticValues"):
        told_set = datum["StatisticValues"]
        samples.add_set(*(float(told_set[key]) for key in ("SampleCount", "Sum", "Minimum", "Maximum")))
    else:
        samples.add(float(datum.get("Value") or 0.0))


def _with_moto_data(backend: CloudWatchBackend, queries: list[Query]) -> Store:
    """Returns the store, with what moto's other services tell of themselves for metrics that nobody has put."""
    store = store_of(backend)
    if all(query.metric is None or store.knows(query.metric) for query in queries):
        return store
    provided = Store()
    for datum in backend.aws_metric_data:
        metric = Metric(datum.namespace, datum.name, frozenset((item.name, item.value) for item in datum.dimensions))  # type: ignore[misc]
        samples = provided.at(metric, seconds(datum.timestamp), datum.unit or "None")
        if isinstance(datum, MetricAggregatedDatum):
            samples.add_set(datum.sample_count, datum.sum, datum.min, datum.max)
        elif isinstance(datum, MetricDatum):
            samples.add(datum.value)
    return store.beside(provided)


def _refuse_queries(asked: list[dict[str, Any]]) -> None:
    if len(asked) > MOST_QUERIES:
        raise ValidationError(f"The collection MetricDataQueries must not have a size greater than {MOST_QUERIES}.")
    for index, query in enumerate(asked, 1):
        if "MetricStat" not in query and "Expression" not in query:
            # AWS too has the line end in it.
            raise ValidationError(f"The parameter MetricDataQueries.member.{index}.MetricStat is required.\n")
        if str(query.get("Expression", "")).startswith("SELECT"):
            raise NotImplementedError("Metrics Insights queries")
    refuse_unknown(asked, "MetricDataQueries")
    names = [query["Id"] for query in asked]
    if len(set(names)) < len(names):
        raise ValidationError("The values for parameter id in MetricDataQueries are not unique.")


def refuse_unknown(asked: list[dict[str, Any]], member: str) -> None:
    """Raises ValidationError for a statistic or a period that CloudWatch has not."""
    for index, query in enumerate(asked, 1):
        stat = query.get("MetricStat")
        if stat is None:
            continue
        what = stat["Stat"]
        if what not in STATISTICS and percentile_of(what) is None:
            raise ValidationError(f"The value {what} for parameter {member}.member.{index}.Stat is not supported.")
        refuse_period(int(stat["Period"]), f"{member}.member.{index}.MetricStat.Period")


def refuse_period(period: int, member: str) -> None:
    """Raises ValidationError for a period that is neither 1, 5, 10, 20 or 30 seconds nor whole minutes."""
    if period not in (1, 5, 10, 20, 30) and (period <= 0 or period % 60):
        raise ValidationError(
            f"The parameter {member} must be one of 1, 5, 10, 20, 30 or a multiple of 60. Got: {period}"
        )


def _refuse_far_away(datum: dict[str, Any], index: int) -> None:
    if datum.get("Timestamp") is None:
        return
    ahead = seconds(datum["Timestamp"]) - now()
    for wrong, bound in ((ahead > _AHEAD, "no more than two hours in the future"), (-ahead > _BEHIND, _TWO_WEEKS)):
        if wrong:
            raise InvalidParameterValue(
                f"The value {datum['Timestamp']} for parameter MetricData.member.{index}.Timestamp must specify a time "
                f"{bound}."
            )


_TWO_WEEKS = "within the past two weeks"
