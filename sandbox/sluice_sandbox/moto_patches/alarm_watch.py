"""
Evaluates alarms in the sandbox's time, at the end of each of their periods.

Deterministic, so that the journal's replay comes to the same states, messages and ids: an evaluation sees the data that
was there at that moment, and whatever is random in it comes from the alarm's name and the moment.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from moto.cloudwatch.models import CloudWatchBackend
from moto.core.utils import utcnow
from moto.moto_api._internal import mock_random

from sluice_sandbox.cloudwatch import reasons
from sluice_sandbox.cloudwatch.arithmetic import Series
from sluice_sandbox.cloudwatch.evaluation import Rule, Verdict, evaluate
from sluice_sandbox.cloudwatch.expressions import ExpressionError
from sluice_sandbox.cloudwatch.messages import Change, StateOf, queries_of
from sluice_sandbox.cloudwatch.queries import Query, run
from sluice_sandbox.cloudwatch.samples import percentile_of, too_few
from sluice_sandbox.cloudwatch.store import Store
from sluice_sandbox.lambdas.queue import QUEUE
from sluice_sandbox.moto_patches import alarm_actions, alarm_history
from sluice_sandbox.moto_patches.cloudwatch import store_of
from sluice_sandbox.moto_patches.moments import now, seconds

INITIAL = "Unchecked: Initial alarm creation"


@dataclass
class Watch:
    """An alarm over metrics, and how far it has been evaluated."""

    backend: CloudWatchBackend
    alarm: Any
    queries: list[Query]
    rule: Rule
    done: int
    """The end of the last period that was evaluated, in seconds since 1970."""
    held: bool = False
    """True while it has a state that somebody set by hand: it stays until there is data."""

    @property
    def due(self) -> int:
        return self.done + self.rule.period

    @property
    def gone(self) -> bool:
        """True once the alarm was deleted or replaced, or everything was forgotten."""
        return self.backend.alarms.get(self.alarm.name) is not self.alarm

    @property
    def watched(self) -> Query:
        return next(query for query in self.queries if query.returns)


@dataclass
class Watches:
    """Every alarm of the server."""

    of: dict[str, Watch] = field(default_factory=dict)
    """By ARN."""

    def add(self, backend: CloudWatchBackend, alarm: Any, again: bool = False) -> None:
        """Watches an alarm from now on; one that is put again stays in the state that somebody set."""
        held = again and self.of[alarm.alarm_arn].held
        queries = [Query.of(query) for query in queries_of(told(alarm))]
        period = max(query.period for query in queries if query.metric is not None or len(queries) == 1)
        rule = Rule(
            alarm.comparison_operator,
            float(alarm.threshold),
            int(alarm.evaluation_periods),
            int(alarm.datapoints_to_alarm or alarm.evaluation_periods),
            alarm.treat_missing_data or "missing",
            period,
        )
        done = int(now() // period) * period
        self.of[alarm.alarm_arn] = Watch(backend, alarm, queries, rule, done, held)

    def forget_gone(self) -> None:
        self.of = {arn: watch for arn, watch in self.of.items() if not watch.gone}

    def stopped(self, moment: float) -> float:
        """Takes back that alarms without data were passed over until later, because there may be some now."""
        for watch in self.of.values():
            watch.done = min(watch.done, int(moment // watch.rule.period) * watch.rule.period)
        return moment

    def hold(self, alarm: Any) -> None:
        if alarm.alarm_arn in self.of:
            self.of[alarm.alarm_arn].held = True


WATCHES = Watches()


def evaluate_until(moment: float, show: Callable[[float], object], stop_when_queued: bool = False) -> float:
    """
    Evaluates every alarm at every end of its periods up to a moment, in order, and returns the moment reached.

    `show` makes the process see a time. With `stop_when_queued` it ends early, at the moment at which a function is to
    be run.
    """
    WATCHES.forget_gone()
    waiting = [(watch.due, arn) for arn, watch in WATCHES.of.items() if watch.due <= moment]
    heapq.heapify(waiting)
    while waiting:
        due, arn = heapq.heappop(waiting)
        if stop_when_queued and (queued := QUEUE.next_due()) is not None and queued < due:
            return WATCHES.stopped(queued)
        watch = WATCHES.of[arn]
        watch.done = due
        if _evaluate(watch, show):
            watch.done = _next_with_data(watch, moment)
        if watch.due <= moment:
            heapq.heappush(waiting, (watch.due, arn))
    if stop_when_queued and (queued := QUEUE.next_due()) is not None:
        return WATCHES.stopped(min(queued, moment))
    return moment


def change_state(backend: CloudWatchBackend, alarm: Any, state: str, reason: str, data: str) -> None:
    """Puts an alarm into a state, notes it, and takes the actions for it."""
    before = state_of(alarm)
    alarm.state_value, alarm.state_reason, alarm.state_reason_data = state, reason, data
    alarm.state_updated_timestamp = utcnow()
    if before.value == state:
        return
    alarm.state_transitioned_timestamp = utcnow()
    after = state_of(alarm)
    alarm_history.changed(backend, alarm, before, after)
    arn = alarm.alarm_arn
    made = seconds(alarm.configuration_updated_timestamp)
    change = Change(arn, backend.account_id, backend.region_name, before, after, told(alarm), made)
    alarm_actions.act(backend, alarm, change)


def state_of(alarm: Any) -> StateOf:
    at = seconds(alarm.state_updated_timestamp)
    return StateOf(alarm.state_value, alarm.state_reason, alarm.state_reason_data or "", at)


def told(alarm: Any) -> dict[str, Any]:
    """Returns an alarm as members of PutMetricAlarm."""
    members = {
        "AlarmName": alarm.name,
        "AlarmDescription": alarm.description,
        "ActionsEnabled": alarm.actions_enabled,
        "OKActions": alarm.ok_actions,
        "AlarmActions": alarm.alarm_actions,
        "InsufficientDataActions": alarm.insufficient_data_actions,
        "MetricName": alarm.metric_name,
        "Namespace": alarm.namespace,
        "Statistic": alarm.statistic,
        "ExtendedStatistic": alarm.extended_statistic,
        "Dimensions": [{"Name": item.name, "Value": item.value} for item in alarm.dimensions],
        "Period": alarm.period,
        "Unit": alarm.unit,
        "EvaluationPeriods": alarm.evaluation_periods,
        "DatapointsToAlarm": alarm.datapoints_to_alarm,
        "Threshold": alarm.threshold,
        "ComparisonOperator": alarm.comparison_operator,
        "TreatMissingData": alarm.treat_missing_data,
        "EvaluateLowSampleCountPercentile": alarm.evaluate_low_sample_count_percentile,
        "Metrics": [_told_query(query) for query in alarm.metric_data_queries],
    }
    return {key: value for key, value in members.items() if value is not None}


def _told_query(query: Any) -> dict[str, Any]:
    stat = query.metric_stat
    members = {
        "Id": query.id,
        "Expression": query.expression,
        "Label": query.label,
        "Period": query.period,
        "ReturnData": query.return_data is None or bool(query.return_data),
        "MetricStat": None
        if stat is None
        else {
            "Metric": {
                "Namespace": stat.metric.namespace,
                "MetricName": stat.metric.metric_name,
                "Dimensions": [{"Name": item.name, "Value": item.value} for item in stat.metric.dimensions],
            },
            "Period": stat.period,
            "Stat": stat.stat,
            **({"Unit": stat.unit} if stat.unit else {}),
        },
    }
    return {key: value for key, value in members.items() if value is not None}


def _evaluate(watch: Watch, show: Callable[[float], object]) -> bool:
    """Evaluates at the end of a period; returns True when there was no data, so that the next one comes to the same."""
    rule, store = watch.rule, store_of(watch.backend)
    start, end = watch.done - rule.looked_at * rule.period, watch.done
    coming = [store.next_after(query.metric, start) for query in watch.queries if query.metric is not None]
    empty = all(moment is None or moment >= end for moment in coming)
    if watch.held and empty:
        return True
    watch.held = False
    verdict = evaluate(rule, _series(watch, store, start, end), end)
    counts = _counts(watch, verdict, store)
    if verdict.state not in (None, watch.alarm.state_value) and not _insignificant(watch, counts):
        show(end)
        mock_random.seed(f"{watch.alarm.alarm_arn}@{end}")
        why = reasons.reason(rule, verdict, watch.alarm.state_value)
        data = reasons.reason_data(rule, verdict, _watched(watch), end, counts)
        change_state(watch.backend, watch.alarm, str(verdict.state), why, data)
    return empty


def _series(watch: Watch, store: Store, start: int, end: int) -> Series:
    try:
        return run(watch.queries, store, start, end)[watch.watched.id]
    except ExpressionError:
        # AWS: an alarm whose expression cannot be evaluated has no data.
        return {}


def _counts(watch: Watch, verdict: Verdict, store: Store) -> list[float]:
    query = watch.watched
    if query.metric is None:
        return []
    return [store.between(query.metric, at, at + query.period, query.unit).count for at, _ in verdict.evaluated]


def _insignificant(watch: Watch, counts: list[float]) -> bool:
    """Returns whether a percentile of few samples is not to be judged."""
    ignores = watch.alarm.evaluate_low_sample_count_percentile == "ignore"
    return ignores and any(too_few(watch.watched.stat, count) for count in counts)


def _watched(watch: Watch) -> dict[str, Any]:
    query = watch.watched
    if query.metric is None:
        return {}
    kind = "statistic" if percentile_of(query.stat) is None else "extendedStatistic"
    return {**({"unit": query.unit} if query.unit else {}), kind: query.stat}


def _next_with_data(watch: Watch, moment: float) -> int:
    """Returns the end of the last period, up to a moment, before there is data again."""
    store, period = store_of(watch.backend), watch.rule.period
    metrics = [query.metric for query in watch.queries if query.metric is not None]
    coming = [at for metric in metrics if (at := store.next_after(metric, watch.done)) is not None]
    last = min([*coming, moment])
    return max(watch.done, int(last // period) * period)
