"""
Keeps secrets out of what policies say.

Pulumi's SDK hands them to policies in the clear, and the CLI prints what a policy reports. So the secrets in what the
SDK is sent are noted, and masked in messages. The sandbox engine masks them by itself.
"""

from collections.abc import Mapping
from typing import Any

from pulumi_policy import deserialize
from pulumi_policy import policy as sdk

_MASK = "[secret]"
_SHORTEST = 3
"""Shorter texts are everywhere in a message; masked, it would say nothing."""
_noted: set[str] = set()


def watch() -> None:
    """Notes the secrets in all that the SDK is sent from now on."""

    def deserialized(props: dict[str, Any], *options: Any) -> Any:
        _note(props, secret=False)
        return deserialize.deserialize_properties(props, *options)

    # The SDK has no public way to learn what was secret.
    sdk.deserialize_properties = deserialized


def masked(message: str) -> str:
    """Returns a message without the secrets that were noted, the longest first."""
    for secret in sorted(_noted, key=len, reverse=True):
        message = message.replace(secret, _MASK)
    return message


def _note(value: Any, *, secret: bool) -> None:
    if isinstance(value, Mapping):
        hidden = value.get(deserialize.SPECIAL_SIG_KEY) == deserialize.SPECIAL_SECRET_SIG
        for key, item in value.items():
            if key != deserialize.SPECIAL_SIG_KEY:
                _note(item, secret=secret or hidden)
    elif isinstance(value, list):
        for item in value:
            _note(item, secret=secret)
    elif secret and isinstance(value, str) and len(value) >= _SHORTEST:
        _noted.add(value)
