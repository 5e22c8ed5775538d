"""Keys are rotated every year."""

from collections.abc import Iterator

from kit import unless
from rule import Changes, Concern, Finding, Resource, ResourceRule, Settings


def check(resource: Resource, _: Settings) -> Iterator[Finding]:
    if resource.props.get("customerMasterKeySpec") in (None, "SYMMETRIC_DEFAULT"):
        yield from unless(resource, "enableKeyRotation", True)


def remedy(resource: Resource, settings: Settings) -> Changes:
    """Turns rotation on, which changes nothing for whoever uses the key."""
    return {("enableKeyRotation",): True} if list(check(resource, settings)) else {}


RULE = ResourceRule(
    id="rotated-keys",
    concern=Concern.SECURITY,
    types=("aws:kms/key:Key",),
    reason="What leaked once then opens a year's data at most, and nothing has to be encrypted again.",
    fix="set enableKeyRotation",
    covers=("CKV_AWS_7",),
    remedy=remedy,
    check=check,
)
