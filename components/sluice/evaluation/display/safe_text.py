"""Text that others wrote, made harmless: a model's answer may hold whatever its training or an attacker put in it."""

import unicodedata

_JOINERS = "\u200c\u200d"
"""Invisible, but letters of Persian and emoji are wrong without them."""
_HARMFUL = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Unicode's categories of controls, of directions and other formats, of halves of pairs, of line ends of its own."""


def visible(text: str) -> str:
    """Returns a text with all that steers a terminal or the direction of writing as `\\x1b`; lines stay lines."""
    return "".join(_shown(it, "\n\t") for it in text.replace("\r\n", "\n"))


def one_line(text: str) -> str:
    """Returns a text as `visible` does, with ends of lines as `\\n`."""
    return "".join(_shown(it, "") for it in text)


def cut(text: str, limit: int) -> str:
    """Returns the beginning of a text, `limit` characters, and how many more there are."""
    return text if len(text) <= limit else text[:limit] + rest_of(text, limit)


def rest_of(text: str, limit: int) -> str:
    """Returns what stands for the rest of a text that is longer than `limit`."""
    return f"... ({len(text) - limit:,} more characters)"


def _shown(it: str, kept: str) -> str:
    if it in kept or it in _JOINERS or unicodedata.category(it) not in _HARMFUL:
        return it
    return it.encode("unicode_escape").decode("ascii")
