"""Uploads that nobody finished are cleared away."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from buckets import buckets
from kit import at, is_given, listed
from rule import Concern, Finding, Resource, Settings, StackRule


def _clears_all(rule: Mapping[str, Any]) -> bool:
    prefix = at(rule, "filter.prefix") or at(rule, "filter.and.prefix")
    narrowed = prefix or rule.get("prefix") or any(is_given(at(rule, f"filter.{key}")) for key in ("tag", "and"))
    return rule.get("status") == "Enabled" and is_given(rule.get("abortIncompleteMultipartUpload")) and not narrowed


def check(stack: Sequence[Resource], _: Settings) -> Iterator[Finding]:
    for bucket in buckets(stack):
        rules = [
            rule
            for it in bucket.all("BucketLifecycleConfiguration")
            for rule in listed(it.props.get("rules"))
            if isinstance(rule, Mapping)
        ]
        if not any(_clears_all(rule) for rule in rules):
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
