"""Queries of metrics and of expressions over them, as GetMetricData and alarms have them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sluice_sandbox.cloudwatch.arithmetic import Series, evaluate
from sluice_sandbox.cloudwatch.expressions import ExpressionError, Node, names_in, parse
from sluice_sandbox.cloudwatch.store import Metric, Store

_DIVISIONS = (1, 5, 10, 20, 30)
_MINUTE = 60


@dataclass(frozen=True)
class Query:
    """One metric's statistic, or an expression over other queries."""

    id: str
    metric: Metric | None = None
    stat: str = "Average"
    period: int = _MINUTE
    unit: str | None = None
    expression: str | None = None
    returns: bool = True
    label: str | None = None

    @classmethod
    def of(cls, request: Mapping[str, Any]) -> "Query":
        """Returns the query that a MetricDataQuery structure tells."""
        stat = request.get("MetricStat") or {}
        named = stat.get("Metric") or {}
        metric = Metric.of(named["Namespace"], named["MetricName"], named.get("Dimensions") or ()) if named else None
        return cls(
            request["Id"],
            metric,
            stat.get("Stat") or "Average",
            int(stat.get("Period") or request.get("Period") or _MINUTE),
            stat.get("Unit"),
            request.get("Expression"),
            bool(request.get("ReturnData", True)),
            request.get("Label"),
        )

    @property
    def told_label(self) -> str:
        return self.label or (self.metric.name if self.metric is not None else self.id)


@lru_cache(maxsize=1024)
def trees(queries: tuple[Query, ...]) -> dict[str, Node]:
    """
    Returns the expressions among queries, read.

    Raises ExpressionError with AWS's preamble, and NotImplementedError for what CloudWatch has and the sandbox has not.
    """
    known = {query.id for query in queries}
    found: dict[str, Node] = {}
    for query in queries:
        if query.expression is None:
            continue
        try:
            found[query.id] = parse(query.expression)
            lost = sorted(names_in(found[query.id]) - known)
            if lost:
                raise ExpressionError(f"'{lost[0]}' is not the id of a metric or expression")
        except ExpressionError as error:
            raise ExpressionError(f"Error in expression '{query.id}': {error}") from error
    _refuse_circles(found)
    return found


def run(queries: Sequence[Query], store: Store, start: float, end: float) -> dict[str, Series]:
    """
    Returns the series of every query, from `start` to before `end`, periods counted from `start`.

    Raises ExpressionError when an expression does not come to a series.
    """
    read = trees(tuple(queries))
    found = {query.id: measured(query, store, start, end) for query in queries if query.metric is not None}
    grid = grid_of(queries, start, end)
    for name in _in_order(read):
        try:
            value = evaluate(read[name], found, grid)
            if not isinstance(value, dict):
                raise ExpressionError("The expression must return a single time series")
        except ExpressionError as error:
            raise ExpressionError(f"Error in expression '{name}': {error}") from error
        found[name] = dict(sorted(value.items()))
    return found


def measured(query: Query, store: Store, start: float, end: float) -> Series:
    """Returns the statistic of a metric for each period that has one."""
    assert query.metric is not None
    found: Series = {}
    for moment in grid_of([query], start, end):
        value = store.between(query.metric, moment, min(moment + query.period, end), query.unit).statistic(query.stat)
        if value is not None:
            found[moment] = value
    return found


def grid_of(queries: Iterable[Query], start: float, end: float) -> list[int]:
    """Returns the starts of the periods, of the shortest among the metrics of these queries."""
    queries = list(queries)
    periods = [query.period for query in queries if query.metric is not None] or [query.period for query in queries]
    period = min(periods)
    first = rounded(start, period)
    return list(range(first, int(-(-end // 1)), period))


def rounded(start: float, period: int) -> int:
    """Returns when the first period begins: AWS rounds down to the minute, or to the division of one below a minute."""
    unit = period if period in _DIVISIONS else _MINUTE
    return int(start // unit) * unit


def _in_order(read: Mapping[str, Node]) -> list[str]:
    """Returns the expressions so that each comes after those that it refers to."""
    done: list[str] = []

    def visit(name: str) -> None:
        for other in sorted(names_in(read[name]) & read.keys()):
            visit(other)
        if name not in done:
            done.append(name)

    for name in read:
        visit(name)
    return done


def _refuse_circles(read: Mapping[str, Node]) -> None:
    def visit(name: str, above: tuple[str, ...]) -> None:
        if name in above:
            raise ExpressionError(f"Error in expression '{name}': The expression refers to itself")
        for other in sorted(names_in(read[name]) & read.keys()):
            visit(other, (*above, name))

    for name in read:
        visit(name, ())
