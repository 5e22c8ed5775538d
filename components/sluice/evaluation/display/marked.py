"""Two texts side by side, with what differs marked."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher

from sluice.evaluation.display.safe_text import rest_of

_TOKENS = re.compile(r"\w+\s*|[^\w\s]\s*|\s+")
"""A word or a sign, with the space behind it: so a changed sentence is one stretch."""


@dataclass(frozen=True)
class Segment:
    """A stretch of a text."""

    text: str
    differs: bool
    """Whether the other text does not have it here."""


def marked(old: str, new: str, limit: int) -> tuple[list[Segment], list[Segment]]:
    """Returns the first `limit` characters of both texts, in stretches of words that are the same and that differ."""
    before, after = _TOKENS.findall(old[:limit]), _TOKENS.findall(new[:limit])
    steps = SequenceMatcher(None, before, after).get_opcodes()
    return (
        [*_joined((tag != "equal", "".join(before[start:end])) for tag, start, end, _, _ in steps), *_rest(old, limit)],
        [*_joined((tag != "equal", "".join(after[start:end])) for tag, _, _, start, end in steps), *_rest(new, limit)],
    )


def _rest(text: str, limit: int) -> list[Segment]:
    return [Segment(rest_of(text, limit), False)] if len(text) > limit else []


def _joined(pieces: Iterable[tuple[bool, str]]) -> list[Segment]:
    return [Segment(text, differs) for differs, text in pieces if text]
