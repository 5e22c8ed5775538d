"""People who use an endpoint: the metrics that SageMaker would publish while they do, for time that passes at once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sluice_sandbox.aws.supervisor import Aws

_BATCH = timedelta(minutes=12)
_PAGE = 500
_MOST_HOURS = 1.8
_MICROSECONDS = 1000.0
_USUAL_MS = 20.0


@dataclass(frozen=True)
class Users:
    """The users of one endpoint on the sandbox's AWS."""

    aws: Aws
    cloudwatch: Any
    """A client of it."""
    endpoint: str

    def now(self) -> datetime:
        """Returns the sandbox's time, in UTC."""
        return datetime.fromtimestamp(self.aws.control("clock")["now"], UTC)

    def ask(
        self, hours: float, per_hour: Mapping[str, float], every: timedelta = _BATCH, **badly: Mapping[str, float]
    ) -> None:
        """
        Lets hours pass in which each variant gets so many requests an hour, counted as often as `every` says.

        `badly` may have `errors`, from a variant to the share that fails, and `latency_ms`, from one to what it takes.
        Alarms see it as it happens.
        """
        # CloudWatch takes figures of no more than two hours to come.
        while hours > 1e-9:
            part = min(hours, _MOST_HOURS)
            self._ask(part, per_hour, every, badly)
            hours -= part

    def _ask(
        self, hours: float, per_hour: Mapping[str, float], every: timedelta, badly: Mapping[str, Mapping[str, float]]
    ) -> None:
        start = self.now()
        data = [
            datum
            for step in range(max(1, round(timedelta(hours=hours) / every)))
            for variant, requests in per_hour.items()
            for datum in self._data(variant, start + step * every, requests * every / timedelta(hours=1), badly)
        ]
        for first in range(0, len(data), _PAGE):
            self.cloudwatch.put_metric_data(Namespace="AWS/SageMaker", MetricData=data[first : first + _PAGE])
        self.aws.advance(hours * 3600)

    def _data(
        self, variant: str, at: datetime, requests: float, badly: Mapping[str, Mapping[str, float]]
    ) -> Iterator[dict[str, Any]]:
        failed = requests * badly.get("errors", {}).get(variant, 0.0)
        latency = _MICROSECONDS * badly.get("latency_ms", {}).get(variant, _USUAL_MS)
        dimensions = [{"Name": "EndpointName", "Value": self.endpoint}, {"Name": "VariantName", "Value": variant}]
        figures = [("Invocations", 1.0, requests), ("Invocation5XXErrors", 1.0, failed)]
        figures.append(("ModelLatency", latency, requests))
        for name, value, count in figures:
            if count:
                yield {
                    "MetricName": name,
                    "Dimensions": dimensions,
                    "Timestamp": at,
                    "Values": [value],
                    "Counts": [count],
                }
