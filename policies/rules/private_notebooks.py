"""A notebook instance is in a subnet of yours and has no way of its own to the internet."""

from collections.abc import Iterator

from kit import missing, unless
from rule import Concern, Finding, Resource, ResourceRule, Settings


def check(resource: Resource, _: Settings) -> Iterator[Finding]:
    yield from missing(resource, "subnetId")
    yield from unless(resource, "directInternetAccess", "Disabled")


RULE = ResourceRule(
    id="private-notebooks",
    concern=Concern.SECURITY,
    types=("aws:sagemaker/notebookInstance:NotebookInstance",),
    reason="Who has a notebook has its role's rights and whatever data it read; a subnet says where that can go.",
    fix="set subnetId, and directInternetAccess to 'Disabled'",
    covers=("SageMaker.1", "SageMaker.2", "CKV_AWS_122", "CKV_AWS_306"),
    check=check,
)
