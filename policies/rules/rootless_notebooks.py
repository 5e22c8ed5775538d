"""Nobody is root on a notebook instance."""

from collections.abc import Iterator

from kit import unless
from rule import Concern, Finding, Resource, ResourceRule, Settings


def check(resource: Resource, _: Settings) -> Iterator[Finding]:
    yield from unless(resource, "rootAccess", "Disabled")


RULE = ResourceRule(
    id="rootless-notebooks",
    concern=Concern.SECURITY,
    types=("aws:sagemaker/notebookInstance:NotebookInstance",),
    reason="Root turns off what watches the instance.",
    fix="set rootAccess to 'Disabled'",
    covers=("SageMaker.3", "CKV_AWS_307"),
    check=check,
)
