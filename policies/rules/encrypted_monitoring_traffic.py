"""The containers of a monitoring job talk to each other encrypted."""

from collections.abc import Iterator

from kit import unless
from monitoring import network_settings
from rule import Concern, Finding, Resource, ResourceRule, Settings


def check(resource: Resource, settings: Settings) -> Iterator[Finding]:
    for at_path in network_settings(resource):
        yield from unless(resource, f"{at_path}.enableInterContainerTrafficEncryption", True)


RULE = ResourceRule(
    id="encrypted-monitoring-traffic",
    concern=Concern.SECURITY,
    types=(
        "aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition",
        "aws:sagemaker/monitoringSchedule:MonitoringSchedule",
        "aws-native:sagemaker:*JobDefinition",
        "aws-native:sagemaker:MonitoringSchedule",
    ),
    reason="What they tell each other are requests and answers of your users.",
    fix="set enableInterContainerTrafficEncryption of networkConfig",
    covers=("CKV_AWS_369", "SageMaker.9", "SageMaker.10", "SageMaker.13", "SageMaker.15", "SageMaker.22"),
    check=check,
)
