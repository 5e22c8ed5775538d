"""What lifecycle rules do to the artifacts of models."""

from collections.abc import Iterator, Mapping
from typing import Any

from buckets import Bucket
from containers import artifacts, containers
from kit import at, is_given, listed
from rule import Resource


def aging_rules(bucket: Bucket) -> Iterator[tuple[Resource, str, Mapping[str, Any]]]:
    """Yields the rules of a bucket in force that move or delete objects: the resource, the path and the rule."""
    for setting in bucket.all("BucketLifecycleConfiguration"):
        for index, rule in enumerate(listed(setting.props.get("rules"))):
            if not isinstance(rule, Mapping) or rule.get("status") != "Enabled":
                continue
            ends = any(is_given(at(rule, f"expiration.{key}")) for key in ("days", "date"))
            if ends or is_given(rule.get("transitions")):
                yield setting, f"rules[{index}]", rule


def prefix_of(rule: Mapping[str, Any]) -> str:
    """Returns what the keys of a rule's objects begin with; nothing for a rule about all."""
    found = (at(rule, key) for key in ("filter.prefix", "filter.and.prefix", "prefix"))
    return next((it for it in found if isinstance(it, str)), "")


def artifact_urls(model: Resource) -> list[str]:
    """Returns the addresses of all that a model loads, where they are known."""
    found = (url for path, container in containers(model) for _, url in artifacts(path, container))
    return [url for url in found if isinstance(url, str)]
