"""CloudWatch's GetMetricData, as far as gates need it: answers from a table, in pages, and counts its calls."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

Points = Mapping[datetime, float]


class CountedMetrics:
    """A client that knows figures by endpoint, variant, metric and statistic; others have no data."""

    def __init__(self, figures: Mapping[tuple[str, str, str, str], Points] | None = None, page: int = 10_000) -> None:
        self._figures, self._page = figures or {}, page
        self.calls: list[dict[str, Any]] = []

    def get_metric_data(self, **request: Any) -> dict[str, Any]:
        self.calls.append(request)
        first = int(request.get("NextToken", 0))
        wanted = request["MetricDataQueries"][first : first + self._page]
        answer: dict[str, Any] = {"MetricDataResults": [self._result(query) for query in wanted]}
        if first + self._page < len(request["MetricDataQueries"]):
            answer["NextToken"] = str(first + self._page)
        return answer

    def _result(self, query: dict[str, Any]) -> dict[str, Any]:
        stat = query["MetricStat"]
        whose = {it["Name"]: it["Value"] for it in stat["Metric"]["Dimensions"]}
        key = (whose["EndpointName"], whose["VariantName"], stat["Metric"]["MetricName"], stat["Stat"])
        points = self._figures.get(key, {})
        return {"Id": query["Id"], "Timestamps": list(points), "Values": list(points.values())}
