"""Property values as plain Python and back, secrets remembered."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import pulumi
from pulumi.provider.experimental.property_value import Computed, PropertyValue

from sluice.provider.wire import Properties


class _Unknown:
    """A value that a preview does not know yet."""

    def __repr__(self) -> str:
        return "[unknown]"

    def __deepcopy__(self, _: dict[int, Any]) -> "_Unknown":
        return self


UNKNOWN = _Unknown()


def to_plain(properties: Mapping[str, PropertyValue]) -> dict[str, Any]:
    """Returns properties as plain values: secrets in the clear, unknowns as `UNKNOWN`, assets as they are."""
    return {key: _plain(value) for key, value in properties.items()}


def to_properties(values: Mapping[str, Any], secret: Iterable[str] = ()) -> Properties:
    """Returns plain values as properties, those named in `secret` as secrets; None is left out."""
    hidden = set(secret)
    return {key: _property(value).with_secret(key in hidden) for key, value in values.items() if value is not None}


def secret_keys(properties: Mapping[str, PropertyValue]) -> set[str]:
    """Returns the properties that are, or contain, secrets."""
    return {key for key, value in properties.items() if value.contains_secret()}


def _plain(value: PropertyValue) -> Any:
    inner = value.value
    if isinstance(inner, Computed):
        return UNKNOWN
    if isinstance(inner, Mapping):
        return {key: _plain(item) for key, item in inner.items()}
    if isinstance(inner, tuple):
        return [_plain(item) for item in inner]
    return inner


def _property(value: Any) -> PropertyValue:
    match value:
        case PropertyValue():
            return value
        case bool() | str() | None | pulumi.Asset() | pulumi.Archive():
            return PropertyValue(value)
        case int() | float():
            return PropertyValue(float(value))
        case Mapping():
            return PropertyValue({key: _property(item) for key, item in value.items() if item is not None})
        case list() | tuple():
            return PropertyValue([_property(item) for item in value])
    if value is UNKNOWN:
        return PropertyValue.computed()
    if isinstance(value, datetime):
        return PropertyValue(value.astimezone(UTC).isoformat().replace("+00:00", "Z"))
    return PropertyValue(str(value))
