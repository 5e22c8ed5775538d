"""What every resource of the plugin is registered with."""

from functools import lru_cache
from importlib.metadata import version

import pulumi


def plugin_options(given: pulumi.ResourceOptions | None) -> pulumi.ResourceOptions:
    """Returns a resource's options with the version of the plugin that serves it."""
    return pulumi.ResourceOptions.merge(pulumi.ResourceOptions(version=_version()), given)


@lru_cache(maxsize=1)
def _version() -> str:
    return version("pulumi-sluice")
