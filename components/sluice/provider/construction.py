"""Making a component for a program in any language."""

from collections.abc import Iterable, Mapping
from typing import Any

import pulumi
from pulumi.output import UNKNOWN, Unknown
from pulumi.provider.experimental.analyzer import ComponentDefinition, PropertyDefinition
from pulumi.provider.experimental.component import ComponentProvider
from pulumi.provider.server import ProviderServicer as ComponentServicer
from pulumi.runtime.rpc import is_rpc_secret, unwrap_rpc_secret

from sluice import (
    CheckpointStore,
    EndpointDashboard,
    EndpointRole,
    LogStore,
    ModelEndpoint,
    ModelVersion,
    RollbackGuard,
    RolloutJournal,
    ScheduledEvaluation,
)
from sluice.errors import InvalidInput, Problem

PACKAGE = "sluice"
Definitions = Mapping[str, PropertyDefinition]


class Components(ComponentProvider):
    """The components of the package, by the names that all languages know them by."""

    def __init__(self, version: str) -> None:
        super().__init__(
            [
                CheckpointStore,
                EndpointDashboard,
                EndpointRole,
                LogStore,
                ModelEndpoint,
                ModelVersion,
                RollbackGuard,
                RolloutJournal,
                ScheduledEvaluation,
            ],
            PACKAGE,
            version=version,
        )
        self.package_version = version

    def definition(self, token: str) -> ComponentDefinition:
        """Returns a component's. Raises InvalidInput for one that is not there."""
        package, _, name = token.rpartition(":")
        if package not in (f"{PACKAGE}:index", f"{PACKAGE}:") or name not in self._component_defs:
            known = ", ".join(f"{PACKAGE}:index:{it}" for it in sorted(self._component_defs))
            raise InvalidInput(token, [Problem("", f"is no component of this package; it has: {known}")])
        return self._component_defs[name]

    def properties_of(self, definition: PropertyDefinition) -> Definitions | None:
        """Returns what an object consists of; None for what is no object."""
        if definition.ref is None:
            return None
        found = self.get_type_definition(definition)
        return None if found is None or found.enum else found.properties

    def map_inputs(self, inputs: Any, component_def: ComponentDefinition) -> Any:
        # The models take the wire's names, and what is missing or wrong they tell all together.
        return inputs


class Construction(ComponentServicer):
    """Makes one component."""

    def __init__(self, components: Components, engine: str, request: Any) -> None:
        super().__init__(components, [], engine)
        self._definition = components.definition(request.type)
        self._settled = Settled(components)
        self._subject = f"{self._definition.name} {request.name!r}"

    async def _construct_inputs(self, inputs: Any, input_dependencies: Any) -> dict[str, Any]:  # type: ignore[override]
        given = await ComponentServicer._construct_inputs(inputs, input_dependencies)
        values: dict[str, Any] = await self._settled.members(given, self._definition.inputs, "")
        if self._settled.problems:
            raise InvalidInput(self._subject, self._settled.problems)
        return values


class Settled:
    """
    Inputs as a component's constructor takes them.

    Programs in other languages may give any value as an output. What shapes the graph must be known, and is given on
    as a plain value; what only passes through stays an output, known or not.
    """

    def __init__(self, components: Components) -> None:
        self._components = components
        self.problems: list[Problem] = []

    async def members(self, values: Mapping[str, Any], definitions: Definitions, at: str) -> dict[str, Any]:
        """Returns an object's members; what the object does not have is left for the model to refuse."""
        return {
            key: await self._value(value, definitions[key], f"{at}.{key}" if at else key)
            if key in definitions
            else value
            for key, value in values.items()
        }

    async def _value(self, value: Any, definition: PropertyDefinition, at: str) -> Any:
        if not definition.plain:
            return _output(value)
        value = await self._plain(value, at)
        properties = self._components.properties_of(definition)
        if isinstance(value, dict) and properties is not None:
            return await self.members(value, properties, at)
        if isinstance(value, dict) and definition.additional_properties is not None:
            return await self._each(value.items(), definition.additional_properties, at, "{}.{}")
        if isinstance(value, list) and definition.items is not None:
            return list((await self._each(enumerate(value), definition.items, at, "{}[{}]")).values())
        return value

    async def _each(
        self, values: Iterable[tuple[Any, Any]], definition: PropertyDefinition, at: str, path: str
    ) -> dict[Any, Any]:
        return {key: await self._value(value, definition, path.format(at, key)) for key, value in values}

    async def _plain(self, value: Any, at: str) -> Any:
        secret = is_rpc_secret(value)
        value = unwrap_rpc_secret(value)
        if isinstance(value, pulumi.Output):
            secret = secret or await value.is_secret()
            value = await value.future(with_unknowns=True) if await value.is_known() else UNKNOWN
        if isinstance(value, Unknown):
            reason = "is not known yet; it decides what is made, so give a value, or an output that a preview knows"
            self.problems.append(Problem(at, reason))
        elif secret:
            reason = "is a secret; it decides what is made, and so it shows: give a value that is none"
            self.problems.append(Problem(at, reason))
        return value


def _output(value: Any) -> Any:
    """Returns a value that passes through; what is not known yet becomes an output, which can wait."""
    if isinstance(value, Unknown) or is_rpc_secret(value):
        wrapped: pulumi.Output[Any] = pulumi.Output.from_input(unwrap_rpc_secret(value))
        return pulumi.Output.secret(wrapped) if is_rpc_secret(value) else wrapped
    return value
