"""Former names of resources, worked out as the CLI does."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sluice_sandbox.engine import urn as urns
from sluice_sandbox.engine.goal import Alias, Goal
from sluice_sandbox.engine.state import Resource
from sluice_sandbox.errors import SandboxError


@dataclass
class Aliases:
    """Finds the past of resources that are now called something else."""

    stack: str
    project: str
    used: dict[str, str] = field(default_factory=dict)
    """From a resource's URN to the former one that it was found under."""
    claimed: dict[str, str] = field(default_factory=dict)
    """From a former URN to the resource that now has it."""

    def find(
        self, urn: str, goal: Goal, olds: Mapping[str, Resource], registered: Iterable[str]
    ) -> tuple[Resource | None, str]:
        """
        Returns the old state of a resource, and the former URN when it was found under that.

        Raises SandboxError when two resources claim one past.
        """
        if urn in self.claimed:
            raise SandboxError(f"{urn} is also claimed, as an alias, by {self.claimed[urn]}; drop one of the two")
        if urn in olds:
            return olds[urn], ""
        for former in self._candidates(goal):
            if former not in olds:
                continue
            if former in registered or former in self.claimed:
                other = self.claimed.get(former, former)
                raise SandboxError(f"{urn} names the alias {former}, which {other} already has; drop one of the two")
            self.claimed[former] = urn
            self.used[urn] = former
            return olds[former], former
        return None, ""

    def _candidates(self, goal: Goal) -> list[str]:
        own = [self._collapse(goal, alias) for alias in goal.aliases]
        parent_was = self.used.get(goal.parent)
        if parent_was is None:
            return own
        names = [(goal.type, goal.name), *((urns.type_of(former), urns.name_of(former)) for former in own)]
        inherited = [self._inherit(type_, name, goal.parent, parent_was) for type_, name in names]
        return list(dict.fromkeys([*own, *inherited]))

    def _collapse(self, goal: Goal, alias: Alias) -> str:
        if alias.urn:
            return alias.urn
        parent = alias.parent or goal.parent
        # A parent that was itself renamed had its old name when the child had this one.
        parent = "" if alias.no_parent else self.used.get(parent, parent)
        return urns.make(
            alias.stack or self.stack,
            alias.project or self.project,
            parent,
            alias.type or goal.type,
            alias.name or goal.name,
        )

    def _inherit(self, type_: str, name: str, parent: str, parent_was: str) -> str:
        # A child named after its parent, `app-role`, was named after the parent's former name.
        parent_name = urns.name_of(parent)
        if name.startswith(parent_name):
            name = urns.name_of(parent_was) + name[len(parent_name) :]
        return urns.make(self.stack, self.project, parent_was, type_, name)
