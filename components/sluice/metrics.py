"""Every metric that Sluice judges by, once, for alarms, dashboards and gates. Standard library only, for Lambda."""

from dataclasses import dataclass

SAGEMAKER_NAMESPACE = "AWS/SageMaker"
INSTANCES_NAMESPACE = "/aws/sagemaker/Endpoints"
"""Where a variant's instances tell how busy they are; serverless variants have none."""
QUALITY_NAMESPACE = "Sluice/Quality"
"""Where the application's own figures about answers are."""


@dataclass(frozen=True)
class Metric:
    """What CloudWatch calls a figure about one variant of an endpoint."""

    namespace: str
    name: str
    per_unit: float = 1.0
    """How many of CloudWatch's unit are one of ours."""
    unit: str = "None"
    """CloudWatch's word for the unit."""
    statistic: str = "Sum"
    """The statistic that says how a variant does."""

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


REQUESTS = Metric(SAGEMAKER_NAMESPACE, "Invocations")
"""Requests to a variant; the sum counts."""
ERRORS_4XX = Metric(SAGEMAKER_NAMESPACE, "Invocation4XXErrors")
ERRORS_5XX = Metric(SAGEMAKER_NAMESPACE, "Invocation5XXErrors")
MODEL_LATENCY = Metric(SAGEMAKER_NAMESPACE, "ModelLatency", 1000.0, "Microseconds", "p95")
"""What the container takes: microseconds in CloudWatch, milliseconds with us."""
OVERHEAD_LATENCY = Metric(SAGEMAKER_NAMESPACE, "OverheadLatency", 1000.0, "Microseconds", "p95")
"""What SageMaker adds: microseconds in CloudWatch, milliseconds with us."""

CPU = Metric(INSTANCES_NAMESPACE, "CPUUtilization", unit="Percent", statistic="Average")
"""Of one core: an instance with four has up to 400."""
MEMORY = Metric(INSTANCES_NAMESPACE, "MemoryUtilization", unit="Percent", statistic="Average")
GPU = Metric(INSTANCES_NAMESPACE, "GPUUtilization", unit="Percent", statistic="Average")
"""Of one GPU; an instance without any does not tell it."""
GPU_MEMORY = Metric(INSTANCES_NAMESPACE, "GPUMemoryUtilization", unit="Percent", statistic="Average")


def quality(name: str) -> Metric:
    """Returns a figure about answers, which an application or an evaluation publishes."""
    return Metric(QUALITY_NAMESPACE, name, statistic="Average")


HALLUCINATION_RATE = quality("HallucinationRate")
"""The share of answers, 0 to 1, that claim what is not so: 0 or 1 an answer, or a sample's share."""
