"""A stack on the sandbox engine: preview, up, refresh, destroy."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sluice_sandbox.engine import urn as urns
from sluice_sandbox.engine import values
from sluice_sandbox.engine.checkpoint import Checkpoint
from sluice_sandbox.engine.checkpoint import Deployment as State
from sluice_sandbox.engine.collecting import seldom_collecting
from sluice_sandbox.engine.deployment import Deployment
from sluice_sandbox.engine.events import Events, Listener
from sluice_sandbox.engine.executor import Executor
from sluice_sandbox.engine.goal import Goal
from sluice_sandbox.engine.host import ProviderLoop
from sluice_sandbox.engine.lock import locked, refuse_foreign_locks
from sluice_sandbox.engine.monitor import EngineLog, Monitor
from sluice_sandbox.engine.planner import Planner
from sluice_sandbox.engine.policies import Pack, PolicyRun
from sluice_sandbox.engine.program import Program, RunInfo, explain, run_aside, run_program
from sluice_sandbox.engine.refresh import Refresh
from sluice_sandbox.engine.registry import Factory, Registry
from sluice_sandbox.engine.result import Result
from sluice_sandbox.engine.secret_store import SecretStore
from sluice_sandbox.engine.secrets import Keys
from sluice_sandbox.engine.snapshot import Snapshot
from sluice_sandbox.engine.stack_config import StackConfig
from sluice_sandbox.engine.state import Resource
from sluice_sandbox.engine.values import Inputs
from sluice_sandbox.errors import Cancelled, NotWritable

ORGANIZATION = "organization"
"""What Pulumi calls the owner of a stack in a file backend."""


@dataclass(frozen=True)
class StackPlace:
    """Where a stack's state is: laid out as the CLI's file backend has it, below one folder."""

    root: Path
    project: str
    stack: str

    @property
    def checkpoint(self) -> Path:
        return self.root / ".pulumi" / "stacks" / self.project / f"{self.stack}.json"

    @property
    def lock(self) -> Path:
        return self.root / "locks" / f"{self.project}.{self.stack}"

    @property
    def foreign_locks(self) -> Path:
        return self.root / ".pulumi" / "locks" / ORGANIZATION / self.project / self.stack

    def prepare(self) -> None:
        """Makes the folder one that the CLI takes for a file backend. Raises NotWritable."""
        meta = self.root / ".pulumi" / "meta.yaml"
        try:
            meta.parent.mkdir(parents=True, exist_ok=True)
            if not meta.exists():
                meta.write_text("version: 1\n", encoding="utf-8")
        except OSError as error:
            raise NotWritable(f"{self.root}: cannot be written ({error.strerror}); make the folder writable") from error


@dataclass
class Stack:
    """
    One stack of one program.

    Each operation loads the state, does its work and stores the state; nothing is kept in memory between two.
    """

    name: str
    project: str
    program: Program
    place: StackPlace
    providers: Mapping[str, Factory]
    """From a package, `aws`, to what makes its provider."""
    config: StackConfig = field(default_factory=StackConfig)
    keys: Keys = field(default_factory=Keys)
    packs: Sequence[Pack] = ()
    """Policy packs that every preview and update must satisfy."""
    parallel: int = 16
    root: Path | None = None
    """The project's folder; positions in programs are recorded relative to it."""

    def preview(self, *listeners: Listener) -> Result:
        """Returns what `up` would do."""
        return self._deploy(preview=True, listeners=listeners)

    def up(self, *listeners: Listener) -> Result:
        """Brings the world to what the program declares. A failure is in the result; the state is valid either way."""
        return self._deploy(preview=False, listeners=listeners)

    def refresh(self, *listeners: Listener, preview: bool = False, clear_pending_creates: bool = False) -> Result:
        """
        Brings the state to what the world holds.

        Interrupted operations are settled by that, but for creations: what they may have left behind nobody knows, so
        their record goes only with `clear_pending_creates`.
        """
        with self._session("refresh", preview, listeners) as session:
            stopped = session.executor.is_stopped
            refresh = Refresh(session.base, session.registry, session.events, self.parallel, stopped)
            state = run_aside(refresh.run, session.interrupt)
            keep = [] if clear_pending_creates else [item for item in state.pending if item.type == "creating"]
            for operation in keep:
                session.events.warn(
                    f"{operation.resource.urn} was interrupted while being created; when you have made sure that "
                    "nothing is left of it, run this again with --clear-pending-creates"
                )
            state = State(state.resources, keep, state.metadata)
            if not preview:
                session.checkpoint.save(state)
            return session.result(state, succeeded=not session.events.errors)

    def destroy(self, *listeners: Listener, preview: bool = False) -> Result:
        """Deletes everything that the stack has made."""
        with self._session("destroy", preview, listeners) as session:
            run_aside(session.deployment.destroy, session.interrupt)
            session.snapshot.finish()
            return session.result(session.snapshot.current(), succeeded=not session.events.errors)

    def export(self) -> dict[str, Any]:
        """Returns the state as `pulumi stack import` takes it, secrets encrypted."""
        checkpoint = self._checkpoint()
        return {"version": 3, "deployment": checkpoint.export(checkpoint.load().deployment)}

    def state(self) -> State:
        """Returns the state as stored."""
        return self._checkpoint().load().deployment

    def _deploy(self, preview: bool, listeners: Sequence[Listener]) -> Result:
        with self._session("update", preview, listeners) as session:
            deployment, events = session.deployment, session.events
            if not preview:
                session.warn_of_interruption()
            for key in self.config.secrets:
                events.keep_secret(values.make_secret(self.config.values[key]))
            info = RunInfo(self.project, self.name, self.config, preview, self.parallel, self.root)
            monitor = Monitor(deployment, self.root)
            failure = run_program(self.program, info, monitor, EngineLog(events), session.interrupt)
            if failure is not None and not events.errors and not isinstance(failure, Cancelled):
                events.error(explain(failure))
            succeeded = failure is None and not events.errors
            if succeeded:
                run_aside(deployment.finish, session.interrupt)
                session.policies.check_stack(list(deployment.states.values()))
            succeeded = succeeded and not events.errors and not session.policies.failed
            deployment.finish_stack(succeeded)
            if session.base.resources or session.snapshot.current().resources:
                session.snapshot.finish()
            return session.result(session.snapshot.current(), succeeded)

    @contextmanager
    def _session(self, kind: str, preview: bool, listeners: Sequence[Listener]) -> "Iterator[_Session]":
        self.place.prepare()
        refuse_foreign_locks(self.place.foreign_locks)
        with seldom_collecting(), nullcontext() if preview else locked(self.place.lock, kind):
            events = Events(listeners)
            checkpoint = self._checkpoint()
            loaded = checkpoint.load()
            if loaded.warning:
                events.warn(loaded.warning)
            loop = ProviderLoop(self.parallel)
            try:
                yield _Session(
                    self,
                    kind,
                    preview,
                    checkpoint,
                    loaded.deployment,
                    events,
                    Registry(
                        self.providers,
                        loop,
                        events.tell,
                        lambda urn, message: events.info(message, urn),
                        lambda urn, message: events.warn(message, urn),
                    ),
                )
            finally:
                loop.close()

    def _checkpoint(self) -> Checkpoint:
        full_name = f"{ORGANIZATION}/{self.project}/{self.name}"
        return Checkpoint(self.place.checkpoint, full_name, SecretStore(self.keys))


class _Session:
    """The parts of one operation, put together."""

    def __init__(
        self,
        stack: Stack,
        kind: str,
        preview: bool,
        checkpoint: Checkpoint,
        base: State,
        events: Events,
        registry: Registry,
    ) -> None:
        self.checkpoint = checkpoint
        self.base = base
        self.events = events
        self.registry = registry
        self._kind = kind
        self._preview = preview
        self.policies = PolicyRun(stack.packs, events, preview)
        self._started = time.monotonic()
        self.snapshot = Snapshot(base, None if preview else checkpoint.save)
        self.planner = Planner(stack.name, stack.project, base.resources, registry, events, preview, self._check)
        self.executor = Executor(registry, self.snapshot, events, preview, base.resources)
        self.deployment = Deployment(
            base, stack.config, registry, self.planner, self.executor, self.snapshot, events, stack.parallel
        )

    def interrupt(self) -> None:
        """Starts nothing more and asks providers to hurry; what is under way is still recorded."""
        self.executor.cancelled = True
        self.events.error("cancelled; waiting for what is under way (interrupt again to give up on it)")
        self.registry.cancel()

    def result(self, state: State, succeeded: bool) -> Result:
        return Result(
            kind=self._kind,
            preview=self._preview,
            succeeded=succeeded,
            steps=self.events.records,
            state=state,
            outputs=self.events.stack_outputs,
            diagnostics=self.events.diagnostics,
            violations=self.policies.violations,
            packs=[pack.name for pack in self.policies.packs],
            seconds=time.monotonic() - self._started,
        )

    def warn_of_interruption(self) -> None:
        """Names what an interrupted run left unfinished."""
        if not self.base.pending:
            return
        names = "".join(f"  * {item.resource.urn}, interrupted while {item.type}\n" for item in self.base.pending)
        self.events.warn(
            f"the last run was interrupted during {len(self.base.pending)} operation(s):\n{names}"
            "This run continues from what is known. To learn what became of them, run `sluice sandbox refresh`."
        )

    def _check(self, new: Resource, goal: Goal) -> Inputs:
        provider = self.planner.providers.get(urns.split_reference(new.provider)[0]) if new.provider else None
        return self.policies.check_resource(new, goal, provider)
