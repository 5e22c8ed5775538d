"""
The state of a stack while it changes.

What an operation begins is on disk before the provider hears of it, and what it ended is on disk before anything that
depends on it starts. Killed at any moment, an update leaves a valid state that names what was under way.
"""

import threading
from typing import Protocol

from sluice_sandbox.engine.checkpoint import Deployment
from sluice_sandbox.engine.renaming import renamed
from sluice_sandbox.engine.state import Operation, Resource
from sluice_sandbox.engine.steps import Op, Step

_PENDING = {
    Op.CREATE: "creating",
    Op.CREATE_REPLACEMENT: "creating",
    Op.UPDATE: "updating",
    Op.DELETE: "deleting",
    Op.DELETE_REPLACED: "deleting",
    Op.READ: "reading",
    Op.READ_REPLACEMENT: "reading",
}


class Write(Protocol):
    """Stores a state."""

    def __call__(self, deployment: Deployment, *, durable: bool) -> None: ...


class Snapshot:
    """
    Merges what a deployment has made so far with what it has not come to yet.

    New states are listed in the order in which they were made, so each comes after what it needs; the old states that
    remain follow in their old order.
    """

    def __init__(self, base: Deployment, write: Write | None) -> None:
        """`write` stores a deployment; None for a preview, which changes nothing."""
        self._base = base
        self._write = write
        self._new: list[Resource] = []
        self._gone: set[int] = set()
        self._pending: dict[int, Operation] = {}
        self._lock = threading.Lock()
        self._wanted = 0
        self._written = 0
        self._writer = threading.Lock()

    def begin(self, step: Step) -> None:
        """Records that a change starts. Returns once that is on disk."""
        if step.op not in _PENDING or self._write is None:
            return
        with self._lock:
            self._pending[id(step)] = Operation(step.resource, _PENDING[step.op])
        self._flush()

    def fail(self, step: Step) -> None:
        """Records that a change ended in an error: the resource is as it was."""
        with self._lock:
            self._pending.pop(id(step), None)
        self._flush()

    def end(self, step: Step) -> None:
        """Records that a change is done. Returns once that is on disk."""
        with self._lock:
            self._pending.pop(id(step), None)
            self._apply(step)
        if step.op is not Op.SAME:
            self._flush()

    def current(self) -> Deployment:
        """Returns the state as of now."""
        with self._lock:
            return self._merged()

    def finish(self) -> None:
        """Writes the state as of now, safe from a power failure too."""
        if self._write is not None:
            self._write(self.current(), durable=True)

    def _apply(self, step: Step) -> None:
        if step.op in (Op.DELETE, Op.DELETE_REPLACED, Op.READ_DISCARD, Op.DISCARD_REPLACED, Op.REMOVE_PENDING_REPLACE):
            assert step.old is not None
            # Deleted before its replacement exists, it stays listed so that a crash in between is not forgotten.
            if not step.old.pending_replacement or step.op is Op.REMOVE_PENDING_REPLACE:
                self._gone.add(id(step.old))
            return
        if step.new is not None:
            self._new.append(step.new)
        if step.old is not None and (not step.keeps_old or step.old.pending_replacement):
            self._gone.add(id(step.old))

    def _merged(self) -> Deployment:
        new = [resource for resource in self._new if id(resource) not in self._gone]
        remaining = [resource for resource in self._base.resources if id(resource) not in self._gone]
        # A creation that a crash interrupted may have left something behind: only a person can tell, so it is kept.
        unresolved = [operation for operation in self._base.pending if operation.type == "creating"]
        return Deployment(renamed([*new, *remaining]), [*self._pending.values(), *unresolved], self._base.metadata)

    def _flush(self) -> None:
        # Steps that end while another's write is under way share the next one.
        if self._write is None:
            return
        with self._lock:
            self._wanted += 1
            mine = self._wanted
        with self._writer:
            if self._written >= mine:
                return
            with self._lock:
                covered = self._wanted
                state = self._merged()
            self._write(state, durable=False)
            self._written = covered
