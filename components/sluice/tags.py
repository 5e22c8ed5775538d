"""Tags that tell what a cloud resource is part of."""

from collections.abc import Mapping

import pulumi


def identity_tags(
    component: str, name: str, given: Mapping[str, pulumi.Input[str]] | None = None
) -> dict[str, pulumi.Input[str]]:
    """
    Returns a component's tags: the given ones, and its identity, which those cannot erase.

    Owner and environment are not its business; they come from the provider's default tags.
    """
    identity = {
        "sluice:project": pulumi.get_project(),
        "sluice:stack": pulumi.get_stack(),
        "sluice:component": component,
        "sluice:name": name,
    }
    return {**(given or {}), **identity}
