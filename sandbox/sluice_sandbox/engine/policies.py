"""
Policy packs, run in this process by the engine.

A pack is a folder as `pulumi preview --policy-pack` takes it: its `__main__.py` makes one `PolicyPack`. Under the CLI
that starts a server; here what it was given is taken instead, and its policies are called directly.
"""

import asyncio
import inspect
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import pulumi_policy
from pulumi_policy import EnforcementLevel, ResourceValidationPolicy, StackValidationArgs, StackValidationPolicy

# Private, but what `not_applicable` raises, and what the SDK's own wrappers of asynchronous policies let through.
from pulumi_policy.policy import _NotApplicableError
from pulumi_policy.proxy import UnknownValueError

from sluice.errors import InvalidFile, Problem
from sluice_sandbox.engine import policy_config, policy_loading, policy_views
from sluice_sandbox.engine import urn as urns
from sluice_sandbox.engine.events import Events
from sluice_sandbox.engine.goal import Goal
from sluice_sandbox.engine.state import Resource
from sluice_sandbox.engine.values import Inputs
from sluice_sandbox.engine.violations import Violation
from sluice_sandbox.errors import InvalidResource, SandboxError

Report = Callable[..., None]
"""Takes a message and, if it is about another resource than the one looked at, a URN."""


@dataclass(frozen=True)
class Pack:
    """A policy pack's name and policies."""

    name: str
    policies: Sequence[pulumi_policy.Policy]
    default_level: EnforcementLevel = EnforcementLevel.ADVISORY
    config: Mapping[str, Any] = field(default_factory=dict)
    # Asked for every resource, and the same for all of them.
    _levels: dict[str, EnforcementLevel] = field(default_factory=dict, init=False, compare=False, repr=False)
    _settings: dict[str, dict[str, Any]] = field(default_factory=dict, init=False, compare=False, repr=False)

    @classmethod
    def load(cls, folder: Path, config: Path | None = None) -> "Pack":
        """
        Returns the pack of a folder, configured by a file as `--policy-pack-config` takes it.

        Raises SandboxError when there is none or it fails, and InvalidFile for a file that does not fit it.
        """
        given = policy_loading.load(folder)
        pack = cls(given.name, given.policies, given.level, given.config)
        if problems := pack.problems():
            raise SandboxError(f"the policy pack {folder}: {'; '.join(problems)}")
        if config is None:
            return pack
        pack = replace(pack, config=policy_config.merged(given.config, policy_config.read(config, given.policies)))
        if problems := pack.problems():
            raise InvalidFile(str(config), [Problem("", problem) for problem in problems])
        return pack

    def level(self, policy: pulumi_policy.Policy) -> EnforcementLevel:
        """Returns what a violation of a policy does."""
        if policy.name not in self._levels:
            self._levels[policy.name] = self._level_of(policy)
        return self._levels[policy.name]

    def _level_of(self, policy: pulumi_policy.Policy) -> EnforcementLevel:
        for name in (policy.name, "all"):
            configured = self._configured_level(name)
            if configured is not None:
                return EnforcementLevel(configured)
        return policy.enforcement_level or self.default_level

    def _configured_level(self, name: str) -> Any:
        configured = self.config.get(name)
        return configured.get("enforcementLevel") if isinstance(configured, dict) else configured

    def settings(self, policy: pulumi_policy.Policy) -> dict[str, Any]:
        """Returns a policy's configuration, its schema's defaults included."""
        if policy.name not in self._settings:
            self._settings[policy.name] = self._settings_of(policy)
        return dict(self._settings[policy.name])

    def _settings_of(self, policy: pulumi_policy.Policy) -> dict[str, Any]:
        schema = policy.config_schema.properties if policy.config_schema else {}
        defaults = {key: value["default"] for key, value in schema.items() if "default" in value}
        configured = self.config.get(policy.name)
        given = configured if isinstance(configured, dict) else {}
        return {**defaults, **{key: value for key, value in given.items() if key != "enforcementLevel"}}

    def problems(self) -> list[str]:
        """Returns levels that there are not, else what the policies' schemas demand and the configuration lacks."""
        allowed = [level.value for level in EnforcementLevel]
        levels = {name: self._configured_level(name) for name in self.config}
        unknown = [
            f"policy {name} has the enforcement level {level!r}; allowed {', '.join(allowed)}"
            for name, level in levels.items()
            if level not in (None, *EnforcementLevel, *allowed)
        ]
        return unknown or [
            f"policy {policy.name} needs {key} in its configuration"
            for policy in self.policies
            for key in (policy.config_schema.required if policy.config_schema else None) or ()
            if key not in self.settings(policy) and self.level(policy) is not EnforcementLevel.DISABLED
        ]


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
        views = policy_views.ResourceViews(new, goal, provider)
        asked = [
            (pack, policy, views.args(pack.settings(policy)))
            for pack in self.packs
            for policy in pack.policies
            if isinstance(policy, ResourceValidationPolicy)
        ]
        before = len(self.violations)
        for pack, policy, args in asked:
            if pack.level(policy) is EnforcementLevel.REMEDIATE and policy.has_remediation():
                self._remedy(pack, policy, args, new)
        # Whatever was remedied, by whichever pack, is looked at by all. Nobody can change it, so one view is enough.
        seen = policy_views.readable(new.inputs)
        for pack, policy, args in asked:
            if policy.has_validation():
                args.props = seen
                self._call(pack, policy, partial(policy.validate, args), new.urn)
        found = self.violations[before:]
        if any(violation.mandatory for violation in found) and not self.preview:
            raise InvalidResource(f"{new.urn} violates a mandatory policy")
        return new.inputs

    def check_stack(self, resources: Sequence[Resource]) -> None:
        """Runs the policies that look at a whole stack; what they say about nothing in it is about the stack."""
        known = {resource.urn for resource in resources}
        root = next((resource.urn for resource in resources if resource.type == urns.STACK_TYPE), "")
        for pack in self.packs:
            shown = policy_views.stack_resources(resources)
            for policy in pack.policies:
                if isinstance(policy, StackValidationPolicy):
                    args = StackValidationArgs(shown, pack.settings(policy))
                    call = partial(_validate_stack, policy, args, known)
                    self._call(pack, policy, call, root)

    def _remedy(self, pack: Pack, policy: ResourceValidationPolicy, args: Any, new: Resource) -> None:
        args.props = policy_views.changeable(new.inputs)
        remedied = self._call(pack, policy, lambda report: policy.remediate(args), new.urn)
        if remedied:
            new.inputs = policy_views.changed(remedied)
            self.events.keep_secret(new.inputs)
            self.events.info(f"[{pack.name}] {policy.name} remedied this resource", new.urn)

    def _call(self, pack: Pack, policy: pulumi_policy.Policy, call: Callable[[Report], Any], urn: str) -> Any:
        level = pack.level(policy)
        if level is EnforcementLevel.DISABLED:
            return None

        def say(severity: str, message: str, about: str | None = None) -> None:
            self._violated(Violation(pack.name, policy.name, severity, self.events.masked(message), about or urn))

        def report(message: str, about: str | None = None) -> None:
            # What cannot be remedied, or is not after it was, is as if forbidden.
            severity = "advisory" if level is EnforcementLevel.ADVISORY else "mandatory"
            say(severity, f"{policy.description}\n{message}" if message else policy.description, about)

        try:
            outcome = call(report)
            return asyncio.run(_awaited(outcome)) if inspect.isawaitable(outcome) else outcome
        except _NotApplicableError:
            return None
        except UnknownValueError as error:
            say("advisory", f"can't run policy '{policy.name}' during preview: {error.message}")
        except (Exception, SystemExit) as error:
            # A policy that fails has not passed, not even one that would only have advised or that exits with 0.
            failure = f"the policy itself failed: {type(error).__name__}: {error}"
            say("mandatory", f"{policy.description}\n{failure}")
        return None

    def _violated(self, violation: Violation) -> None:
        self.violations.append(violation)
        self.events.violated(violation)


def _validate_stack(policy: StackValidationPolicy, args: StackValidationArgs, known: Set[str], report: Report) -> Any:
    def about_known(message: str, urn: str | None = None) -> None:
        report(message, urn if urn in known else None)

    return policy.validate(args, about_known)


async def _awaited(outcome: Any) -> Any:
    return await outcome
