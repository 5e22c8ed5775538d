"""No policy allows every action, of all services or of one."""

from collections.abc import Iterator

from grants import POLICY_TYPES, allowed
from rule import Concern, Finding, Resource, ResourceRule, Settings


def check(resource: Resource, _: Settings) -> Iterator[Finding]:
    for path, statement, actions in allowed(resource):
        if "NotAction" in statement:
            yield Finding(resource, f"{path}.NotAction", "all but a few actions")
        for action in actions:
            if action == "*" or action.endswith(":*"):
                yield Finding(resource, f"{path}.Action", repr(action))


RULE = ResourceRule(
    id="no-wildcard-actions",
    concern=Concern.SECURITY,
    types=POLICY_TYPES,
    reason="Such a policy also allows what the service learns to do tomorrow.",
    fix="name the actions that are needed",
    covers=("CKV_AWS_62", "CKV_AWS_63"),
    check=check,
)
