"""The code of a Lambda function: a handler and the parts of this package that it imports, and no others."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pulumi

ROLLBACK = "sluice.handlers.rollback"
"""The module of the function that returns traffic to the baseline."""
_TOP = '"""The parts of Sluice that run on Lambda."""\n'
"""Not empty: an engine takes an asset without content for one whose content it need not know."""
_ROOT = Path(__file__).parents[2]


def archive(module: str) -> pulumi.AssetArchive:
    """
    Returns a function's code as an archive: the same sources make the same one, wherever they are installed.

    The package's own `__init__` is another one, because that here is there for programs.
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
        found[path] = _TOP if name == "sluice" else place.read_text(encoding="utf-8")
        waiting += [*_above(name), *_imported(found[path])]
    return found


def _file(module: str) -> tuple[str, Path]:
    """Returns where a module is, in the archive and here. It is not imported: a program needs no boto3."""
    found = _place(module)
    if found is None:
        raise ModuleNotFoundError(f"there is no module {module}, which a Lambda function imports")
    return found.relative_to(_ROOT).as_posix(), found


def _place(module: str) -> Path | None:
    folder = _ROOT.joinpath(*module.split("."))
    return next((it for it in (folder / "__init__.py", folder.with_suffix(".py")) if it.is_file()), None)


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
            modules = [name for name in names if _place(name) is not None]
            yield from modules
            if len(modules) < len(names):
                yield node.module


def _ours(module: str) -> bool:
    return module == "sluice" or module.startswith("sluice.")
