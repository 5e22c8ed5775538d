"""All other buckets are private too."""

from collections.abc import Iterator, Sequence

from buckets import other_buckets
from public_buckets import opened, unblocked
from rule import Concern, Finding, Resource, Settings, StackRule


def check(stack: Sequence[Resource], _: Settings) -> Iterator[Finding]:
    for bucket in other_buckets(stack):
        yield from unblocked(bucket)
        yield from opened(bucket)


RULE = StackRule(
    id="private-buckets",
    concern=Concern.SECURITY,
    types=("aws:s3/*",),
    reason="Captured requests, reports and logs are your users'.",
    fix="block all public access with a BucketPublicAccessBlock whose four flags are true, and grant nothing to "
    "everybody",
    covers=("CKV_AWS_20", "CKV_AWS_53", "CKV_AWS_54", "CKV_AWS_55", "CKV_AWS_56"),
    check=check,
)
