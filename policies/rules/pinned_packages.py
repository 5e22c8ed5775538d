"""No model is served by its entry in a registry."""

from collections.abc import Iterator

from containers import containers
from rule import UNKNOWN, Concern, Finding, Resource, ResourceRule, Settings


def check(resource: Resource, _: Settings) -> Iterator[Finding]:
    for path, container in containers(resource):
        package = container.get("modelPackageName")
        if package not in (None, UNKNOWN):
            yield Finding(resource, f"{path}.modelPackageName", repr(package))


RULE = ResourceRule(
    id="pinned-packages",
    concern=Concern.EVIDENCE,
    types=("aws:sagemaker/*", "aws-native:sagemaker:*", "sluice:*"),
    reason="A registry's entry can be changed after the review, and its ARN stays the same.",
    fix="name the image by digest and the artifact by content, as `sluice lock` finds them behind the entry",
    check=check,
)
