"""
Decides what must happen to a resource: nothing, or be created, updated or replaced.

Follows the order of the Pulumi CLI's step generator: check, policies, then diff against the past.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from sluice.provider.wire import UNKNOWN
from sluice_sandbox.engine import diff as diffs
from sluice_sandbox.engine import paths
from sluice_sandbox.engine import urn as urns
from sluice_sandbox.engine.aliases import Aliases
from sluice_sandbox.engine.diff import Change, Diff, Kind
from sluice_sandbox.engine.events import Events
from sluice_sandbox.engine.goal import Goal
from sluice_sandbox.engine.graph import dependents
from sluice_sandbox.engine.host import Checked, Plugin
from sluice_sandbox.engine.registry import Registry
from sluice_sandbox.engine.state import Resource
from sluice_sandbox.engine.steps import Op, Step
from sluice_sandbox.engine.values import Inputs
from sluice_sandbox.errors import InvalidResource, SandboxError

Validate = Callable[[Resource, Goal], Inputs]
"""Runs the policies on a resource; returns its inputs as they left them. Raises when one forbids it."""
INIT_ERROR = "#initerror"
"""What `replace_on_changes` names to replace a resource that never became ready."""


@dataclass
class Planner:
    """Plans one resource after the other; remembers what it has seen."""

    stack: str
    project: str
    past: list[Resource]
    registry: Registry
    events: Events
    preview: bool
    validate: Validate
    seen: set[str] = field(default_factory=set)
    deleted: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """URNs deleted because what they depend on was, with the properties that were the reason."""
    touched: set[int] = field(default_factory=set)
    """Old states (by `id`) that are dealt with."""

    def __post_init__(self) -> None:
        self.olds = {resource.urn: resource for resource in self.past if not resource.delete}
        self.aliases = Aliases(self.stack, self.project)
        self.providers: dict[str, Resource] = {}

    def plan(self, goal: Goal) -> list[Step]:
        """
        Returns the steps that bring a resource to its goal; the last but for markers carries its new state.

        Raises SandboxError when the resource is not valid; details have been reported.
        """
        urn = self.name(goal)
        old, alias = self.aliases.find(urn, goal, self.olds, self.seen)
        if alias and urns.is_provider(goal.type):
            self.registry.alias(alias, urn)
        if old is not None:
            self.touched.add(id(old))
        new = _new_state(urn, goal, old, alias)
        recreating = urn in self.deleted
        usable = old if old is not None and not recreating and not old.external else None
        inputs = goal.inputs if usable is None else self._ignore(urn, goal, usable)
        new.inputs = self._checked(new, usable, inputs)
        new.inputs = self.validate(new, goal)
        if urns.is_provider(goal.type):
            self.providers[urn] = new
        if old is None:
            return [Step(Op.CREATE, urn, None, new)]
        if recreating:
            return self._recreate(old, new)
        if old.external:
            return _replace(old, new, Diff(True, {}))
        return self._from_diff(goal, old, new)

    def name(self, goal: Goal) -> str:
        """Returns the URN of a registration. Raises SandboxError when it is taken, or the parent is not known."""
        if goal.parent and goal.parent not in self.seen:
            raise SandboxError(f"could not find parent resource {goal.parent}")
        urn = urns.make(self.stack, self.project, goal.parent, goal.type, goal.name)
        if urn in self.seen:
            raise SandboxError(f"Duplicate resource URN '{urn}'; try giving it a unique name")
        self.seen.add(urn)
        return urn

    def _ignore(self, urn: str, goal: Goal, old: Resource) -> Inputs:
        inputs, impossible = paths.keep_old(goal.inputs, old.inputs, goal.ignore_changes)
        if impossible:
            names = ", ".join(impossible)
            self.events.info(f"cannot ignore changes in added or removed elements of the path: {names}", urn)
        return inputs

    def _checked(self, new: Resource, old: Resource | None, inputs: Inputs) -> Inputs:
        if not new.custom:
            return inputs
        past = old.inputs if old is not None else {}
        if urns.is_provider(new.type):
            checked = self.registry.check(new.urn, past, inputs)
        else:
            checked = self._plugin(new.provider, new.urn).check(new.urn, past, inputs, os.urandom(32))
        self._report(new, checked)
        return checked.inputs

    def _report(self, new: Resource, checked: Checked) -> None:
        for property_, reason in checked.failures:
            about = f"property {property_}: " if property_ else ""
            self.events.error(f"{new.type} resource '{new.name}': {about}{reason}", new.urn)
        if checked.failures:
            raise InvalidResource(f"resource {new.urn} is invalid")

    def _from_diff(self, goal: Goal, old: Resource, new: Resource) -> list[Step]:
        diff = _with_options(self._diff(old, new), goal, old)
        if old.pending_replacement or (diff.changed and diff.replaces):
            return self._replace(goal, old, new, diff)
        if diff.changed or old.init_errors:
            return [Step(Op.UPDATE, new.urn, old, new, diff.changes, diff.changed_keys)]
        return [Step(Op.SAME, new.urn, old, new)]

    def _diff(self, old: Resource, new: Resource) -> Diff:
        if self._provider_changed(old, new):
            return Diff(True, {}, ("provider",), ("provider",))
        if not new.custom:
            changes = diffs.between(old.inputs, new.inputs)
            return Diff(bool(changes), changes, (), tuple(sorted(changes)))
        if urns.is_provider(new.type):
            return self.registry.diff(old, new.inputs)
        return self._plugin(new.provider, new.urn).diff(old, new.inputs, new.ignore_changes)

    def _provider_changed(self, old: Resource, new: Resource) -> bool:
        if old.provider == new.provider:
            return False
        if not old.provider or not new.provider:
            return True
        old_urn, _ = urns.split_reference(old.provider)
        new_urn, _ = urns.split_reference(new.provider)
        if self.aliases.claimed.get(old_urn) == new_urn:
            return False
        past, present = self.olds.get(old_urn), self.providers.get(new_urn)
        # Providers of two kinds never manage each other's resources.
        if past is None or present is None or past.type != present.type:
            return True
        return self.registry.diff(past.copy(urn=new_urn), present.inputs).replaces

    def _replace(self, goal: Goal, old: Resource, new: Resource, diff: Diff) -> list[Step]:
        if old.protect and new.protect:
            self.events.error(_protected(new.urn), new.urn)
            if not self.preview:
                raise InvalidResource(f"{new.urn} is protected")
        if new.custom:
            # What the provider chose for the old one, a name above all, the new one cannot share.
            new.inputs = self._checked(new, None, goal.inputs)
        first_delete = diff.delete_before_replace if goal.delete_before_replace is None else goal.delete_before_replace
        if not first_delete:
            return _replace(old, new, diff)
        steps = self._delete_dependents(old)
        if not old.pending_replacement:
            steps.append(Step(Op.DELETE_REPLACED, old.urn, old))
        marker = Step(Op.REPLACE, new.urn, old, new, diff.changes, diff.changed_keys, diff.replace_keys)
        create = Step(Op.CREATE_REPLACEMENT, new.urn, old, new, diff.changes, diff.changed_keys, diff.replace_keys)
        return [*steps, marker, create]

    def _delete_dependents(self, root: Resource) -> list[Step]:
        """Returns the deletions of all that would be replaced along with the root, dependents first."""
        steps = []
        for resource, keys in reversed(self._condemned(root)):
            if resource.urn in self.deleted:
                continue
            if resource.protect:
                self.events.error(_protected(resource.urn, root.urn), root.urn)
                raise InvalidResource(f"{resource.urn} is protected")
            self.deleted[resource.urn] = keys
            steps.append(Step(Op.DELETE_REPLACED, resource.urn, resource))
        return steps

    def _condemned(self, root: Resource) -> list[tuple[Resource, tuple[str, ...]]]:
        condemned: list[tuple[Resource, tuple[str, ...]]] = []
        lost = {root.urn}
        live = [
            resource for resource in self.past if not resource.delete and resource.urn not in self.seen - {root.urn}
        ]
        for resource in dependents(root, live):
            keys = self._replaced_without(resource, lost)
            if keys is not None:
                condemned.append((resource, keys))
                lost.add(resource.urn)
        return condemned

    def _replaced_without(self, resource: Resource, lost: set[str]) -> tuple[str, ...] | None:
        """Returns the properties that force a replacement once `lost` are made anew; None when it can stay."""
        if not resource.custom or resource.external:
            return None
        if resource.provider and urns.split_reference(resource.provider)[0] in lost:
            return ()
        unknown = {key for key, needs in resource.property_dependencies.items() if lost.intersection(needs)}
        if not unknown:
            return None
        inputs = {key: UNKNOWN if key in unknown else value for key, value in resource.inputs.items()}
        if urns.is_provider(resource.type):
            diff = self.registry.diff(resource, inputs)
        else:
            plugin = self.registry.ensure(resource.provider, self.past)
            diff = plugin.diff(resource, inputs, resource.ignore_changes)
        diff = _forced(diff, resource.replace_on_changes, init_errors=False)
        return diff.replace_keys if diff.replaces else None

    def _plugin(self, reference: str, urn: str) -> Plugin:
        plugin = self.registry.find(reference)
        if plugin is None:
            raise SandboxError(f"{urn} refers to the provider {reference}, which this program does not declare")
        return plugin

    def _recreate(self, old: Resource, new: Resource) -> list[Step]:
        keys = self.deleted.pop(new.urn)
        return [
            Step(Op.REPLACE, new.urn, old, new, {}, keys, keys),
            Step(Op.CREATE_REPLACEMENT, new.urn, old, new, {}, keys, keys),
        ]


def _replace(old: Resource, new: Resource, diff: Diff) -> list[Step]:
    details = (diff.changes, diff.changed_keys, diff.replace_keys)
    return [
        Step(Op.CREATE_REPLACEMENT, new.urn, old, new, *details, keeps_old=True),
        Step(Op.REPLACE, new.urn, old, new, *details, keeps_old=True),
    ]


def _with_options(diff: Diff, goal: Goal, old: Resource) -> Diff:
    return _forced(diff, goal.replace_on_changes, init_errors=bool(old.init_errors))


def _forced(diff: Diff, replace_on_changes: list[str], *, init_errors: bool) -> Diff:
    """Returns the verdict with what `replace_on_changes` says on top."""
    if not diff.changed and not init_errors:
        return diff
    forcing = [paths.parse(path) for path in replace_on_changes]
    changes = {
        path: replace(change, replaces=change.replaces or _within(path, forcing))
        for path, change in diff.changes.items()
    }
    keys = {*diff.replace_keys, *(key for key in diff.changed_keys if _within(key, forcing))}
    keys |= {str(paths.parse(path)[0]) for path, change in changes.items() if change.replaces}
    if init_errors and _within(INIT_ERROR, forcing):
        keys.add(INIT_ERROR)
        changes[INIT_ERROR] = Change(Kind.UPDATE, replaces=True, of_input=False)
    changed = diff.changed or INIT_ERROR in keys
    return replace(diff, changed=changed, changes=changes, replace_keys=tuple(sorted(keys)))


def _within(path: str, outers: list[paths.Path]) -> bool:
    return any(paths.contains(outer, paths.parse(path)) for outer in outers)


def _protected(urn: str, root: str = "") -> str:
    because = f" as part of replacing '{root}'" if root else ""
    return (
        f"unable to replace resource '{urn}'{because}\nas it is currently marked for protection. To unprotect the "
        "resource, remove the `protect` flag from the resource in your Pulumi program and update"
    )


def _new_state(urn: str, goal: Goal, old: Resource | None, alias: str) -> Resource:
    return Resource(
        urn=urn,
        type=goal.type,
        custom=goal.custom,
        inputs=goal.inputs,
        parent=goal.parent,
        provider=goal.provider,
        dependencies=goal.dependencies,
        property_dependencies=goal.property_dependencies,
        protect=goal.protect,
        additional_secret_outputs=goal.additional_secret_outputs,
        aliases=[alias] if alias else [],
        custom_timeouts=goal.custom_timeouts,
        retain_on_delete=goal.retain_on_delete,
        deleted_with=goal.deleted_with,
        ignore_changes=goal.ignore_changes,
        replace_on_changes=goal.replace_on_changes,
        hide_diff=goal.hide_diff,
        created=old.created if old else "",
        modified=old.modified if old else "",
        source_position=goal.source_position,
    )
