"""Finds the rules: every module in `rules/` has one."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from rule import ResourceRule, Rule, StackRule, described

FOLDER = Path(__file__).parent / "rules"


def discover() -> Iterator[Rule]:
    """Yields all rules, by file. Raises ValueError for a module without one, and for two of one id."""
    owners: dict[str, str] = {}
    for file in sorted(FOLDER.glob("[!_]*.py")):
        module = import_module(f"rules.{file.stem}")
        rule = getattr(module, "RULE", None)
        if not isinstance(rule, ResourceRule | StackRule):
            raise ValueError(f"{file} has no RULE; assign it a ResourceRule or a StackRule")
        other = owners.setdefault(rule.id, file.name)
        if other != file.name:
            raise ValueError(f"{file} has the id {rule.id!r}, which {other} has; choose another")
        yield described(rule, module.__doc__)
