"""One resource of each type, a service a file."""

from importlib import import_module
from pkgutil import iter_modules

from tests.sandbox.aws.cases.case import Case

CASES: list[Case] = [
    case
    for name in sorted(module.name for module in iter_modules(__path__))
    for case in getattr(import_module(f"{__name__}.{name}"), "CASES", [])
]
