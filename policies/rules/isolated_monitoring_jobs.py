"""The containers of a monitoring job are cut off from every network."""

from collections.abc import Iterator

from kit import unless
from monitoring import network_settings
from rule import Concern, Finding, Resource, ResourceRule, Settings


def check(resource: Resource, settings: Settings) -> Iterator[Finding]:
    for at_path in network_settings(resource):
        yield from unless(resource, f"{at_path}.enableNetworkIsolation", True)


RULE = ResourceRule(
    id="isolated-monitoring-jobs",
    concern=Concern.SECURITY,
    types=(
        "aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition",
        "aws:sagemaker/monitoringSchedule:MonitoringSchedule",
        "aws-native:sagemaker:*JobDefinition",
        "aws-native:sagemaker:MonitoringSchedule",
    ),
    reason="SageMaker brings them what they need; a network is only a way out for what they read.",
    fix="set enableNetworkIsolation of networkConfig",
    covers=("SageMaker.11", "SageMaker.12", "SageMaker.14", "SageMaker.20", "SageMaker.25"),
    check=check,
)
