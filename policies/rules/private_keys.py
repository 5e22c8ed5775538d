"""Nobody from elsewhere may use a key."""

from collections.abc import Iterator

from public_access import public_statements
from rule import Concern, Finding, Resource, ResourceRule, Settings


def check(resource: Resource, _: Settings) -> Iterator[Finding]:
    for sid in public_statements(resource.props.get("policy")):
        yield Finding(resource, "policy", f"open to everybody in statement {sid}")


RULE = ResourceRule(
    id="private-keys",
    concern=Concern.SECURITY,
    types=("aws:kms/key:Key", "aws:kms/keyPolicy:KeyPolicy"),
    reason="Encryption with a key that everybody may use is none.",
    fix="name principals in the policy, or let a condition on kms:CallerAccount or aws:SourceArn say who may come",
    covers=("CKV_AWS_33",),
    check=check,
)
