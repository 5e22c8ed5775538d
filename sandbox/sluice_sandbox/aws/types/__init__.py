"""The resource types that the sandbox's AWS has, one service a file, found by looking."""

import importlib
import pkgutil
from functools import lru_cache

from sluice_sandbox.aws.resource_type import ResourceType


@lru_cache(maxsize=1)
def all_types() -> dict[str, ResourceType]:
    """Returns from a type's token to the type."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return {kind.token: kind() for kind in _subclasses(ResourceType) if hasattr(kind, "token")}


def _subclasses(kind: type[ResourceType]) -> list[type[ResourceType]]:
    direct = kind.__subclasses__()
    return [*direct, *(deeper for child in direct for deeper in _subclasses(child))]
