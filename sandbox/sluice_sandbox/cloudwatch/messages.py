"""What an alarm sends when its state changes: to people by SNS, and to a Lambda function."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sluice_sandbox.aws.session import loader
from sluice_sandbox.cloudwatch.reasons import stamp

_TOLD_STATISTICS = {
    "Average": "AVERAGE",
    "Sum": "SUM",
    "Minimum": "MINIMUM",
    "Maximum": "MAXIMUM",
    "SampleCount": "SAMPLE_COUNT",
}


@dataclass(frozen=True)
class StateOf:
    """An alarm's state at a time, and why."""

    value: str
    reason: str
    reason_data: str
    at: float
    """Seconds since 1970."""

    def told(self) -> dict[str, Any]:
        document = {"value": self.value, "reason": self.reason, "timestamp": stamp(self.at)}
        return document if self.reason_data in ("", "{}") else {**document, "reasonData": self.reason_data}


@dataclass(frozen=True)
class Change:
    """An alarm that went from one state to another."""

    arn: str
    account: str
    region: str
    before: StateOf
    after: StateOf
    alarm: Mapping[str, Any] = field(default_factory=dict)
    """The alarm as it was requested: members of PutMetricAlarm."""
    configured_at: float = 0.0


def for_sns(change: Change) -> tuple[str, dict[str, Any]]:
    """Returns the subject and the message."""
    alarm = change.alarm
    place = region_name(change.region)
    message = {
        "AlarmName": alarm["AlarmName"],
        "AlarmDescription": alarm.get("AlarmDescription"),
        "AWSAccountId": change.account,
        "AlarmConfigurationUpdatedTimestamp": stamp(change.configured_at),
        "NewStateValue": change.after.value,
        "NewStateReason": change.after.reason,
        "StateChangeTime": stamp(change.after.at),
        "Region": place,
        "AlarmArn": change.arn,
        "OldStateValue": change.before.value,
        "OKActions": alarm.get("OKActions") or [],
        "AlarmActions": alarm.get("AlarmActions") or [],
        "InsufficientDataActions": alarm.get("InsufficientDataActions") or [],
        "Trigger": _trigger(alarm),
    }
    return f'{change.after.value}: "{alarm["AlarmName"]}" in {place}'[:100], message


def for_lambda(change: Change) -> dict[str, Any]:
    """Returns the event."""
    described = {"description": change.alarm["AlarmDescription"]} if change.alarm.get("AlarmDescription") else {}
    return {
        "source": "aws.cloudwatch",
        "alarmArn": change.arn,
        "accountId": change.account,
        "time": stamp(change.after.at),
        "region": change.region,
        "alarmData": {
            "alarmName": change.alarm["AlarmName"],
            "state": change.after.told(),
            "previousState": change.before.told(),
            "configuration": {**described, "metrics": [_small(query) for query in queries_of(change.alarm)]},
        },
    }


def queries_of(alarm: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Returns an alarm's queries as MetricDataQuery structures, also for one that watches a single metric."""
    if alarm.get("Metrics"):
        return list(alarm["Metrics"])
    metric = {key: alarm[key] for key in ("Namespace", "MetricName") if alarm.get(key)}
    stat = {
        "Metric": {**metric, "Dimensions": alarm.get("Dimensions") or []},
        "Period": alarm.get("Period"),
        "Stat": alarm.get("ExtendedStatistic") or alarm.get("Statistic"),
        **({"Unit": alarm["Unit"]} if alarm.get("Unit") else {}),
    }
    return [{"Id": "m1", "MetricStat": stat, "ReturnData": True}]


def region_name(region: str) -> str:
    """Returns a region as SNS messages name it: `EU (Ireland)`."""
    for partition in loader().load_data("endpoints")["partitions"]:
        if region in partition["regions"]:
            return str(partition["regions"][region]["description"]).replace("Europe (", "EU (")
    return region


def _trigger(alarm: Mapping[str, Any]) -> dict[str, Any]:
    rule = {
        "Period": alarm.get("Period"),
        "EvaluationPeriods": alarm.get("EvaluationPeriods"),
        "DatapointsToAlarm": alarm.get("DatapointsToAlarm"),
        "ComparisonOperator": alarm.get("ComparisonOperator"),
        "Threshold": alarm.get("Threshold"),
        "TreatMissingData": alarm.get("TreatMissingData") or "missing",
        "EvaluateLowSampleCountPercentile": alarm.get("EvaluateLowSampleCountPercentile") or "",
    }
    if alarm.get("Metrics"):
        return {**{key: value for key, value in rule.items() if value is not None}, "Metrics": list(alarm["Metrics"])}
    percentile = alarm.get("ExtendedStatistic")
    kind = "ExtendedStatistic" if percentile else "Statistic"
    told = percentile or _TOLD_STATISTICS.get(str(alarm.get("Statistic")))
    return {
        "MetricName": alarm.get("MetricName"),
        "Namespace": alarm.get("Namespace"),
        "StatisticType": kind,
        kind: told,
        "Unit": alarm.get("Unit"),
        "Dimensions": [{"value": item["Value"], "name": item["Name"]} for item in alarm.get("Dimensions") or []],
        **{key: value for key, value in rule.items() if value is not None},
    }


def _small(query: Mapping[str, Any]) -> dict[str, Any]:
    """Returns a query as events tell it: small initials, and dimensions as a map."""
    told: dict[str, Any] = {"id": query["Id"]}
    if query.get("Expression"):
        told["expression"] = query["Expression"]
    if query.get("Label"):
        told["label"] = query["Label"]
    stat = query.get("MetricStat")
    if stat:
        metric = stat["Metric"]
        told["metricStat"] = {
            "metric": {
                "namespace": metric.get("Namespace"),
                "name": metric.get("MetricName"),
                "dimensions": {item["Name"]: item["Value"] for item in metric.get("Dimensions") or []},
            },
            "period": stat["Period"],
            "stat": stat["Stat"],
            **({"unit": stat["Unit"]} if stat.get("Unit") else {}),
        }
    return {**told, "returnData": bool(query.get("ReturnData", True))}
