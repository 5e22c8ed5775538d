"""Providers in process: the SDK's `Provider` objects, called as the CLI would call them over gRPC."""

import asyncio
import threading
from collections.abc import Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from pulumi.provider.experimental import provider as sdk

from sluice.provider import protocol, wire
from sluice.provider.wire import Json
from sluice_sandbox.engine import diff as diffs
from sluice_sandbox.engine import paths, values
from sluice_sandbox.engine.diff import Change, Diff, Kind
from sluice_sandbox.engine.state import Resource
from sluice_sandbox.engine.values import Inputs
from sluice_sandbox.errors import SandboxError

T = TypeVar("T")

_KINDS = {
    sdk.PropertyDiffKind.ADD: (Kind.ADD, False),
    sdk.PropertyDiffKind.ADD_REPLACE: (Kind.ADD, True),
    sdk.PropertyDiffKind.DELETE: (Kind.DELETE, False),
    sdk.PropertyDiffKind.DELETE_REPLACE: (Kind.DELETE, True),
    sdk.PropertyDiffKind.UPDATE: (Kind.UPDATE, False),
    sdk.PropertyDiffKind.UPDATE_REPLACE: (Kind.UPDATE, True),
}


class ProviderLoop:
    """
    One event loop in a thread of its own for all providers of a deployment.

    That is how a plugin process runs its provider, so one that blocks its loop is as slow here as there.
    """

    def __init__(self, parallel: int) -> None:
        self._loop = asyncio.new_event_loop()
        self._loop.set_default_executor(ThreadPoolExecutor(parallel, thread_name_prefix="provider"))
        self._thread = threading.Thread(target=self._loop.run_forever, name="providers", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Returns what a provider's coroutine returns, or raises what it raises."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()


@dataclass(frozen=True)
class Checked:
    """Inputs as the provider completed them, or why they are not valid."""

    inputs: Inputs
    failures: list[tuple[str, str]]
    """Property (empty for the whole) and reason."""


class InitFailed(Exception):
    """A resource came into being but not into service; it must be recorded."""

    def __init__(self, identity: str, outputs: Inputs, reasons: list[str]) -> None:
        super().__init__("; ".join(reasons))
        self.id = identity
        self.outputs = outputs
        self.reasons = reasons


class Plugin:
    """A configured provider, in the engine's terms: signed JSON in, signed JSON out."""

    def __init__(self, provider: sdk.Provider, loop: ProviderLoop) -> None:
        self._provider = provider
        self._loop = loop
        self._previews = False

    def check_config(self, urn: str, old: Inputs, new: Inputs) -> Checked:
        request = sdk.CheckRequest(urn, wire.to_properties(old), wire.to_properties(new), b"")
        return _checked(self._run(self._provider.check_config(request)))

    def diff_config(self, urn: str, old: Inputs, new: Inputs) -> Diff:
        request = protocol.DiffRequest(
            urn, "", wire.to_properties(old), wire.to_properties(new), [], wire.to_properties(old)
        )
        return _diff(self._run(self._provider.diff_config(request)), old, new)

    def configure(self, inputs: Inputs) -> None:
        variables = {key: value for key, value in values.plain(inputs).items() if isinstance(value, str)}
        request = sdk.ConfigureRequest(
            variables, wire.to_properties(inputs), accept_secrets=True, accept_resources=True
        )
        self._previews = self._run(self._provider.configure(request)).supports_preview

    def check(self, urn: str, old: Inputs, new: Inputs, seed: bytes) -> Checked:
        request = sdk.CheckRequest(urn, _past(old), wire.to_properties(new), seed)
        return _checked(self._run(self._provider.check(request)))

    def diff(self, old: Resource, inputs: Inputs, ignored: list[str]) -> Diff:
        request = protocol.DiffRequest(
            old.urn, old.id, _past(old.outputs), wire.to_properties(inputs), ignored, _past(old.inputs)
        )
        return _diff(self._run(self._provider.diff(request)), old.inputs, inputs)

    def create(self, urn: str, inputs: Inputs, timeout: float, preview: bool) -> tuple[str, Inputs]:
        if preview and not self._previews:
            return "", {}
        request = sdk.CreateRequest(urn, wire.to_properties(inputs), timeout, preview)
        answer = self._run(self._provider.create(request))
        if not preview and not answer.resource_id:
            raise SandboxError(f"{urn}: the provider did not return an id from create")
        return answer.resource_id or "", wire.from_properties(answer.properties)

    def update(self, old: Resource, inputs: Inputs, timeout: float, ignored: list[str], preview: bool) -> Inputs:
        if preview and not self._previews:
            return inputs
        request = protocol.UpdateRequest(
            old.urn,
            old.id,
            _past(old.outputs),
            wire.to_properties(inputs),
            timeout,
            ignored,
            preview,
            _past(old.inputs),
        )
        return wire.from_properties(self._run(self._provider.update(request)).properties)

    def read(self, urn: str, identity: str, inputs: Inputs, outputs: Inputs) -> tuple[str, Inputs, Inputs | None]:
        """Returns id, outputs and, where the provider knows them, inputs; an empty id where there is nothing."""
        request = sdk.ReadRequest(urn, identity, _past(outputs), _past(inputs))
        answer = self._run(self._provider.read(request))
        # A provider has only heard of the hashes of assets.
        told = values.restored(wire.from_properties(answer.properties), inputs)
        read_inputs = values.restored(wire.from_properties(answer.inputs), inputs) if answer.inputs else None
        return answer.resource_id or "", told, read_inputs

    def delete(self, resource: Resource, timeout: float) -> None:
        request = sdk.DeleteRequest(resource.urn, resource.id, _past(resource.outputs), timeout)
        self._run(self._provider.delete(request))

    def invoke(self, token: str, arguments: Inputs) -> tuple[Inputs, list[tuple[str, str]]]:
        answer = self._run(self._provider.invoke(sdk.InvokeRequest(token, wire.to_properties(arguments))))
        failures = [(failure.property, failure.reason) for failure in answer.failures]
        return wire.from_properties(answer.return_value or {}), failures

    def cancel(self) -> None:
        self._run(self._provider.cancel())

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        try:
            return self._loop.run(work)
        except protocol.ResourceInitFailed as failure:
            outputs = wire.from_properties(failure.properties)
            raise InitFailed(failure.resource_id, outputs, failure.reasons) from failure


def _past(properties: Inputs) -> wire.Properties:
    return wire.to_properties(values.elided(properties))


def _checked(answer: sdk.CheckResponse) -> Checked:
    failures = [(failure.property, failure.reason) for failure in answer.failures or []]
    return Checked(wire.from_properties(answer.inputs or {}), failures)


def _diff(answer: sdk.DiffResponse, old: Mapping[str, Json], new: Mapping[str, Json]) -> Diff:
    """Returns a provider's verdict; of one that leaves it open, what comparing the inputs says."""
    changes = {}
    for path, difference in answer.detailed_diff.items():
        kind, replaces = _KINDS[difference.kind]
        changes[path] = Change(kind, replaces, difference.input_diff)
    if answer.changes is None:
        changes = diffs.between(old, new)
        return Diff(bool(changes), changes, (), _top(changes))
    keys = {*answer.replaces, *(_head(path) for path, change in changes.items() if change.replaces)}
    changed_keys = tuple(answer.diffs) or _top(changes)
    return Diff(answer.changes, changes, tuple(sorted(keys)), changed_keys, answer.delete_before_replace)


def _top(changes: diffs.Changes) -> tuple[str, ...]:
    return tuple(sorted({_head(path) for path in changes}))


def _head(path: str) -> str:
    return str(paths.parse(path)[0])
