"""What monitoring jobs write, and the disks that they use, are encrypted with a key of your own."""

from collections.abc import Iterator

from kit import missing
from rule import Concern, Finding, Resource, ResourceRule, Settings


def check(resource: Resource, _: Settings) -> Iterator[Finding]:
    yield from missing(resource, "dataQualityJobOutputConfig.kmsKeyId", "jobResources.clusterConfig.volumeKmsKeyId")


RULE = ResourceRule(
    id="encrypted-monitoring-jobs",
    concern=Concern.SECURITY,
    types=("aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition",),
    reason="These jobs read the requests that were captured, and what they find tells about them.",
    fix="set both keys, kmsKeyId of the output and volumeKmsKeyId of the cluster",
    covers=("CKV_AWS_367", "CKV_AWS_368"),
    check=check,
)
