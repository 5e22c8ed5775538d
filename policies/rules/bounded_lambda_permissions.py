"""A service may call a Lambda on behalf of named resources alone."""

from collections.abc import Iterator

from kit import is_given
from rule import Concern, Finding, Resource, ResourceRule, Settings


def check(resource: Resource, _: Settings) -> Iterator[Finding]:
    principal = resource.props.get("principal")
    if principal == "*":
        yield Finding(resource, "principal", "'*'")
    elif isinstance(principal, str) and principal.endswith((".amazonaws.com", ".amazonaws.com.cn")):
        sources = (resource.props.get(key) for key in ("sourceArn", "sourceAccount"))
        if not any(map(is_given, sources)):
            yield Finding(resource, "sourceArn", "missing")


RULE = ResourceRule(
    id="bounded-lambda-permissions",
    concern=Concern.SECURITY,
    types=("aws:lambda/permission:Permission",),
    reason="A service acts for all of its customers: without a source, so can their alarms and topics.",
    fix="set sourceArn, and sourceAccount where the ARN does not name one",
    covers=("CKV_AWS_301", "CKV_AWS_364"),
    check=check,
)
