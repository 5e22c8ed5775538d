"""How services write tags: each in a way of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sluice_sandbox.aws.clients import Clients

Tags = Mapping[str, str]


@dataclass(frozen=True)
class Tagging:
    """One service's way: where tags stand in requests, and which operations read and change them."""

    member: str = "Tags"
    key: str = "Key"
    """The member of a tag that holds its key; empty where tags are a map."""
    value: str = "Value"
    target: str = "ResourceArn"
    """The member that names the resource in tagging operations."""
    lists: str = ""
    adds: str = ""
    removes: str = ""
    removed: str = "TagKeys"
    enabled: bool = True

    def to_api(self, tags: Tags | None) -> Any:
        if not self.key:
            return dict(tags or {})
        return [{self.key: key, self.value: value} for key, value in (tags or {}).items()]

    def from_api(self, tags: Any) -> dict[str, str]:
        # An empty value may be left out of an answer.
        if not self.key:
            return dict(tags or {})
        return {tag[self.key]: tag.get(self.value, "") for tag in tags or []}

    def read(self, aws: Clients, service: str, target: str, described: Mapping[str, Any]) -> dict[str, str] | None:
        """Returns a resource's tags, or None for a type that has none."""
        if not self.enabled:
            return None
        answer = aws.call(service, self.lists, **{self.target: target})
        return self.from_api(next((answer[name] for name in (self.member, "Tags", "tags") if name in answer), None))

    def change(self, aws: Clients, service: str, target: str, old: Tags | None, new: Tags | None) -> None:
        """Makes the new tags those of the resource."""
        gone = sorted((old or {}).keys() - (new or {}).keys())
        if gone:
            aws.call(service, self.removes, **{self.target: target, self.removed: gone})
        if new:
            aws.call(service, self.adds, **{self.target: target, self.member: self.to_api(new)})


NO_TAGS = Tagging(member="", enabled=False)
