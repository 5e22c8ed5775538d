"""One run of a program against a stack: what the monitor is told, turned into steps and carried out."""

import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from sluice_sandbox.engine import urn as urns
from sluice_sandbox.engine import values
from sluice_sandbox.engine.checkpoint import Deployment as State
from sluice_sandbox.engine.events import Events
from sluice_sandbox.engine.executor import Executor
from sluice_sandbox.engine.goal import Goal
from sluice_sandbox.engine.graph import layers
from sluice_sandbox.engine.planner import Planner
from sluice_sandbox.engine.registry import Registry, versioned
from sluice_sandbox.engine.snapshot import Snapshot
from sluice_sandbox.engine.stack_config import StackConfig
from sluice_sandbox.engine.state import Resource
from sluice_sandbox.engine.steps import Op, Step
from sluice_sandbox.engine.values import Inputs
from sluice_sandbox.errors import Cancelled, InvalidResource, SandboxError, StepFailed


@dataclass
class Deployment:
    """Takes registrations from a running program, in any order and from any thread."""

    base: State
    config: StackConfig
    registry: Registry
    planner: Planner
    executor: Executor
    snapshot: Snapshot
    events: Events
    parallel: int
    states: dict[str, Resource] = field(default_factory=dict)
    """From a URN to its state in this run."""
    _planning: threading.Lock = field(default_factory=threading.Lock)
    _defaults: dict[tuple[str, str], str] = field(default_factory=dict)
    _choosing: threading.RLock = field(default_factory=threading.RLock)
    _component_providers: dict[str, dict[str, str]] = field(default_factory=dict)
    _stack: Resource | None = None
    _stack_outputs: Inputs = field(default_factory=dict)

    def register(self, goal: Goal) -> Resource:
        """
        Brings a resource to its goal and returns its state.

        Raises StepFailed or InvalidResource, both reported, when that is not possible.
        """
        if urns.is_provider(goal.type) and "version" not in goal.inputs:
            goal = replace(goal, inputs=versioned(goal.inputs, goal.version))
        goal = self._with_provider(goal)
        self.events.keep_secret(goal.inputs)
        steps = self._plan(goal)
        new = next(step.new for step in reversed(steps) if step.new is not None)
        for step in steps:
            self.executor.run(step)
        self.states[new.urn] = new
        if not new.custom:
            self._component_providers[new.urn] = {**self._component_providers.get(goal.parent, {}), **goal.providers}
        if new.type == urns.STACK_TYPE:
            self._stack = new
        return new

    def read(self, goal: Goal, identity: str) -> Resource:
        """Looks up a resource that exists already and returns its state. Raises StepFailed when there is none."""
        goal = self._with_provider(goal)
        with self._planning:
            self._refuse_when_stopped()
            urn = self.planner.name(goal)
            old = self.planner.olds.get(urn)
            if old is not None:
                self.planner.touched.add(id(old))
            new = Resource(
                urn=urn,
                type=goal.type,
                custom=True,
                id=identity,
                inputs=goal.inputs,
                parent=goal.parent,
                provider=goal.provider,
                dependencies=goal.dependencies,
                external=True,
                additional_secret_outputs=goal.additional_secret_outputs,
                source_position=goal.source_position,
            )
        replaces = old is not None and not old.external and old.id != identity
        self.executor.run(Step(Op.READ_REPLACEMENT if replaces else Op.READ, urn, old, new, keeps_old=replaces))
        self.states[urn] = new
        return new

    def register_outputs(self, urn: str, outputs: Inputs) -> None:
        """Takes a component's outputs. The stack's are kept for the end, when it is known whether all went well."""
        resource = self.states.get(urn)
        if resource is None:
            raise SandboxError(f"cannot take outputs of {urn}, which is not registered")
        self.events.keep_secret(outputs)
        if resource is self._stack:
            self._stack_outputs = outputs
            return
        resource.outputs = outputs
        self.events.outputs(urn, outputs)

    def invoke(
        self, token: str, arguments: Inputs, provider: str, version: str
    ) -> tuple[Inputs, list[tuple[str, str]]]:
        """Returns what a provider's function returns, and why it refused, if it did."""
        package = token.partition(":")[0]
        reference = provider or self.default_provider(package, version)
        plugin = self.registry.find(reference)
        if plugin is None:
            raise SandboxError(f"{token}: the provider {reference} is not declared")
        return plugin.invoke(token, arguments)

    def default_provider(self, package: str, version: str) -> str:
        """Returns the reference of a package's default provider, making it the first time."""
        with self._choosing:
            key = (package, version)
            if key not in self._defaults:
                suffix = "".join(letter if letter.isalnum() else "_" for letter in version)
                goal = Goal(
                    type=f"{urns.PROVIDER_PREFIX}{package}",
                    name=f"default_{suffix}" if version else "default",
                    custom=True,
                    inputs=self._package_inputs(package, version),
                )
                self._defaults[key] = self.register(goal).reference
            return self._defaults[key]

    def finish(self) -> None:
        """Deletes what the program no longer declares, and what replacements left behind."""
        self._delete(self._leftovers())

    def destroy(self) -> None:
        """Deletes everything."""
        self._delete([Step(_delete_op(resource), resource.urn, resource) for resource in self.base.resources])

    def finish_stack(self, succeeded: bool) -> None:
        """Sets the stack's outputs; after a failure, those that are not there this time stay."""
        if self._stack is None:
            return
        old = {} if succeeded else self._stack.outputs
        self._stack.outputs = {**old, **self._stack_outputs}
        self.events.outputs(self._stack.urn, self._stack.outputs)

    def _plan(self, goal: Goal) -> list[Step]:
        with self._planning:
            self._refuse_when_stopped()
            try:
                return self.planner.plan(goal)
            except InvalidResource:
                self.executor.failed = True
                raise
            except Exception as error:
                self.executor.failed = True
                self.events.error(str(error), self._name_for_message(goal))
                raise StepFailed(str(error)) from error

    def _refuse_when_stopped(self) -> None:
        if self.executor.is_stopped():
            raise Cancelled("the deployment has stopped")

    def _name_for_message(self, goal: Goal) -> str:
        return urns.make(self.planner.stack, self.planner.project, goal.parent, goal.type, goal.name)

    def _with_provider(self, goal: Goal) -> Goal:
        if not goal.custom or goal.provider or urns.is_provider(goal.type):
            return goal
        package = urns.package_of(goal.type)
        inherited = self._component_providers.get(goal.parent, {}).get(package)
        return replace(goal, provider=inherited or self.default_provider(package, goal.version))

    def _package_inputs(self, package: str, version: str) -> Inputs:
        inputs: Inputs = {}
        for key, value in self.config.package(package).items():
            secret = f"{package}:{key}" in self.config.secrets
            inputs[key] = values.make_secret(value) if secret else value
        return versioned(inputs, version)

    def _leftovers(self) -> list[Step]:
        return [
            Step(_delete_op(resource), resource.urn, resource)
            for resource in self.base.resources
            if resource.delete or id(resource) not in self.planner.touched
        ]

    def _delete(self, steps: Iterable[Step]) -> None:
        by_resource = {id(step.old): step for step in steps if step.old is not None}
        ordered = [step.old for step in by_resource.values() if step.old is not None]
        order = {id(resource): index for index, resource in enumerate(self.base.resources)}
        ordered.sort(key=lambda resource: order[id(resource)])
        self.executor.deleting |= {step.urn for step in by_resource.values()}
        for group in layers(ordered):
            if not self._run_all([by_resource[id(resource)] for resource in group]):
                return

    def _run_all(self, steps: list[Step]) -> bool:
        """Runs independent steps side by side; returns whether all were done."""

        def run(step: Step) -> bool:
            try:
                self.executor.run(step)
            except (StepFailed, Cancelled):
                return False
            return True

        with ThreadPoolExecutor(max_workers=self.parallel) as pool:
            return all(list(pool.map(run, steps)))


def _delete_op(resource: Resource) -> Op:
    if resource.pending_replacement:
        return Op.REMOVE_PENDING_REPLACE
    if resource.delete:
        return Op.DISCARD_REPLACED if resource.external else Op.DELETE_REPLACED
    return Op.READ_DISCARD if resource.external else Op.DELETE
