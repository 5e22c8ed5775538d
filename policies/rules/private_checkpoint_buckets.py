"""Checkpoint buckets are private, whichever of S3's ways to publish is tried."""

from collections.abc import Iterator, Sequence

from buckets import CheckpointBucket, checkpoint_buckets
from public_access import CANNED_ACLS, public_grants, public_statements
from rule import UNKNOWN, Finding, Resource, StackRule

FLAGS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")


def check(stack: Sequence[Resource]) -> Iterator[Finding]:
    for bucket in checkpoint_buckets(stack):
        yield from _blocked(bucket)
        for resource in [bucket.resource, *bucket.all("BucketPolicy", "AccessPoint")]:
            for statement in public_statements(resource.props.get("policy")):
                yield Finding(resource, "policy", f"open to everybody in statement {statement}")
        for resource in [bucket.resource, *bucket.all("BucketAcl", "BucketObject", "ObjectCopy")]:
            yield from _acl(resource)


def _blocked(bucket: CheckpointBucket) -> Iterator[Finding]:
    blocks = bucket.all("BucketPublicAccessBlock")
    if not blocks:
        yield Finding(bucket.resource, "BucketPublicAccessBlock", "missing")
    for block in blocks:
        for flag in FLAGS:
            if block.props.get(flag) not in (True, UNKNOWN):
                yield Finding(block, flag, "not true")


def _acl(resource: Resource) -> Iterator[Finding]:
    acl, policy = resource.props.get("acl"), resource.props.get("accessControlPolicy")
    if acl in CANNED_ACLS:
        yield Finding(resource, "acl", repr(acl))
    for index, group in public_grants(resource.props.get("grants")):
        yield Finding(resource, f"grants[{index}]", f"for {group}")
    if isinstance(policy, dict):
        for index, group in public_grants(policy.get("grants")):
            yield Finding(resource, f"accessControlPolicy.grants[{index}]", f"for {group}")


RULE = StackRule(
    id="private-checkpoint-buckets",
    reason="Weights are what a model is: who reads them has it, and who writes them decides what it answers.",
    fix="use the component CheckpointStore, or block all public access with a BucketPublicAccessBlock whose four flags "
    "are true, and grant nothing to everybody",
    check=check,
)
