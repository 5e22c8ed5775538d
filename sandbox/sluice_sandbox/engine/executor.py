"""Carries out steps: asks the provider, completes the new state, records it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sluice.provider.wire import UNKNOWN
from sluice_sandbox.engine import urn as urns
from sluice_sandbox.engine import values
from sluice_sandbox.engine.checkpoint import timestamp
from sluice_sandbox.engine.events import Events, StepRecord
from sluice_sandbox.engine.host import InitFailed, Plugin
from sluice_sandbox.engine.registry import Registry, public
from sluice_sandbox.engine.snapshot import Snapshot
from sluice_sandbox.engine.state import Resource
from sluice_sandbox.engine.steps import Op, Step
from sluice_sandbox.engine.values import Inputs
from sluice_sandbox.errors import Cancelled, SandboxError, StepFailed


@dataclass
class Executor:
    """Runs steps, several at a time; after the first failure it starts no more."""

    registry: Registry
    snapshot: Snapshot
    events: Events
    preview: bool
    past: Sequence[Resource]
    """All states that there were before, among them the providers of what must be deleted."""
    deleting: set[str] = field(default_factory=set)
    """URNs that this deployment deletes."""
    failed: bool = False
    cancelled: bool = False

    def is_stopped(self) -> bool:
        """Returns whether nothing more may start."""
        return self.failed or self.cancelled

    def run(self, step: Step) -> None:
        """
        Carries out a step and records it.

        Raises StepFailed when it fails, having reported why, and Cancelled when none may start any more.
        """
        if self.is_stopped():
            raise Cancelled("the deployment has stopped")
        if step.op is Op.REPLACE:
            self.events.replaced(step)
            return
        record = self.events.begin(step)
        self.snapshot.begin(step)
        try:
            _APPLY[step.op](self, step)
        except InitFailed as failure:
            self._record_partly(step, failure)
            self._fail(step, record, failure)
        except Exception as error:
            self.snapshot.fail(step)
            self._fail(step, record, error)
        self._mark_secrets(step)
        self.snapshot.end(step)
        self.events.end(record)

    def _fail(self, step: Step, record: StepRecord, error: Exception) -> None:
        # A refusal to delete what is protected harms nothing else, and users want to see all of them.
        self.failed = self.failed or not isinstance(error, _Protected)
        self.events.fail(record, step.urn, str(error) or type(error).__name__)
        raise StepFailed(str(error)) from error

    def _record_partly(self, step: Step, failure: InitFailed) -> None:
        assert step.new is not None
        step.new.id, step.new.outputs = failure.id, failure.outputs
        step.new.init_errors = failure.reasons
        step.new.created = step.new.created or timestamp()
        step.new.modified = timestamp()
        _give_up_old(step)
        self._mark_secrets(step)
        self.snapshot.end(step)

    def _same(self, step: Step) -> None:
        old, new = _both(step)
        new.id, new.outputs = old.id, old.outputs
        if urns.is_provider(new.type):
            # Started with the old inputs: the provider said that the new ones make no difference.
            self.registry.start(new.copy(inputs=old.inputs), self.preview)

    def _create(self, step: Step) -> None:
        new = step.new
        assert new is not None
        if urns.is_provider(new.type):
            new.id, new.outputs = self.registry.start(new, self.preview), public(new.inputs)
        elif new.custom:
            plugin = self._plugin(new)
            timeout = new.custom_timeouts.get("create", 0.0)
            new.id, new.outputs = plugin.create(new.urn, new.inputs, timeout, self.preview)
        new.created = new.modified = timestamp()
        _give_up_old(step)

    def _update(self, step: Step) -> None:
        old, new = _both(step)
        new.id = old.id
        if urns.is_provider(new.type):
            self.registry.start(new, self.preview)
            new.outputs = public(new.inputs)
        elif new.custom:
            timeout = new.custom_timeouts.get("update", 0.0)
            plugin = self._plugin(new)
            new.outputs = plugin.update(old, new.inputs, timeout, new.ignore_changes, self.preview)
        new.modified = timestamp()

    def _delete(self, step: Step) -> None:
        old = step.old
        assert old is not None
        if old.protect and step.op is Op.DELETE:
            raise _Protected(old.urn)
        spared = old.external or old.retain_on_delete or old.deleted_with in self.deleting
        if not self.preview and old.custom and not spared and not urns.is_provider(old.type):
            plugin = self.registry.ensure(old.provider, self.past)
            plugin.delete(old, old.custom_timeouts.get("delete", 0.0))
        if step.op is Op.DELETE_REPLACED and not old.delete:
            old.pending_replacement = True

    def _read(self, step: Step) -> None:
        new = step.new
        assert new is not None
        if new.id == UNKNOWN:
            return
        identity, outputs, _ = self._plugin(new).read(new.urn, new.id, new.inputs, new.inputs)
        if not identity:
            raise SandboxError(f"resource '{new.id}' does not exist")
        new.id, new.outputs = identity, outputs
        if step.old is not None:
            new.created, new.modified = step.old.created, step.old.modified
            if step.op is Op.READ_REPLACEMENT:
                step.old.delete = True

    def _nothing(self, step: Step) -> None:
        return

    def _plugin(self, resource: Resource) -> Plugin:
        plugin = self.registry.find(resource.provider)
        if plugin is None:
            raise SandboxError(f"{resource.urn} refers to the provider {resource.provider}, which does not exist")
        return plugin

    def _mark_secrets(self, step: Step) -> None:
        new = step.new
        if new is None:
            return
        secret = {key for key in new.additional_secret_outputs if key in new.outputs}
        # What went in as a secret and comes back under its name is still one.
        secret |= {key for key, value in new.inputs.items() if values.is_secret(value) and key in new.outputs}
        marked: Inputs = {key: values.make_secret(new.outputs[key]) for key in secret}
        new.outputs = {**new.outputs, **marked}


class _Protected(SandboxError):
    def __init__(self, urn: str) -> None:
        super().__init__(
            f'resource "{urn}" cannot be deleted\nbecause it is protected. To unprotect the resource, remove the '
            "`protect` flag from the resource in your Pulumi program and update"
        )


def _both(step: Step) -> tuple[Resource, Resource]:
    assert step.old is not None
    assert step.new is not None
    return step.old, step.new


def _give_up_old(step: Step) -> None:
    """Leaves the old half of a replacement for deletion, now that there is a new one, ready or not."""
    if step.old is not None and step.keeps_old:
        step.old.delete = True


_APPLY: dict[Op, Callable[[Executor, Step], None]] = {
    Op.SAME: Executor._same,
    Op.CREATE: Executor._create,
    Op.CREATE_REPLACEMENT: Executor._create,
    Op.UPDATE: Executor._update,
    Op.DELETE: Executor._delete,
    Op.DELETE_REPLACED: Executor._delete,
    Op.READ: Executor._read,
    Op.READ_REPLACEMENT: Executor._read,
    Op.READ_DISCARD: Executor._nothing,
    Op.DISCARD_REPLACED: Executor._nothing,
    Op.REMOVE_PENDING_REPLACE: Executor._nothing,
}
