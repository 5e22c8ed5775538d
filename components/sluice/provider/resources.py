"""The plugin's provider: checks, compares and manages its custom resources."""

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

from pulumi.provider.experimental import provider as sdk
from pulumi.provider.experimental.property_value import PropertyValue

from sluice.errors import InvalidInput, Problem, SluiceError
from sluice.provider import wire
from sluice.provider.baseline_error_rate import BaselineErrorRate
from sluice.provider.connection import Client, default_region, explained, own_client
from sluice.provider.custom_type import CustomType, Failure, NotReady, Values
from sluice.provider.differences import between
from sluice.provider.live_endpoint import LiveEndpoint
from sluice.provider.model_package import ModelPackage
from sluice.provider.properties import UNKNOWN, to_plain, to_properties
from sluice.provider.protocol import DiffRequest, ResourceInitFailed, UpdateRequest
from sluice.provider.work import Work

T = TypeVar("T")
_TYPES: dict[str, CustomType] = {kind.token: kind for kind in (BaselineErrorRate(), LiveEndpoint(), ModelPackage())}
_KINDS = {
    ("add", False): sdk.PropertyDiffKind.ADD,
    ("add", True): sdk.PropertyDiffKind.ADD_REPLACE,
    ("delete", False): sdk.PropertyDiffKind.DELETE,
    ("delete", True): sdk.PropertyDiffKind.DELETE_REPLACE,
    ("update", False): sdk.PropertyDiffKind.UPDATE,
    ("update", True): sdk.PropertyDiffKind.UPDATE_REPLACE,
}


class ResourceProvider(sdk.Provider):
    """
    Manages the custom resources of the package `sluice`.

    Everything is checked before anything is asked of AWS, and what AWS refuses is told in its own words.
    """

    def __init__(self, client: Client = own_client, region: Callable[[], str | None] = default_region) -> None:
        """`client` makes clients of AWS; `region` is asked where a resource names none."""
        self._client, self._region = client, region
        self._cancelled = threading.Event()
        self.tell: Callable[[str, str], None] = _silent
        """Told how far the resource of a URN is."""
        self.say: Callable[[str, str], None] = _silent
        """Told what is good to know of the resource of a URN."""
        self.warn: Callable[[str, str], None] = _silent
        """Told what somebody should know of the resource of a URN."""

    async def cancel(self) -> None:
        self._cancelled.set()

    async def check_config(self, request: sdk.CheckRequest) -> sdk.CheckResponse:
        return sdk.CheckResponse(inputs=request.new_inputs, failures=[])

    async def diff_config(self, request: sdk.DiffRequest) -> sdk.DiffResponse:
        # It has no settings: whatever else is in them changes nothing.
        return sdk.DiffResponse(changes=False, replaces=[], diffs=[])

    async def check(self, request: sdk.CheckRequest) -> sdk.CheckResponse:
        kind, inputs = _type(request.urn), dict(request.new_inputs)
        if "region" not in inputs:
            region = to_plain(request.old_inputs).get("region") or self._region()
            if region is not None:
                inputs["region"] = PropertyValue(region)
        inputs |= to_properties({key: value for key, value in kind.defaults.items() if key not in inputs})
        failures = [
            sdk.CheckFailure(path, reason)
            for path, reason in kind.check(to_plain(inputs), to_plain(request.old_inputs))
        ]
        if kind.found_out and not failures:
            work, old = self._work(request.urn), to_plain(request.old_inputs)
            inputs |= to_properties(await _off_loop(lambda: kind.find_out(work, to_plain(inputs), old)))
        return sdk.CheckResponse(inputs=inputs, failures=failures)

    async def diff(self, request: sdk.DiffRequest) -> sdk.DiffResponse:
        kind = _type(request.urn)
        before = request.old_inputs if isinstance(request, DiffRequest) else request.old_state
        known = (kind.required | kind.optional | kind.found_out) - kind.guards
        # Where a region is not known yet, it is that of something that is made anew beside: not another one.
        known -= {"region"} if to_plain(request.new_inputs).get("region") is UNKNOWN else set()
        old, new = (
            {key: value for key, value in to_plain(it).items() if key in known} for it in (before, request.new_inputs)
        )
        changed = sorted(key for key in {*old, *new} if old.get(key) != new.get(key))
        if not changed:
            await _off_loop(lambda: kind.remark(self._work(request.urn, request.old_state), new))
        replaces = [key for key in changed if key not in kind.mutable | kind.found_out]
        detailed = {
            path: sdk.PropertyDiff(_KINDS[how, _head(path) in replaces], input_diff=True)
            for path, how in between(old, new).items()
        }
        return sdk.DiffResponse(
            changes=bool(changed),
            replaces=replaces,
            diffs=changed,
            stables=sorted(kind.stable),
            detailed_diff=detailed,
            delete_before_replace=bool(replaces) and _same_name(kind, old, new),
        )

    async def create(self, request: sdk.CreateRequest) -> sdk.CreateResponse:
        kind, inputs = _type(request.urn), to_plain(request.properties)
        if request.preview:
            work = self._work(request.urn, preview=True)
            await _off_loop(lambda: _check_change(request.urn, list(kind.refuse_creation(work, inputs))))
            decided = {key: PropertyValue.computed() for key in kind.decided - kind.found_out}
            return sdk.CreateResponse("", {**request.properties, **decided})
        try:
            identity, outputs = await _off_loop(lambda: kind.create(self._work(request.urn), inputs, request.timeout))
        except NotReady as failure:
            made = {**request.properties, **to_properties(failure.outputs)}
            raise ResourceInitFailed(failure.identity, made, failure.reasons) from failure
        return sdk.CreateResponse(identity, {**request.properties, **to_properties(outputs)})

    async def read(self, request: sdk.ReadRequest) -> sdk.ReadResponse:
        kind = _type(request.urn)
        found = await _off_loop(
            lambda: kind.read(
                self._work(request.urn, request.properties), request.resource_id, to_plain(request.inputs)
            )
        )
        if found is None:
            return sdk.ReadResponse()
        known = kind.required | kind.optional
        inputs = _adopted(dict(request.inputs), {key: found[key] for key in found.keys() & known}, known - kind.untold)
        return sdk.ReadResponse(request.resource_id, {**inputs, **to_properties(found)}, inputs)

    async def update(self, request: sdk.UpdateRequest) -> sdk.UpdateResponse:
        kind, inputs = _type(request.urn), request.news
        before = to_plain(request.old_inputs if isinstance(request, UpdateRequest) else request.olds)
        after, identity = to_plain(inputs), request.resource_id
        work = self._work(request.urn, request.olds, preview=request.preview)
        await _off_loop(lambda: _check_change(request.urn, list(kind.refuse(work, before, after))))
        if request.preview:
            kept = {key: request.olds[key] for key in kind.stable & request.olds.keys()}
            decided = {key: PropertyValue.computed() for key in kind.decided - kind.stable - kind.found_out}
            return sdk.UpdateResponse({**inputs, **decided, **kept})
        try:
            outputs = await _off_loop(lambda: kind.update(work, identity, before, after, request.timeout))
        except NotReady as failure:
            made = {**inputs, **to_properties(failure.outputs)}
            raise ResourceInitFailed(identity, made, failure.reasons) from failure
        return sdk.UpdateResponse({**inputs, **to_properties(outputs)})

    async def delete(self, request: sdk.DeleteRequest) -> None:
        kind, outputs = _type(request.urn), to_plain(request.properties)
        await _off_loop(lambda: kind.delete(self._work(request.urn), request.resource_id, outputs, request.timeout))

    def _work(self, urn: str, recorded: wire.Properties | None = None, *, preview: bool = False) -> Work:
        return Work(
            self._client,
            self._cancelled,
            self._region() or "",
            lambda message: self.tell(urn, message),
            to_plain(recorded or {}),
            preview,
            lambda message: self.warn(urn, message),
            lambda message: self.say(urn, message),
        )


def _silent(urn: str, message: str) -> None:
    return


def _check_change(urn: str, failures: list[Failure]) -> None:
    """Raises InvalidInput with all that an update may not do."""
    if failures:
        kind, name = _type(urn).token.rpartition(":")[2], urn.rpartition("::")[2]
        raise InvalidInput(f"{kind} {name!r}", [Problem(path, reason) for path, reason in failures])


def _same_name(kind: CustomType, old: Values, new: Values) -> bool:
    return kind.fixed_name is not None and old.get(kind.fixed_name) == new.get(kind.fixed_name)


def _type(urn: str) -> CustomType:
    token = urn.split("::")[2].rpartition("$")[2]
    if token not in _TYPES:
        raise SluiceError(f"the plugin sluice has no resource {token}; it has: {', '.join(sorted(_TYPES))}")
    return _TYPES[token]


def _head(path: str) -> str:
    return path.partition(".")[0].partition("[")[0]


def _adopted(inputs: wire.Properties, found: Values, known: frozenset[str]) -> wire.Properties:
    """Returns inputs as the world has them: what is gone there goes, what differs there is as it is there."""
    before = to_plain(inputs)
    # Nothing said and something empty are the same to AWS.
    kept = {key: value for key, value in inputs.items() if key not in known or key in found or not before.get(key)}
    # Numbers are the same with and without a fraction, so that nothing seems to differ that does not.
    return {**kept, **to_properties({key: value for key, value in found.items() if before.get(key) != value})}


async def _off_loop(work: Callable[[], T]) -> T:
    """Runs blocking work beside the event loop."""

    def explaining() -> T:
        with explained():
            return work()

    return await asyncio.to_thread(explaining)
