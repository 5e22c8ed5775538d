"""
A provider with a small world of its own, for tests of engines.

The world is a file, so that a provider in this process, one in another, and the test itself see the same one. A *thing*
has any properties; these mean something:

- `kind`: cannot be changed in place
- `size`: must not be negative; the output `out` is the name and the size
- `exclusive`: two of its name cannot be at once, so that a replacement deletes first
"""

import asyncio
import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pulumi.provider.experimental import provider as sdk
from pulumi.provider.experimental.property_value import PropertyValue

from sluice.provider import wire
from sluice.provider.protocol import ResourceInitFailed
from sluice_sandbox.engine import diff as diffs
from sluice_sandbox.engine import paths
from sluice_sandbox.engine import urn as urns
from sluice_sandbox.engine.diff import Kind

_IMMUTABLE = ("kind",)
_KINDS = {
    (Kind.ADD, False): sdk.PropertyDiffKind.ADD,
    (Kind.ADD, True): sdk.PropertyDiffKind.ADD_REPLACE,
    (Kind.DELETE, False): sdk.PropertyDiffKind.DELETE,
    (Kind.DELETE, True): sdk.PropertyDiffKind.DELETE_REPLACE,
    (Kind.UPDATE, False): sdk.PropertyDiffKind.UPDATE,
    (Kind.UPDATE, True): sdk.PropertyDiffKind.UPDATE_REPLACE,
}


class World:
    """What there is, what goes wrong, and what was asked."""

    def __init__(self, path: Path) -> None:
        self._path = path
        if not path.exists():
            path.write_text(json.dumps({"things": {}, "faults": {}, "delays": {}, "log": [], "made": {}}))

    @contextmanager
    def open(self) -> Iterator[dict[str, Any]]:
        """Opens the world for a change that nobody else sees the half of."""
        with self._path.open("r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            world = json.load(file)
            yield world
            file.seek(0)
            file.truncate()
            json.dump(world, file)

    @property
    def things(self) -> dict[str, Any]:
        with self.open() as world:
            return world["things"]

    @property
    def log(self) -> list[str]:
        """Every operation on a thing, in order, as `create:name`."""
        with self.open() as world:
            return world["log"]

    def fail(self, operation: str, message: str = "the cloud says no") -> None:
        """Makes an operation, `create:name`, fail until `heal`."""
        with self.open() as world:
            world["faults"][operation] = message

    def delay(self, operation: str, seconds: float) -> None:
        with self.open() as world:
            world["delays"][operation] = seconds

    def heal(self) -> None:
        with self.open() as world:
            world["faults"], world["delays"] = {}, {}

    def drift(self, identity: str, **properties: Any) -> None:
        """Changes a thing behind everybody's back."""
        with self.open() as world:
            world["things"][identity].update(properties)

    def lose(self, identity: str) -> None:
        """Deletes a thing behind everybody's back."""
        with self.open() as world:
            del world["things"][identity]

    async def work(self, operation: str) -> None:
        """Takes the time and has the fate that the test has arranged."""
        with self.open() as world:
            world["log"].append(operation)
            delay, fault = world["delays"].get(operation, 0), world["faults"].get(operation)
        await asyncio.sleep(delay)
        if fault is not None:
            raise RuntimeError(fault)


class Cloud(sdk.Provider):
    """Makes, changes and deletes things in a world."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def diff_config(self, request: sdk.DiffRequest) -> sdk.DiffResponse:
        old, new = wire.from_properties(request.old_state), wire.from_properties(request.new_inputs)
        changed = sorted(diffs.between(old, new))
        return sdk.DiffResponse(
            changes=bool(changed), diffs=changed, replaces=[key for key in changed if key == "zone"]
        )

    async def check(self, request: sdk.CheckRequest) -> sdk.CheckResponse:
        inputs = dict(request.new_inputs)
        size = inputs.get("size", PropertyValue(0.0)).value
        if isinstance(size, float) and size < 0:
            return sdk.CheckResponse(inputs=inputs, failures=[sdk.CheckFailure("size", "is negative")])
        return sdk.CheckResponse(inputs=inputs)

    async def diff(self, request: sdk.DiffRequest) -> sdk.DiffResponse:
        old = wire.from_properties(request.old_inputs)  # type: ignore[attr-defined]
        new = wire.from_properties(request.new_inputs)
        changes = diffs.between(old, new)
        heads = {str(paths.parse(path)[0]) for path in changes}
        replaces = sorted(heads & set(_IMMUTABLE))
        detailed = {
            path: sdk.PropertyDiff(_KINDS[change.kind, str(paths.parse(path)[0]) in replaces], input_diff=True)
            for path, change in changes.items()
        }
        return sdk.DiffResponse(
            changes=bool(changes),
            replaces=replaces,
            diffs=sorted(heads),
            detailed_diff=detailed,
            delete_before_replace=bool(replaces) and new.get("exclusive") is True,
        )

    async def create(self, request: sdk.CreateRequest) -> sdk.CreateResponse:
        name = urns.name_of(request.urn)
        if request.preview:
            return sdk.CreateResponse("", {**request.properties, "out": PropertyValue.computed()})
        await self._world.work(f"create:{name}")
        outputs = _outputs(name, request.properties)
        with self._world.open() as world:
            number = world["made"][name] = world["made"].get(name, 0) + 1
            identity = f"{name}-{number}"
            world["things"][identity] = _plain(outputs)
            sick = world["faults"].get(f"init:{name}")
        if sick is not None:
            raise ResourceInitFailed(identity, outputs, [sick])
        return sdk.CreateResponse(identity, outputs)

    async def update(self, request: sdk.UpdateRequest) -> sdk.UpdateResponse:
        name = urns.name_of(request.urn)
        outputs = _outputs(name, request.news)
        if not request.preview:
            await self._world.work(f"update:{name}")
            with self._world.open() as world:
                world["things"][request.resource_id] = _plain(outputs)
        return sdk.UpdateResponse(outputs)

    async def read(self, request: sdk.ReadRequest) -> sdk.ReadResponse:
        await self._world.work(f"read:{urns.name_of(request.urn)}")
        thing = self._world.things.get(request.resource_id)
        if thing is None:
            return sdk.ReadResponse()
        outputs = wire.to_properties(thing)
        inputs = {key: outputs.get(key, PropertyValue(None)) for key in request.inputs}
        inputs |= {key: value for key, value in outputs.items() if key not in request.properties and key != "out"}
        return sdk.ReadResponse(request.resource_id, outputs, inputs)

    async def delete(self, request: sdk.DeleteRequest) -> None:
        await self._world.work(f"delete:{urns.name_of(request.urn)}")
        with self._world.open() as world:
            world["things"].pop(request.resource_id, None)

    async def invoke(self, request: sdk.InvokeRequest) -> sdk.InvokeResponse:
        arguments = _plain(request.args)
        if arguments.get("key") == "bad":
            return sdk.InvokeResponse(failures=[sdk.CheckFailure("key", "is bad")])
        return sdk.InvokeResponse({"value": PropertyValue(f"value of {arguments['key']}")})


def _outputs(name: str, inputs: wire.Properties) -> wire.Properties:
    size = inputs["size"].value if "size" in inputs else 0.0
    if not isinstance(size, float):
        return {**inputs, "out": PropertyValue.computed()}
    return {**inputs, "out": PropertyValue(f"{name}:{size:g}")}


def _plain(properties: Any) -> dict[str, Any]:
    from sluice_sandbox.engine import values

    plain: dict[str, Any] = values.plain(wire.from_properties(properties))
    return plain
