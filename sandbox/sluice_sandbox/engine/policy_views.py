"""Resources as Pulumi's policy SDK shows them to policies."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pulumi_policy
from pulumi_policy.deserialize import deserialize_properties, serialize_properties
from pulumi_policy.proxy import unknown_checking_proxy

from sluice.provider import wire
from sluice.provider.wire import Json
from sluice_sandbox.engine import urn as urns
from sluice_sandbox.engine import values
from sluice_sandbox.engine.goal import Goal
from sluice_sandbox.engine.state import Resource
from sluice_sandbox.engine.values import Inputs


class ResourceViews:
    """One resource that is about to be made, for all policies that look at it."""

    def __init__(self, new: Resource, goal: Goal, provider: Resource | None) -> None:
        self._new = new
        self._options = _options(new, goal.delete_before_replace)
        self._provider = _provider(provider)

    def args(self, config: dict[str, Any]) -> pulumi_policy.ResourceValidationArgs:
        """Returns what a policy gets; its properties are set when it is called."""
        new = self._new
        return pulumi_policy.ResourceValidationArgs(
            new.type, {}, new.urn, new.name, self._options, self._provider, config
        )


def stack_resources(resources: Sequence[Resource]) -> list[pulumi_policy.PolicyResource]:
    """Returns what became of the resources, tied to what they depend on."""
    by_urn = {resource.urn: resource for resource in resources}
    made = {resource.urn: _stack_resource(resource, by_urn) for resource in resources}
    for resource in resources:
        made[resource.urn].parent = made.get(resource.parent)
        made[resource.urn].dependencies = _known(resource.dependencies, made)
        made[resource.urn].property_dependencies = {
            key: _known(needs, made) for key, needs in resource.property_dependencies.items()
        }
    return list(made.values())


def readable(inputs: Inputs) -> Any:
    """Returns properties to look at: secrets in the clear, and an unknown raises when it is looked at."""
    shown = {key: value for key, value in inputs.items() if not key.startswith("__")}
    return unknown_checking_proxy(values.transform(values.plain(shown), _asset))


def changeable(inputs: Inputs) -> Any:
    """Returns properties to change: what was secret stays secret unless it is taken out."""
    return unknown_checking_proxy(deserialize_properties(inputs, True))


def changed(properties: Mapping[str, Any]) -> Inputs:
    """Returns properties as the engine keeps them."""
    return dict(serialize_properties(properties))


def _stack_resource(resource: Resource, by_urn: Mapping[str, Resource]) -> pulumi_policy.PolicyResource:
    provider = by_urn.get(urns.split_reference(resource.provider)[0]) if resource.provider else None
    options = _options(resource, None)
    seen = readable(resource.outputs)
    return pulumi_policy.PolicyResource(
        resource.type, seen, resource.urn, resource.name, options, _provider(provider), None, [], {}
    )


def _provider(provider: Resource | None) -> pulumi_policy.PolicyProviderResource | None:
    if provider is None:
        return None
    return pulumi_policy.PolicyProviderResource(provider.type, readable(provider.inputs), provider.urn, provider.name)


def _options(resource: Resource, delete_before_replace: bool | None) -> pulumi_policy.PolicyResourceOptions:
    timeouts = pulumi_policy.PolicyCustomTimeouts(
        *(resource.custom_timeouts.get(operation, 0.0) for operation in ("create", "update", "delete"))
    )
    return pulumi_policy.PolicyResourceOptions(
        resource.protect,
        resource.ignore_changes,
        delete_before_replace,
        resource.aliases,
        timeouts,
        resource.additional_secret_outputs,
        resource.parent or None,
    )


def _known(needs: Iterable[str], made: Mapping[str, Any]) -> list[Any]:
    return [made[urn] for urn in needs if urn in made]


def _asset(value: Json) -> Json:
    return wire.to_properties({"asset": value})["asset"].value if values.is_asset(value) else value
