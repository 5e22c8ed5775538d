"""How S3 decides which lifecycle rules concern an object: a model of it, for tests."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Rule = Mapping[str, Any]
"""A rule as `GetBucketLifecycleConfiguration` tells it."""
_ACTIONS = ("Transitions", "Expiration", "NoncurrentVersionTransitions", "NoncurrentVersionExpiration")
_KNOWN = {"ID", "Status", "Filter", "Prefix", "AbortIncompleteMultipartUpload", *_ACTIONS}


@dataclass(frozen=True)
class StoredObject:
    """An object in a bucket, or one that was: rules for superseded objects match the same way."""

    key: str
    size: int = 1
    tags: Mapping[str, str] = field(default_factory=dict)


def fates(rules: Sequence[Rule], stored: StoredObject) -> set[str]:
    """Returns what some rule does to an object or to its superseded versions, sooner or later."""
    return {action for rule in rules if matches(rule, stored) for action in _ACTIONS if rule.get(action)}


def matches(rule: Rule, stored: StoredObject) -> bool:
    """True when a rule concerns an object. Raises ValueError for a rule that this model does not understand."""
    if unknown := rule.keys() - _KNOWN:
        raise ValueError(f"a rule has {unknown}")
    where = dict(rule.get("Filter", {"Prefix": rule.get("Prefix", "")}))
    where |= where.pop("And", {})
    tags = [where.pop("Tag")] if "Tag" in where else where.pop("Tags", [])
    fits = (
        stored.key.startswith(where.pop("Prefix", ""))
        and stored.size > where.pop("ObjectSizeGreaterThan", -1)
        and stored.size < where.pop("ObjectSizeLessThan", float("inf"))
        and all(stored.tags.get(tag["Key"]) == tag["Value"] for tag in tags)
    )
    if fits and where:
        raise ValueError(f"a filter has {where.keys()}")
    return bool(rule["Status"] == "Enabled" and fits)


def as_api(declared: Any) -> Any:
    """Returns a rule that was declared to `pulumi_aws` under the names of the API."""
    if isinstance(declared, list):
        return [as_api(item) for item in declared]
    if not hasattr(declared, "__dict__"):
        return declared
    return {_member(name): as_api(value) for name, value in vars(declared).items() if value is not None}


def _member(name: str) -> str:
    return "ID" if name == "id" else "".join(part.capitalize() for part in name.split("_"))
