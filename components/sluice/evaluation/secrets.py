"""Keeping what is secret out of what is written."""

import os
import re
from collections.abc import Iterable
from typing import Any

from sluice.errors import InvalidInput, Problem

HIDDEN = "[secret]"
LEAST = 8
"""A shorter value is left in answers: it would be found in ordinary words."""
_NAME = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def hidden(text: str, secrets: Iterable[str]) -> str:
    """Returns a text without the secrets."""
    # The longest first, so that no rest of it stays.
    parts = [re.escape(secret) for secret in sorted(secrets, key=len, reverse=True) if secret]
    return re.sub("|".join(parts), HIDDEN, text) if parts else text


def without(value: Any, secrets: Iterable[str]) -> Any:
    """Returns any JSON without the secrets that are long enough to be told from ordinary words."""
    long = [it for it in secrets if len(it) >= LEAST]
    return _without(value, long) if long else value


def filled(texts: dict[str, str], key: str) -> tuple[dict[str, str], tuple[str, ...]]:
    """
    Returns texts with each `${NAME}` replaced from the environment, and the values that were put in.

    Raises InvalidInput, telling `key`, for names that the environment does not have.
    """
    missing: list[Problem] = []
    values: list[str] = []

    def value_of(name: str, at: str) -> str:
        value = os.environ.get(name)
        if not value:
            missing.append(Problem(f"{key}.{at}", f"needs {name}, which the environment does not have; set it"))
            return ""
        values.append(value)
        return value

    made = {
        at: _NAME.sub(lambda match, at=at: value_of(match[1], at), text)  # type: ignore[misc]
        for at, text in texts.items()
    }
    if missing:
        raise InvalidInput("the target", missing)
    return made, tuple(values)


def _without(value: Any, secrets: list[str]) -> Any:
    if isinstance(value, str):
        return hidden(value, secrets)
    if isinstance(value, list | tuple):
        return [_without(it, secrets) for it in value]
    if isinstance(value, dict):
        return {
            hidden(key, secrets) if isinstance(key, str) else key: _without(it, secrets) for key, it in value.items()
        }
    return value
