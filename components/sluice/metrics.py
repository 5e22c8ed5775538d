"""Every metric that Sluice judges by, once, for alarms, dashboards and gates. Standard library only, for Lambda."""

from dataclasses import dataclass

QUALITY_NAMESPACE = "Sluice/Quality"
"""Where the application's own figures about answers are."""


@dataclass(frozen=True)
class Metric:
    """What CloudWatch calls a figure about one variant of an endpoint."""

    namespace: str
    name: str
    per_unit: float = 1.0
    """How many of CloudWatch's unit are one of ours."""

    def dimensions(self, endpoint: str, variant: str) -> list[dict[str, str]]:
        """Returns whose figure it is, as CloudWatch's API takes it."""
        return [{"Name": "EndpointName", "Value": endpoint}, {"Name": "VariantName", "Value": variant}]

    def named(self, endpoint: str, variant: str) -> dict[str, object]:
        """Returns the structure `Metric` of CloudWatch's API."""
        return {
            "Namespace": self.namespace,
            "MetricName": self.name,
            "Dimensions": self.dimensions(endpoint, variant),
        }


REQUESTS = Metric("AWS/SageMaker", "Invocations")
"""Requests to a variant; the sum counts."""
ERRORS_4XX = Metric("AWS/SageMaker", "Invocation4XXErrors")
ERRORS_5XX = Metric("AWS/SageMaker", "Invocation5XXErrors")
MODEL_LATENCY = Metric("AWS/SageMaker", "ModelLatency", per_unit=1000.0)
"""What the container takes: microseconds in CloudWatch, milliseconds with us."""
OVERHEAD_LATENCY = Metric("AWS/SageMaker", "OverheadLatency", per_unit=1000.0)
"""What SageMaker adds: microseconds in CloudWatch, milliseconds with us."""


def quality(name: str) -> Metric:
    """Returns a figure about answers, which an application or an evaluation publishes."""
    return Metric(QUALITY_NAMESPACE, name)
