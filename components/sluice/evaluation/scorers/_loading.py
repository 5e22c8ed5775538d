"""Functions of the project's own."""

import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module, invalidate_caches
from pathlib import Path
from typing import Any

from sluice.errors import InvalidInput, Problem


def load(function: str, folder: Path | None) -> Callable[..., Any]:
    """
    Returns `module:function`, from a folder or as it is installed.

    Raises InvalidInput, naming `function`, when there is none, when it is async, and when a module of the same name
    was loaded from elsewhere.
    """
    module_name, _, name = function.partition(":")
    with _found_in(folder):
        try:
            module: Any = import_module(module_name)
            found = module
            for part in name.split("."):
                found = getattr(found, part)
        except Exception as error:  # whatever the module does when it loads
            raise _wrong(function, f"cannot be loaded: {type(error).__name__}: {error}") from error
    origin = source_of(module)
    if folder is not None and (origin is None or not origin.is_relative_to(folder.resolve())):
        raise _wrong(function, f"is not of {folder}, but of {origin}; give the module another name")
    if not callable(found):
        raise _wrong(function, f"is a {type(found).__name__}; name a function")
    if inspect.iscoroutinefunction(found):
        raise _wrong(function, "is async; name a function that returns the score")
    loaded: Callable[..., Any] = found
    return loaded


def source_of(module: Any) -> Path | None:
    """Returns the file of a module. None: it has none."""
    file = getattr(module, "__file__", None)
    return None if file is None else Path(file).resolve()


@contextmanager
def _found_in(folder: Path | None) -> Iterator[None]:
    if folder is None:
        yield
        return
    added = str(folder.resolve())
    sys.path.insert(0, added)
    # Python may have looked into the folder before the module was written.
    invalidate_caches()
    try:
        yield
    finally:
        sys.path.remove(added)


def _wrong(function: str, reason: str) -> InvalidInput:
    return InvalidInput("custom", [Problem("function", f"is {function!r}, which {reason}")])
