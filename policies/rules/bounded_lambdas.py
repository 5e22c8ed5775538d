"""How often a Lambda runs at once is bounded."""

from collections.abc import Iterator

from kit import missing, number, told
from rule import Concern, Finding, Resource, ResourceRule, Settings


def check(resource: Resource, _: Settings) -> Iterator[Finding]:
    value = number(resource.props.get("reservedConcurrentExecutions"))
    if value is None:
        yield from missing(resource, "reservedConcurrentExecutions")
    elif value < 0:
        yield Finding(resource, "reservedConcurrentExecutions", told(value))


RULE = ResourceRule(
    id="bounded-lambdas",
    concern=Concern.SECURITY,
    types=("aws:lambda/function:Function",),
    reason="A storm of events takes the account's concurrency from all others, and a rollback that has none reserved"
    " waits.",
    fix="set reservedConcurrentExecutions",
    covers=("CKV_AWS_115",),
    check=check,
)
