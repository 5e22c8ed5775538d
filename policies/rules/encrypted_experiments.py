"""The disks of an inference experiment, and what it captures, are encrypted with a key of your own."""

from collections.abc import Iterator

from kit import is_given, missing
from rule import Concern, Finding, Resource, ResourceRule, Settings


def check(resource: Resource, _: Settings) -> Iterator[Finding]:
    yield from missing(resource, "kmsKey")
    if is_given(resource.props.get("dataStorageConfig")):
        yield from missing(resource, "dataStorageConfig.kmsKey")


RULE = ResourceRule(
    id="encrypted-experiments",
    concern=Concern.SECURITY,
    types=("aws-native:sagemaker:InferenceExperiment",),
    reason="An experiment mirrors the requests of your users.",
    fix="set kmsKey of the experiment and of its dataStorageConfig",
    covers=("SageMaker.23", "SageMaker.24"),
    check=check,
)
