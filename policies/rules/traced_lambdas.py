"""What a Lambda does is traced."""

from collections.abc import Iterator

from kit import unless
from rule import Concern, Finding, Resource, ResourceRule, Settings


def check(resource: Resource, _: Settings) -> Iterator[Finding]:
    yield from unless(resource, "tracingConfig.mode", "Active", "PassThrough")


RULE = ResourceRule(
    id="traced-lambdas",
    concern=Concern.SECURITY,
    types=("aws:lambda/function:Function",),
    reason="After a rollback at night a trace says which call took how long, and which one failed.",
    fix="set mode of tracingConfig to 'Active'",
    covers=("CKV_AWS_50",),
    check=check,
)
