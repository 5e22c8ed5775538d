"""CloudWatch: alarms on metrics, and dashboards."""

import json
import re
from collections.abc import Iterator
from typing import Any

from sluice.provider.properties import UNKNOWN
from sluice_sandbox.aws.clients import Clients
from sluice_sandbox.aws.naming import from_api
from sluice_sandbox.aws.resource_type import Failure, ResourceType, Values
from sluice_sandbox.aws.tagging import Tagging

_DASHBOARD_NAME = re.compile(r"[A-Za-z0-9_-]{1,255}")
_PASSED_ON = ("accountId", "expression", "id", "label", "period", "returnData")


class MetricAlarm(ResourceType):
    """An alarm on one metric, or on metric math over several."""

    token = "aws:cloudwatch/metricAlarm:MetricAlarm"
    service = "cloudwatch"
    create_operation, read_operation, delete_operation = "PutMetricAlarm", "DescribeAlarms", "DeleteAlarms"
    update_operations = ("PutMetricAlarm",)
    autonamed, name_length = "name", 255
    names = {
        "name": "AlarmName",
        "alarmActions": "AlarmActions",
        "metricQueries": "Metrics",
        "okActions": "OKActions",
        "evaluateLowSampleCountPercentiles": "EvaluateLowSampleCountPercentile",
    }
    computed = {"arn": "AlarmArn"}
    tagging = Tagging(target="ResourceARN", lists="ListTagsForResource", adds="TagResource", removes="UntagResource")

    def check(self, inputs: Values) -> list[tuple[str, str]]:
        return super().check(_prepared(inputs))

    def request(self, inputs: Values) -> Values:
        return super().request(_prepared(inputs))

    def read(self, aws: Clients, identity: str) -> Values | None:
        alarms = aws.call(self.service, self.read_operation, AlarmNames=[identity])["MetricAlarms"]
        if not alarms:
            return None
        shape: Any = self._create_shape()
        outputs = from_api(shape, alarms[0], self.names)
        outputs["arn"] = alarms[0]["AlarmArn"]
        return self.complete(aws, identity, _restored(outputs), alarms[0])

    def update(self, aws: Clients, identity: str, old: Values, new: Values, timeout: float) -> Values:
        aws.call(self.service, self.create_operation, **{**self.request(new), "Tags": []})
        self.tagging.change(aws, self.service, self.tag_target(aws, identity), old.get("tags"), new.get("tags"))
        return self.read_existing(aws, identity)

    def delete(self, aws: Clients, identity: str, outputs: Values, timeout: float) -> None:
        aws.find(self.service, self.delete_operation, ("ResourceNotFound",), AlarmNames=[identity])

    def tag_target(self, aws: Clients, identity: str) -> str:
        return f"arn:aws:cloudwatch:{aws.region}:{aws.account}:alarm:{identity}"


class Dashboard(ResourceType):
    """A page of graphs and texts."""

    token = "aws:cloudwatch/dashboard:Dashboard"
    service = "cloudwatch"
    create_operation, read_operation, delete_operation = "PutDashboard", "GetDashboard", "DeleteDashboards"
    update_operations = ("PutDashboard",)
    identity = "dashboardName"
    computed = {"dashboardArn": "DashboardArn"}
    missing = ("ResourceNotFound",)

    def check_more(self, inputs: Values) -> Iterator[Failure]:
        name, text = inputs.get("dashboardName"), inputs.get("dashboardBody")
        if isinstance(name, str) and not _DASHBOARD_NAME.fullmatch(name):
            yield "dashboardName", f"is {name!r}; allowed: 1 to 255 letters, digits, - and _"
        if isinstance(text, str):
            try:
                json.loads(text)
            except ValueError as error:
                yield "dashboardBody", f"is no JSON document: {error}"

    def delete(self, aws: Clients, identity: str, outputs: Values, timeout: float) -> None:
        aws.find(self.service, self.delete_operation, self.missing, DashboardNames=[identity])


def _prepared(inputs: Values) -> Values:
    """Returns the inputs with dimensions as the list and metrics as the structure that CloudWatch has for them."""
    prepared = dict(inputs)
    if "dimensions" in prepared:
        prepared["dimensions"] = _dimension_list(prepared["dimensions"])
    queries = prepared.get("metricQueries")
    if isinstance(queries, list):
        prepared["metricQueries"] = [_query(query) for query in queries]
    return prepared


def _restored(outputs: Values) -> Values:
    restored = {key: value for key, value in outputs.items() if value not in ([], None)}
    if "dimensions" in restored:
        restored["dimensions"] = {item["name"]: item["value"] for item in restored["dimensions"]}
    if "metricQueries" in restored:
        restored["metricQueries"] = [_restored_query(query) for query in restored["metricQueries"]]
    return restored


def _query(query: Any) -> Any:
    if query is UNKNOWN:
        return query
    # The real provider says so of every query that does not say otherwise; to AWS nothing said is true.
    prepared = {"returnData": False, **{key: query[key] for key in _PASSED_ON if key in query}}
    metric = query.get("metric")
    if metric is not None and metric is not UNKNOWN:
        named = {key: metric[key] for key in ("namespace", "metricName") if key in metric}
        if metric.get("dimensions") is not None:
            named["dimensions"] = _dimension_list(metric["dimensions"])
        prepared["metricStat"] = {
            "metric": named,
            **{key: metric[key] for key in ("period", "stat", "unit") if key in metric},
        }
    return prepared


def _restored_query(query: Values) -> Values:
    restored = {key: query[key] for key in _PASSED_ON if key in query}
    if "metricStat" in query:
        stat = query["metricStat"]
        dimensions = {item["name"]: item["value"] for item in stat["metric"].get("dimensions", [])}
        restored["metric"] = {
            **{key: stat["metric"][key] for key in ("namespace", "metricName") if key in stat["metric"]},
            **{key: stat[key] for key in ("period", "stat", "unit") if key in stat},
            **({"dimensions": dimensions} if dimensions else {}),
        }
    return restored


def _dimension_list(dimensions: Any) -> Any:
    if not isinstance(dimensions, dict):
        return dimensions
    return [{"name": name, "value": value} for name, value in sorted(dimensions.items())]
