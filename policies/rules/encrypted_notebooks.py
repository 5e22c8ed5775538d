"""The disk of a notebook instance is encrypted with a key of your own."""

from collections.abc import Iterator

from kit import missing
from rule import Concern, Finding, Resource, ResourceRule, Settings


def check(resource: Resource, _: Settings) -> Iterator[Finding]:
    yield from missing(resource, "kmsKeyId")


RULE = ResourceRule(
    id="encrypted-notebooks",
    concern=Concern.SECURITY,
    types=("aws:sagemaker/notebookInstance:NotebookInstance",),
    reason="Copies of data stay on it long after they were looked at.",
    fix="set kmsKeyId",
    covers=("SageMaker.21", "CKV_AWS_22"),
    check=check,
)
