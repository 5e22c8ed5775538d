"""How a patch takes the place of methods of a moto class."""

from collections.abc import Callable
from typing import Any


def replace_methods(target: type, **methods: Callable[..., Any]) -> None:
    """Puts methods in the place of those of the same names."""
    for name, method in methods.items():
        setattr(target, name, method)
