"""The providers of one deployment: which plugin serves which resource."""

import threading
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from pulumi.provider.experimental import provider as sdk

from sluice.provider.protocol import Tells
from sluice.provider.wire import UNKNOWN
from sluice_sandbox.engine import urn as urns
from sluice_sandbox.engine.diff import Diff
from sluice_sandbox.engine.host import Checked, Plugin, ProviderLoop
from sluice_sandbox.engine.state import Resource
from sluice_sandbox.engine.values import Inputs, contains_unknown
from sluice_sandbox.errors import NotInSandbox, SandboxError

Factory = Callable[[], sdk.Provider]
_INTERNAL = "__internal"
"""Where Pulumi keeps its own notes on a provider; there as soon as there is a version, empty for what we support."""


@dataclass
class Registry:
    """Makes, configures and finds providers."""

    factories: Mapping[str, Factory]
    """From a package to what makes its provider."""
    loop: ProviderLoop
    tell: Callable[[str, str], None]
    """Told how far the resource of a URN is, by providers that say so."""
    say: Callable[[str, str], None]
    """Told what is good to know of the resource of a URN."""
    warn: Callable[[str, str], None]
    """Told what somebody should know of the resource of a URN."""
    _plugins: dict[str, Plugin] = field(default_factory=dict)
    _aliases: dict[str, str] = field(default_factory=dict)
    _unconfigured: dict[str, Plugin] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def find(self, reference: str) -> Plugin | None:
        """Returns the provider that a resource refers to as `<urn>::<id>`, or None."""
        urn, identity = urns.split_reference(reference)
        return self._plugins.get(f"{self._aliases.get(urn, urn)}::{identity}") or self._plugins.get(reference)

    def check(self, goal_urn: str, old: Inputs, new: Inputs) -> Checked:
        """Returns a provider's own configuration as the plugin completes it."""
        hidden = {key: value for key, value in new.items() if key != _INTERNAL}
        checked = self._bare(goal_urn).check_config(goal_urn, public(old), hidden)
        internal = {_INTERNAL: new[_INTERNAL]} if _INTERNAL in new else {}
        return Checked({**checked.inputs, **internal}, checked.failures)

    def diff(self, old: Resource, inputs: Inputs) -> Diff:
        """Returns whether a provider's configuration changed, and so much that its resources must be replaced."""
        return self._bare(old.urn).diff_config(old.urn, public(old.inputs), public(inputs))

    def start(self, provider: Resource, preview: bool) -> str:
        """Configures the provider and returns its id: a new one where it has none, an unknown one in a preview."""
        identity = provider.id or (UNKNOWN if preview else str(uuid.uuid4()))
        plugin = self._make(urns.package_of(provider.type), provider.urn)
        inputs = public(provider.inputs)
        if not contains_unknown(inputs):
            plugin.configure(inputs)
        with self._lock:
            self._plugins[f"{provider.urn}::{identity}"] = plugin
        return identity

    def ensure(self, reference: str, resources: Iterable[Resource]) -> Plugin:
        """Returns the provider that a resource of the past refers to, started from its own state if need be."""
        plugin = self.find(reference)
        if plugin is None:
            state = next((resource for resource in resources if resource.reference == reference), None)
            if state is None:
                raise SandboxError(f"the state has no provider {reference}")
            self.start(state, preview=False)
            plugin = self.find(reference)
            assert plugin is not None
        return plugin

    def alias(self, old_urn: str, new_urn: str) -> None:
        """Remembers that resources of the past know a provider by another name."""
        self._aliases[old_urn] = new_urn

    def cancel(self) -> None:
        """Asks every provider to give up what it is waiting for."""
        for plugin in list(self._plugins.values()):
            plugin.cancel()

    def _bare(self, urn: str) -> Plugin:
        package = urns.package_of(urns.type_of(urn))
        if package not in self._unconfigured:
            self._unconfigured[package] = self._make(package, urn)
        return self._unconfigured[package]

    def _make(self, package: str, where: str) -> Plugin:
        if package not in self.factories:
            served = ", ".join(sorted(self.factories)) or "none"
            raise NotInSandbox(f"the provider {package!r}; it serves: {served}", where)
        provider = self.factories[package]()
        if isinstance(provider, Tells):
            provider.tell, provider.say, provider.warn = self.tell, self.say, self.warn
        return Plugin(provider, self.loop)


def versioned(inputs: Inputs, version: str) -> Inputs:
    """Returns a provider's inputs with its version, if it has one, where Pulumi records it."""
    return {**inputs, _INTERNAL: {}, "version": version} if version else inputs


def public(inputs: Inputs) -> Inputs:
    """Returns a provider's inputs as it shows them."""
    return {key: value for key, value in inputs.items() if key != _INTERNAL}
