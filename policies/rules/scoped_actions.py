"""What an action can be confined to, a policy names."""

from collections.abc import Iterator

from grants import POLICY_TYPES, allowed, can_be_scoped, is_on_everything
from rule import Concern, Finding, Resource, ResourceRule, Settings


def check(resource: Resource, _: Settings) -> Iterator[Finding]:
    for path, statement, actions in allowed(resource):
        for action in actions:
            # What allows all actions is another policy's business.
            broad = action == "*" or action.endswith(":*")
            if is_on_everything(statement) and not broad and can_be_scoped(action):
                yield Finding(resource, f"{path}.Resource", f"'*' for {action}")


RULE = ResourceRule(
    id="scoped-actions",
    concern=Concern.SECURITY,
    types=POLICY_TYPES,
    reason="On every resource, reading is how data leaves, and writing is how other teams' systems break.",
    fix="name the resources, or add a condition that confines it",
    covers=("CKV_AWS_287", "CKV_AWS_288", "CKV_AWS_289", "CKV_AWS_290", "CKV_AWS_355"),
    check=check,
)
