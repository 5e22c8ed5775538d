"""What the provider protocol says and the SDK's request classes leave out."""

from collections.abc import Callable, Mapping
from typing import Protocol, runtime_checkable

from pulumi.provider.experimental import provider
from pulumi.provider.experimental.property_value import PropertyValue


@runtime_checkable
class Tells(Protocol):
    """A provider that says how far it is with what takes long, and what it found."""

    tell: Callable[[str, str], None]
    """Takes the URN of a resource, and how far it is, for people who watch now."""
    say: Callable[[str, str], None]
    """Takes the URN of a resource, and what is good to know of it when all is over."""
    warn: Callable[[str, str], None]
    """Takes the URN of a resource, and what somebody should know of it when all is over."""


class DiffRequest(provider.DiffRequest):
    """A diff request that also carries the inputs of the last deployment."""

    def __init__(
        self,
        urn: str,
        resource_id: str,
        old_state: dict[str, PropertyValue],
        new_inputs: dict[str, PropertyValue],
        ignore_changes: list[str],
        old_inputs: dict[str, PropertyValue],
    ) -> None:
        super().__init__(urn, resource_id, old_state, new_inputs, ignore_changes)
        self.old_inputs = old_inputs


class UpdateRequest(provider.UpdateRequest):
    """An update request that also carries the inputs of the last deployment."""

    def __init__(
        self,
        urn: str,
        resource_id: str,
        olds: dict[str, PropertyValue],
        news: dict[str, PropertyValue],
        timeout: float,
        ignore_changes: list[str],
        preview: bool,
        old_inputs: dict[str, PropertyValue],
    ) -> None:
        super().__init__(urn, resource_id, olds, news, timeout, ignore_changes, preview)
        self.old_inputs = old_inputs


class ResourceInitFailed(Exception):
    """
    The resource exists but did not become ready.

    The engine records it with its id and properties, so that the next update continues instead of losing it.
    """

    def __init__(self, resource_id: str, properties: Mapping[str, PropertyValue], reasons: list[str]) -> None:
        super().__init__("; ".join(reasons))
        self.resource_id = resource_id
        self.properties = dict(properties)
        self.reasons = reasons
