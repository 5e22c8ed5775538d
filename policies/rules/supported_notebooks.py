"""A notebook instance runs a platform that still gets repairs, and gives its credentials by IMDSv2 alone."""

from collections.abc import Iterator

from kit import TEXTS, texts, unless
from rule import Concern, Finding, Resource, ResourceRule, Settings

METADATA = "instanceMetadataServiceConfiguration"


def check(resource: Resource, settings: Settings) -> Iterator[Finding]:
    yield from unless(resource, "platformIdentifier", *texts(settings, "platforms"))
    yield from unless(resource, f"{METADATA}.minimumInstanceMetadataServiceVersion", "2")


RULE = ResourceRule(
    id="supported-notebooks",
    concern=Concern.SECURITY,
    types=("aws:sagemaker/notebookInstance:NotebookInstance",),
    reason="Known holes of an old platform stay open, and IMDSv1 gives credentials to whoever can make it send a "
    "request.",
    fix="set platformIdentifier to one of the setting `platforms`, and minimumInstanceMetadataServiceVersion to '2'",
    covers=("SageMaker.8", "CKV_AWS_371"),
    settings={
        "platforms": {
            **TEXTS,
            "default": ["notebook-al2-v3", "notebook-al2023-v1"],
            "description": "Platforms in support.",
        }
    },
    check=check,
)
