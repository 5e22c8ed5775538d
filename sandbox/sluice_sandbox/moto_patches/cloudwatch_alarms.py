"""
Adds to CloudWatch's alarms that they do something.

They are evaluated in the sandbox's time, begin as INSUFFICIENT_DATA, keep their state when they are put again, say why
they are in a state, act on topics and functions, and have a history; and CloudWatch's refusals of what is no alarm.

Unlike AWS, a state that somebody set with SetAlarmState stays as long as there is no data: rehearsals need that.
"""

import re
from typing import Any

from moto.cloudwatch.exceptions import ResourceNotFound, ValidationError
from moto.cloudwatch.models import Alarm, CloudWatchBackend
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import utcnow

from sluice_sandbox.cloudwatch.evaluation import COMPARISONS
from sluice_sandbox.cloudwatch.expressions import ExpressionError
from sluice_sandbox.cloudwatch.queries import Query, trees
from sluice_sandbox.moto_patches import alarm_history
from sluice_sandbox.moto_patches.alarm_watch import INITIAL, WATCHES, change_state, told
from sluice_sandbox.moto_patches.cloudwatch import InvalidNextToken, refuse_period, refuse_unknown
from sluice_sandbox.moto_patches.moments import seconds
from sluice_sandbox.moto_patches.replacing import replace_methods

_MOST_METRICS = 20
_DAY = 86_400
_FORGOTTEN = (
    "ActionConfiguration",
    "EvaluationCriteria",
    "EvaluationInterval",
    "EvaluationWindow",
    "ThresholdMetricId",
    "WarmUpConfiguration",
)
"""What AWS takes and would be forgotten here: refused, because ignoring it would be a lie."""
_ARN = re.compile(
    r"arn:[\w-]+:(lambda:[\w-]+:\d{12}:function:[\w-]+(:[\w$-]+)?|sns:[\w-]+:\d{12}:.+|(?!lambda:|sns:).+)"
)
_MISSING = ("breaching", "notBreaching", "missing", "ignore")
_put = CloudWatchBackend.put_metric_alarm
_answer_put = CloudWatchResponse.put_metric_alarm
_set = CloudWatchBackend.set_alarm_state


def needed() -> bool:
    return not hasattr(CloudWatchResponse, "describe_alarm_history")


def apply() -> None:
    replace_methods(
        CloudWatchBackend,
        put_metric_alarm=put_metric_alarm,
        delete_alarms=delete_alarms,
        set_alarm_state=set_alarm_state,
    )
    replace_methods(
        CloudWatchResponse,
        put_metric_alarm=answer_put_metric_alarm,
        describe_alarms=describe_alarms,
        describe_alarm_history=describe_alarm_history,
        put_composite_alarm=put_composite_alarm,
    )


def put_metric_alarm(self: CloudWatchBackend, *given: Any, **named: Any) -> Alarm:
    before = self.alarms.get(named.get("name") or given[0])
    alarm: Any = _put(self, *given, **named)
    if before is None:
        alarm.state_value, alarm.state_reason = "INSUFFICIENT_DATA", INITIAL
        alarm.state_transitioned_timestamp = alarm.state_updated_timestamp = utcnow()
    else:
        for name in ("value", "reason", "reason_data", "updated_timestamp", "transitioned_timestamp"):
            setattr(alarm, f"state_{name}", getattr(before, f"state_{name}"))
    alarm_history.configured(self, alarm, "Create" if before is None else "Update", told(alarm))
    WATCHES.add(self, alarm, again=before is not None)
    return alarm  # type: ignore[no-any-return]


def delete_alarms(self: CloudWatchBackend, alarm_names: list[str]) -> None:
    for name in alarm_names:
        alarm = self.alarms.pop(name, None)
        if alarm is not None:
            alarm_history.configured(self, alarm, "Delete", told(alarm))


def set_alarm_state(
    self: CloudWatchBackend, alarm_name: str, reason: str, reason_data: str | None, state_value: str
) -> None:
    alarm = self.alarms.get(alarm_name)
    if alarm is None:
        raise ResourceNotFound("Alarm does not exist")
    # moto judges the rest; the copy takes what it does.
    _set(_Judge(alarm_name), alarm_name, reason, reason_data, state_value)  # type: ignore[arg-type]
    WATCHES.hold(alarm)
    change_state(self, alarm, state_value, reason, reason_data or "{}")


def answer_put_metric_alarm(self: CloudWatchResponse) -> ActionResult:
    _refuse(self._get_params())
    return _answer_put(self)


def describe_alarms(self: CloudWatchResponse) -> ActionResult:
    request = self._get_params()
    found = [alarm for alarm in self.cloudwatch_backend.alarms.values() if _wanted(request, alarm)]
    found.sort(key=lambda alarm: alarm.name)
    page, token = _page(found, request)
    answer = {"MetricAlarms": page, "CompositeAlarms": []}
    return ActionResult({**answer, **({"NextToken": token} if token else {})})


def describe_alarm_history(self: CloudWatchResponse) -> ActionResult:
    request = self._get_params()
    found = [item for item in alarm_history.items(self.cloudwatch_backend) if _happened(request, item)]
    if request.get("ScanBy") != "TimestampAscending":
        found.reverse()
    page, token = _page(found, request)
    answer = {"AlarmHistoryItems": [item.told() for item in page]}
    return ActionResult({**answer, **({"NextToken": token} if token else {})})


def put_composite_alarm(self: CloudWatchResponse) -> EmptyResult:
    raise NotImplementedError("composite alarms")


class _Judge:
    """Stands in for a backend with one alarm, whose state nobody keeps."""

    def __init__(self, name: str) -> None:
        self.alarms = {name: self}

    def update_state(self, *_: Any) -> None:
        """Keeps nothing."""


def _wanted(request: dict[str, Any], alarm: Any) -> bool:
    names = request.get("AlarmNames") or []
    kinds = request.get("AlarmTypes") or ["MetricAlarm"]
    actions = [*(alarm.alarm_actions or []), *alarm.ok_actions, *alarm.insufficient_data_actions]
    return (
        "MetricAlarm" in kinds
        and (not names or alarm.name in names)
        and alarm.name.startswith(request.get("AlarmNamePrefix") or "")
        and request.get("StateValue") in (None, alarm.state_value)
        and (not request.get("ActionPrefix") or any(it.startswith(request["ActionPrefix"]) for it in actions))
    )


def _happened(request: dict[str, Any], item: alarm_history.Item) -> bool:
    at = seconds(item.at)
    return (
        request.get("AlarmName") in (None, item.alarm)
        and request.get("HistoryItemType") in (None, item.kind)
        and item.alarm_type in (request.get("AlarmTypes") or [item.alarm_type])
        and (request.get("StartDate") is None or at >= seconds(request["StartDate"]))
        and (request.get("EndDate") is None or at <= seconds(request["EndDate"]))
    )


def _page(found: list[Any], request: dict[str, Any]) -> tuple[list[Any], str | None]:
    token = str(request.get("NextToken") or "0")
    if not token.isdigit():
        raise InvalidNextToken("The NextToken is invalid.")
    start, size = int(token), int(request.get("MaxRecords") or 50 * (2 if "HistoryItemType" in request else 1))
    return found[start : start + size], str(start + size) if len(found) > start + size else None


def _refuse(request: dict[str, Any]) -> None:
    """Raises ValidationError for what is no alarm."""
    if request["ComparisonOperator"] not in COMPARISONS:
        raise NotImplementedError("alarms on anomaly detection")
    for member in _FORGOTTEN:
        if request.get(member) is not None:
            raise NotImplementedError(f"the {member} of alarms")
    if request.get("Threshold") is None:
        raise ValidationError("Threshold is required unless the alarm is based on an anomaly detection model")
    metrics = request.get("Metrics") or []
    _refuse_metrics(request, metrics) if metrics else _refuse_single(request)
    for action in [it for state in ("OK", "Alarm", "InsufficientData") for it in request.get(f"{state}Actions") or []]:
        if not _ARN.fullmatch(action):
            raise ValidationError(f"Invalid arn syntax: {action}")
    missing = request.get("TreatMissingData")
    if missing is not None and missing not in _MISSING:
        raise ValidationError(
            f"Option {missing} is not supported. Supported options for parameter TreatMissingData are "
            "breaching, notBreaching, missing, and ignore."
        )
    periods = int(request["EvaluationPeriods"])
    if int(request.get("DatapointsToAlarm") or 1) > periods:
        raise ValidationError("DatapointsToAlarm must not be greater than EvaluationPeriods")
    length = max(Query.of(query).period for query in metrics) if metrics else int(request["Period"])
    if periods * length > (_DAY if length < 3600 else 7 * _DAY):
        raise ValidationError(
            "Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= 86400)."
        )


def _refuse_single(request: dict[str, Any]) -> None:
    for member in ("MetricName", "Namespace", "Period"):
        if not request.get(member):
            raise ValidationError(f"The parameter {member} is required.")
    refuse_period(int(request["Period"]), "Period")
    if bool(request.get("Statistic")) == bool(request.get("ExtendedStatistic")):
        raise ValidationError("Exactly one of Statistic and ExtendedStatistic must be specified")


def _refuse_metrics(request: dict[str, Any], metrics: list[dict[str, Any]]) -> None:
    also = [key for key in ("MetricName", "Namespace", "Dimensions", "Period", "Statistic") if request.get(key)]
    if also:
        raise ValidationError(f"{', '.join(also)} must not be specified together with Metrics")
    if len(metrics) > _MOST_METRICS:
        raise ValidationError(f"The collection Metrics must not have a size greater than {_MOST_METRICS}.")
    if sum(bool(query.get("ReturnData", True)) for query in metrics) != 1:
        raise ValidationError("Exactly one element of the metrics list should return data.")
    refuse_unknown(metrics, "Metrics")
    if len({query["Id"] for query in metrics}) < len(metrics):
        raise ValidationError("The values for parameter id in Metrics are not unique.")
    queries = [Query.of(query) for query in metrics]
    if len({query.period for query in queries if query.metric is not None}) != 1:
        raise ValidationError("Period must be the same for all metrics of an alarm")
    try:
        trees(tuple(queries))
    except ExpressionError as error:
        raise ValidationError(str(error)) from error
