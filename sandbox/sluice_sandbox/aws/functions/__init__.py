"""The functions of `pulumi_aws` that the sandbox's AWS has, one a module, found by looking."""

import importlib
import pkgutil
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from sluice_sandbox.aws.clients import Clients

Function = Callable[[Clients, dict[str, Any]], dict[str, Any]]


@lru_cache(maxsize=1)
def all_functions() -> dict[str, Function]:
    """Returns from a function's token to the function."""
    modules = [importlib.import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)]
    return {module.TOKEN: module.call for module in modules}
