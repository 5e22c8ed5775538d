"""What people say in a human review is encrypted with a key of your own."""

from collections.abc import Iterator

from kit import missing
from rule import Concern, Finding, Resource, ResourceRule, Settings


def check(resource: Resource, _: Settings) -> Iterator[Finding]:
    yield from missing(resource, "outputConfig.kmsKeyId")


RULE = ResourceRule(
    id="encrypted-review-output",
    concern=Concern.SECURITY,
    types=("aws:sagemaker/flowDefinition:FlowDefinition",),
    reason="A review holds the request, the answer and somebody's judgement of both.",
    fix="set kmsKeyId of outputConfig",
    covers=("CKV_AWS_372",),
    check=check,
)
