"""Regular expressions that cannot hold anybody up: of a limited length, and with a limited time."""

from typing import Annotated, Any

from pydantic import StringConstraints

from sluice.errors import InvalidInput, Problem

TIMEOUT_SECONDS = 1.0
"""How long one expression may take for one output."""
LONGEST_PATTERN = 10_000
"""Characters."""
PatternText = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_PATTERN)]
"""A regular expression, not compiled yet."""


def compiled(pattern: str, at: str, *, ignore_case: bool = False) -> Any:
    """
    Returns a pattern of the library `regex`, whose methods take a `timeout`.

    Raises InvalidInput, naming `at`, for what is no regular expression.
    """
    import regex

    try:
        return regex.compile(pattern, regex.IGNORECASE if ignore_case else 0)
    except regex.error as error:
        reason = f"is {pattern!r}, which is no regular expression: {error}"
        raise InvalidInput("the scorer", [Problem(at, reason)]) from None
