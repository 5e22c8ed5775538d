"""Whether a bucket is open to everybody, whichever of S3's ways to publish is tried."""

from collections.abc import Iterator

from buckets import Bucket
from public_access import CANNED_ACLS, public_grants, public_statements
from rule import UNKNOWN, Finding, Resource

FLAGS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")


def unblocked(bucket: Bucket) -> Iterator[Finding]:
    """Yields what lacks of a block of all public access."""
    blocks = bucket.all("BucketPublicAccessBlock")
    if not blocks:
        yield Finding(bucket.resource, "BucketPublicAccessBlock", "missing")
    for block in blocks:
        for flag in FLAGS:
            if block.props.get(flag) not in (True, UNKNOWN):
                yield Finding(block, flag, "not true")


def opened(bucket: Bucket) -> Iterator[Finding]:
    """Yields the policies, ACLs and grants that let everybody in."""
    for resource in [bucket.resource, *bucket.all("BucketPolicy", "AccessPoint")]:
        for statement in public_statements(resource.props.get("policy")):
            yield Finding(resource, "policy", f"open to everybody in statement {statement}")
    for resource in [bucket.resource, *bucket.all("BucketAcl", "BucketObject", "ObjectCopy")]:
        yield from _acl(resource)


def _acl(resource: Resource) -> Iterator[Finding]:
    acl, policy = resource.props.get("acl"), resource.props.get("accessControlPolicy")
    if acl in CANNED_ACLS:
        yield Finding(resource, "acl", repr(acl))
    for index, group in public_grants(resource.props.get("grants")):
        yield Finding(resource, f"grants[{index}]", f"for {group}")
    if isinstance(policy, dict):
        for index, group in public_grants(policy.get("grants")):
            yield Finding(resource, f"accessControlPolicy.grants[{index}]", f"for {group}")
