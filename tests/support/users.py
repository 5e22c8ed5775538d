"""What users of an endpoint meet: metrics, as SageMaker would publish them for the time that passes."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sluice_sandbox.aws.supervisor import Aws

_BATCH = timedelta(minutes=12)


class Users:
    """The users of one endpoint on the sandbox's AWS."""

    def __init__(self, aws: Aws, cloudwatch: Any, endpoint: str) -> None:
        self._aws, self._cloudwatch, self._endpoint = aws, cloudwatch, endpoint

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._aws.control("clock")["now"], UTC)

    def ask(self, hours: float, per_hour: dict[str, int], **badly: dict[str, float]) -> None:
        """
        Lets hours pass in which each slot gets so many requests.

        `badly` may have `errors`, from a slot to the share that fails, and `latency_ms`, from a slot to what it takes.
        """
        start = self.now()
        self._aws.advance(hours * 3600)
        data: list[dict[str, Any]] = []
        for step in range(round(timedelta(hours=hours) / _BATCH)):
            at = start + step * _BATCH
            for slot, requests in per_hour.items():
                data += self._data(slot, at, requests * _BATCH / timedelta(hours=1), badly)
        for first in range(0, len(data), 500):
            self._cloudwatch.put_metric_data(Namespace="AWS/SageMaker", MetricData=data[first : first + 500])

    def _data(self, slot: str, at: datetime, requests: float, badly: dict[str, Any]) -> list[dict[str, Any]]:
        failed = requests * badly.get("errors", {}).get(slot, 0.0)
        latency = 1000.0 * badly.get("latency_ms", {}).get(slot, 20.0)
        dimensions = [{"Name": "EndpointName", "Value": self._endpoint}, {"Name": "VariantName", "Value": slot}]
        figures = [("Invocations", 1.0, requests), ("Invocation5XXErrors", 1.0, failed)]
        figures.append(("ModelLatency", latency, requests))
        return [
            {"MetricName": name, "Dimensions": dimensions, "Timestamp": at, "Values": [value], "Counts": [count]}
            for name, value, count in figures
            if count
        ]
