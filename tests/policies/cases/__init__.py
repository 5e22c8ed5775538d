"""
For every policy, stacks that pass and stacks that fail for that reason alone.

A module's `CASES` are by policy. What passes besides the good stack is named; what fails, with what is found.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from rule import Resource
from tests.policies import good

Given = Callable[[], list[Resource]]


@dataclass(frozen=True)
class Cases:
    """What one policy says of the good stack, changed."""

    failing: Mapping[str, tuple[Given, Sequence[str]]]
    """From a name to a stack and all that is found in it: path, `is` and what."""
    passing: Mapping[str, Given] = field(default_factory=dict)


def but(
    changes: Mapping[str, Mapping[str, Any] | None] | None = None, more: Mapping[str, Any] | None = None, **one: Any
) -> Given:
    """Returns the good stack with changes by resource, or of one resource: `but(role={"path": "/"})`."""
    return partial(good.stack, {**(changes or {}), **one}, more)


def all_cases() -> dict[str, Cases]:
    """Returns the cases of all policies, from the modules beside this one."""
    files = sorted(Path(__file__).parent.glob("[!_]*.py"))
    found: dict[str, Cases] = {}
    for file in files:
        found |= import_module(f"tests.policies.cases.{file.stem}").CASES
    return found
