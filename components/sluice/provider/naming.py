"""From properties to AWS's members and back, where they differ in their first letter alone."""

from typing import Any


def to_api(value: Any) -> Any:
    """Returns a property's value as AWS takes it; whole numbers are without a fraction."""
    if isinstance(value, dict):
        return {key[:1].upper() + key[1:]: to_api(item) for key, item in value.items()}
    if isinstance(value, list):
        return [to_api(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def from_api(value: Any) -> Any:
    """Returns what AWS says as a property's value."""
    if isinstance(value, dict):
        return {key[:1].lower() + key[1:]: from_api(item) for key, item in value.items()}
    return [from_api(item) for item in value] if isinstance(value, list) else value
