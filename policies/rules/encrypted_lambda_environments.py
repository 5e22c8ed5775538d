"""The environment of a Lambda is encrypted with a key of your own."""

from collections.abc import Iterator

from kit import at, is_given, missing
from rule import Concern, Finding, Resource, ResourceRule, Settings


def check(resource: Resource, _: Settings) -> Iterator[Finding]:
    if is_given(at(resource.props, "environment.variables")):
        yield from missing(resource, "kmsKeyArn")


RULE = ResourceRule(
    id="encrypted-lambda-environments",
    concern=Concern.SECURITY,
    types=("aws:lambda/function:Function",),
    reason="With a key of your own, who may read it is decided apart from who may describe the function.",
    fix="set kmsKeyArn",
    covers=("CKV_AWS_173",),
    check=check,
)
