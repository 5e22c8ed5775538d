"""
What must hold before a candidate's traffic may rise: one gate a file, found by looking.

A gate is a module with `check(rise) -> Verdict`. Its verdict bears the module's name. A gate that nobody's evidence can
replace, whatever the reason, is hard: a force does not pass it.
"""

from collections.abc import Callable
from functools import lru_cache
from importlib import import_module
from pkgutil import iter_modules

from sluice.rollout.rise import Rise, Verdict

Gate = Callable[[Rise], Verdict]


@lru_cache(maxsize=1)
def all_gates() -> dict[str, Gate]:
    """Returns from a gate's name to the gate, in the order of names."""
    names = sorted(module.name for module in iter_modules(__path__))
    return {name: import_module(f"{__name__}.{name}").check for name in names}


def check_all(rise: Rise) -> tuple[Verdict, ...]:
    """Returns what every gate says, the hard ones first."""
    verdicts = [gate(rise) for gate in all_gates().values()]
    return tuple(sorted(verdicts, key=lambda verdict: not verdict.hard))
