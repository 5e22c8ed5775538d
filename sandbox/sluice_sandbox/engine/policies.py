"""
Policy packs, run in this process by the engine.

A pack is a folder as `pulumi preview --policy-pack` takes it: its `__main__.py` makes one `PolicyPack`. Under the CLI
that starts a server; here what it was given is taken instead, and its policies are called directly.
"""

import asyncio
import inspect
import runpy
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

import pulumi_policy
from pulumi_policy import EnforcementLevel, ResourceValidationArgs, ResourceValidationPolicy, StackValidationArgs
from pulumi_policy.deserialize import serialize_properties
from pulumi_policy.proxy import UnknownValueError, unknown_checking_proxy

from sluice.provider import wire
from sluice.provider.wire import Json
from sluice_sandbox.engine import values
from sluice_sandbox.engine.events import Events
from sluice_sandbox.engine.goal import Goal
from sluice_sandbox.engine.state import Resource
from sluice_sandbox.engine.values import Inputs
from sluice_sandbox.engine.violations import Violation
from sluice_sandbox.errors import InvalidResource, SandboxError


@dataclass(frozen=True)
class Pack:
    """A policy pack's name and policies."""

    name: str
    policies: Sequence[pulumi_policy.Policy]
    default_level: EnforcementLevel = EnforcementLevel.ADVISORY
    config: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def load(cls, folder: Path) -> "Pack":
        """Returns the pack of a folder. Raises SandboxError when there is none or it fails."""
        main = folder / "__main__.py"
        if not (folder / "PulumiPolicy.yaml").is_file() or not main.is_file():
            raise SandboxError(f"{folder} is not a Python policy pack; it needs PulumiPolicy.yaml and __main__.py")
        captured: list[Pack] = []

        def capture(
            name: str, policies: list[Any], enforcement_level: Any = None, initial_config: Any = None, **_: Any
        ) -> None:
            level = enforcement_level or EnforcementLevel.ADVISORY
            captured.append(cls(name, policies, level, initial_config or {}))

        with _importing_from(folder), mock.patch.object(pulumi_policy, "PolicyPack", capture):
            try:
                runpy.run_path(str(main), run_name="__main__")
            except Exception as error:
                raise SandboxError(f"the policy pack {folder} fails to load: {error}") from error
        if len(captured) != 1:
            raise SandboxError(f"{main} makes {len(captured)} PolicyPacks; it must make one")
        return captured[0]

    def level(self, policy: pulumi_policy.Policy) -> EnforcementLevel:
        configured = self.config.get(policy.name, self.config.get("all"))
        if isinstance(configured, dict):
            configured = configured.get("enforcementLevel")
        if configured is not None:
            return EnforcementLevel(configured)
        return policy.enforcement_level or self.default_level

    def settings(self, policy: pulumi_policy.Policy) -> dict[str, Any]:
        configured = self.config.get(policy.name)
        if not isinstance(configured, dict):
            return {}
        return {key: value for key, value in configured.items() if key != "enforcementLevel"}


@dataclass
class PolicyRun:
    """The policies of one deployment, and what they found."""

    packs: Sequence[Pack]
    events: Events
    preview: bool
    violations: list[Violation] = field(default_factory=list)

    @property
    def failed(self) -> bool:
        return any(violation.mandatory for violation in self.violations)

    def check_resource(self, new: Resource, goal: Goal, provider: Resource | None) -> Inputs:
        """
        Returns the resource's inputs as remediations leave them.

        Raises InvalidResource when a mandatory policy objects; a preview goes on, to show all objections.
        """
        before = len(self.violations)
        for pack in self.packs:
            for policy in pack.policies:
                if isinstance(policy, ResourceValidationPolicy):
                    self._run(pack, policy, _Args(new, goal, provider, pack.settings(policy)), new)
        found = self.violations[before:]
        if any(violation.mandatory for violation in found) and not self.preview:
            raise InvalidResource(f"{new.urn} violates a mandatory policy")
        return new.inputs

    def check_stack(self, resources: Sequence[Resource]) -> None:
        """Runs the policies that look at a whole stack."""
        for pack in self.packs:
            for policy in pack.policies:
                if isinstance(policy, pulumi_policy.StackValidationPolicy):
                    arguments = StackValidationArgs(_policy_resources(resources), pack.settings(policy))
                    self._call(pack, policy, lambda report, run=policy.validate, args=arguments: run(args, report), "")

    def _run(self, pack: Pack, policy: ResourceValidationPolicy, args: "_Args", new: Resource) -> None:
        if pack.level(policy) is EnforcementLevel.REMEDIATE and policy.has_remediation():
            remedied = self._call(pack, policy, lambda report: policy.remediate(args), new.urn)
            if remedied:
                new.inputs = _inputs(remedied)
                args.props = _proxied(new.inputs)
                self.events.info(f"[{pack.name}] {policy.name} remedied this resource", new.urn)
        elif policy.has_validation():
            self._call(pack, policy, lambda report: policy.validate(args, report), new.urn)

    def _call(self, pack: Pack, policy: pulumi_policy.Policy, call: Any, urn: str) -> Any:
        level = pack.level(policy)
        if level is EnforcementLevel.DISABLED:
            return None

        def report(message: str, about: str | None = None) -> None:
            # A remediation that only validates here stops nothing, as under the CLI.
            severity = "mandatory" if level is EnforcementLevel.MANDATORY else "advisory"
            text = f"{policy.description}\n{message}" if message else policy.description
            self._violated(Violation(pack.name, policy.name, severity, text, about or urn))

        try:
            outcome = call(report)
            return asyncio.run(_awaited(outcome)) if inspect.isawaitable(outcome) else outcome
        except _NotApplicable:
            return None
        except UnknownValueError as error:
            text = f"can't run policy '{policy.name}' during preview: {error.message}"
            self._violated(Violation(pack.name, policy.name, "advisory", text, urn))
        except Exception as error:
            # A mandatory policy that fails has not passed.
            report(f"the policy itself failed: {type(error).__name__}: {error}", urn)
        return None

    def _violated(self, violation: Violation) -> None:
        self.violations.append(violation)
        self.events.violated(violation)


class _NotApplicable(Exception):
    """A policy said that a resource is none of its business."""


class _Args(ResourceValidationArgs):
    """One resource, as policies see it."""

    def __init__(self, new: Resource, goal: Goal, provider: Resource | None, config: dict[str, Any]) -> None:
        shown = None
        if provider is not None:
            shown = pulumi_policy.PolicyProviderResource(
                provider.type, _proxied(provider.inputs), provider.urn, provider.name
            )
        super().__init__(new.type, _proxied(new.inputs), new.urn, new.name, _options(new, goal), shown, config)

    def not_applicable(self, reason: str | None = None) -> None:
        raise _NotApplicable(reason)


def _options(resource: Resource, goal: Goal | None) -> pulumi_policy.PolicyResourceOptions:
    timeouts = pulumi_policy.PolicyCustomTimeouts(
        *(resource.custom_timeouts.get(operation, 0.0) for operation in ("create", "update", "delete"))
    )
    return pulumi_policy.PolicyResourceOptions(
        resource.protect,
        resource.ignore_changes,
        goal.delete_before_replace if goal else None,
        resource.aliases,
        timeouts,
        resource.additional_secret_outputs,
        resource.parent or None,
    )


def _policy_resources(resources: Sequence[Resource]) -> list[pulumi_policy.PolicyResource]:
    made = {
        resource.urn: pulumi_policy.PolicyResource(
            resource.type,
            _proxied(resource.outputs if resource.custom else {**resource.inputs, **resource.outputs}),
            resource.urn,
            resource.name,
            _options(resource, None),
            None,
            None,
            [],
            {},
        )
        for resource in resources
    }
    for resource in resources:
        made[resource.urn].parent = made.get(resource.parent)
        made[resource.urn].dependencies = _known(resource.dependencies, made)
        made[resource.urn].property_dependencies = {
            key: _known(needs, made) for key, needs in resource.property_dependencies.items()
        }
    return list(made.values())


def _known(urns: Iterable[str], made: Mapping[str, Any]) -> list[Any]:
    return [made[urn] for urn in urns if urn in made]


def _proxied(inputs: Inputs) -> Any:
    """Returns properties for a policy: secrets in the clear, and an unknown raises when it is looked at."""
    return unknown_checking_proxy(values.transform(values.plain(inputs), _asset))


def _asset(value: Json) -> Json:
    return wire.to_properties({"asset": value})["asset"].value if values.is_asset(value) else value


def _inputs(remedied: Mapping[str, Any]) -> Inputs:
    return dict(serialize_properties(remedied))


async def _awaited(outcome: Any) -> Any:
    return await outcome


@contextmanager
def _importing_from(folder: Path) -> Any:
    """Imports a pack's modules from its folder, whatever is known by their names, and forgets them after."""
    own = {path.stem for path in folder.iterdir()}
    path, hidden = list(sys.path), {name: sys.modules[name] for name in sys.modules if name.split(".")[0] in own}
    for name in hidden:
        del sys.modules[name]
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path[:] = path
        for name in [name for name in sys.modules if name.split(".")[0] in own]:
            del sys.modules[name]
        sys.modules.update(hidden)
