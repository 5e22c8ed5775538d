"""
What moto 5.2 lacks and the sandbox needs, one service a file.

Each module says what it adds, and has two functions: `needed()`, which turns false once moto has it, so that a test can
tell that the patch may go, and `apply()`.
"""

import importlib
import pkgutil
from collections.abc import Callable
from types import ModuleType

from sluice_sandbox.aws.clock import Clock

_listeners: list[Callable[[], None]] = []
_HELPERS = {
    "alarm_actions",
    "alarm_history",
    "alarm_watch",
    "durations",
    "endpoint_alarms",
    "endpoint_exclusions",
    "endpoint_life",
    "fates",
    "function_runs",
    "listing",
    "moments",
    "queue_feeds",
    "replacing",
    "role_limits",
    "role_policies",
}


def patches() -> list[ModuleType]:
    """Returns the patch modules, by name."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name not in _HELPERS)
    return [importlib.import_module(f"{__name__}.{name}") for name in names]


def apply(clock: Clock) -> None:
    """Patches moto in this process; `clock` hears when somebody waits."""
    _listeners[:] = [clock.waited]
    for patch in patches():
        if patch.needed():
            patch.apply()


def waited() -> None:
    """Says that somebody looked at something that is not ready yet."""
    for listener in _listeners:
        listener()
