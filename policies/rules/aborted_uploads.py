"""Uploads that nobody finished are cleared away."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from buckets import buckets
from kit import at, is_given, listed
from rule import UNKNOWN, Concern, Finding, Resource, Settings, StackRule


def _clears_all(rule: Mapping[str, Any]) -> bool:
    """Returns whether a rule is about all keys, on and clears uploads away; what is not known yet may be so."""
    narrow = [at(rule, key) for key in ("prefix", "filter.prefix", "filter.and", "filter.tag")]
    narrow += [at(rule, f"filter.objectSize{bound}Than") for bound in ("Greater", "Less")]
    is_on = rule.get("status") in ("Enabled", UNKNOWN)
    return (
        is_on
        and is_given(rule.get("abortIncompleteMultipartUpload"))
        and not any(it is not UNKNOWN and is_given(it) for it in narrow)
    )


def check(stack: Sequence[Resource], _: Settings) -> Iterator[Finding]:
    for bucket in buckets(stack):
        rules = [rule for it in bucket.all("BucketLifecycleConfiguration") for rule in listed(it.props.get("rules"))]
        if not any(rule is UNKNOWN or (isinstance(rule, Mapping) and _clears_all(rule)) for rule in rules):
            yield Finding(bucket.resource, "abortIncompleteMultipartUpload", "missing")


RULE = StackRule(
    id="aborted-uploads",
    concern=Concern.SECURITY,
    types=("aws:s3/*",),
    reason="Their parts are in no listing, and are paid for until somebody clears them away.",
    fix="declare a BucketLifecycleConfiguration whose rule for all keys has abortIncompleteMultipartUpload",
    covers=("CKV_AWS_300",),
    check=check,
)
