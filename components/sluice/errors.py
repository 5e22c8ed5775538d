"""
Everything that Sluice raises on purpose.

    SluiceError
    └── InvalidInput      problems in something a person wrote, all of them at once
        └── InvalidFile   the same, in a named file

Each message says where, what was found, what is allowed and what to do.
"""

from collections.abc import Sequence
from dataclasses import dataclass


class SluiceError(Exception):
    """The base of every error that Sluice raises on purpose."""

    exit_code = 1
    """What a command exits with when this ends it; the codes are the Pulumi CLI's."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, and what to do about it."""

    path: str
    """The key path, for example `variants.green.instance_count`; empty for the thing as a whole."""
    message: str
    """What was found, what is allowed, and the fix."""

    def __str__(self) -> str:
        return f"{self.path} {self.message}" if self.path else self.message


class InvalidInput(SluiceError):
    """Problems in what a person declared."""

    def __init__(self, subject: str, problems: Sequence[Problem]) -> None:
        """`subject` names what is wrong, for example `ModelEndpoint 'search'`."""
        self.subject = subject
        self.problems = list(problems)
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        super().__init__("\n".join([f"{subject}: {count}", *(f"  {problem}" for problem in problems)]))


class InvalidFile(InvalidInput):
    """Problems in a file that a person wrote."""
