"""The code of a Lambda function: a handler and the parts of this package that it imports, and no others."""

import ast
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pulumi

ROLLBACK = "sluice.handlers.rollback"
"""The module of the function that returns traffic to the baseline."""


def archive(module: str) -> pulumi.AssetArchive:
    """
    Returns a function's code as an archive: the same sources make the same one, wherever they are installed.

    The package's own `__init__` is left empty, because it is there for programs.
    """
    return pulumi.AssetArchive({path: pulumi.StringAsset(text) for path, text in sorted(sources(module).items())})


def sources(module: str) -> dict[str, str]:
    """Returns the files of a function, from the path in its archive to their text."""
    found: dict[str, str] = {}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        path, place = _file(name)
        if path in found:
            continue
        found[path] = "" if name == "sluice" else place.read_text(encoding="utf-8")
        waiting += [*_above(name), *_imported(found[path])]
    return found


def _file(module: str) -> tuple[str, Path]:
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"there is no module {module}, which a Lambda function imports")
    place = Path(spec.origin)
    folder = module.replace(".", "/")
    return (f"{folder}/__init__.py" if place.name == "__init__.py" else f"{folder}.py"), place


def _above(module: str) -> Iterator[str]:
    package, _, _ = module.rpartition(".")
    if package:
        yield package


def _imported(text: str) -> Iterator[str]:
    """Yields the modules of this package that a file imports."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names if _ours(name.name))
        elif isinstance(node, ast.ImportFrom) and node.module is not None and _ours(node.module):
            names = [f"{node.module}.{name.name}" for name in node.names]
            modules = [name for name in names if _is_module(name)]
            yield from modules
            if len(modules) < len(names):
                yield node.module


def _ours(module: str) -> bool:
    return module == "sluice" or module.startswith("sluice.")


def _is_module(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:
        return False
