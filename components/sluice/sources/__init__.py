"""
Where versions come from: one file a registry or data tool.

A source is a module with two functions, imported only when it is asked:

- `resolve(reference, context) -> Pin` finds out what a reference means now, whatever it takes;
- `pinned(reference, pin) -> reference` is the reference that will always mean that.

`reference` is what the manifest says: a model of `sluice.manifest`, or for `file` and `s3` a text.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from pkgutil import iter_modules
from typing import Any, Protocol, cast

from sluice.manifest.pins import Pin
from sluice.sources.errors import SourceError


def _ignore(name: str, done: int, total: int | None) -> None:
    return


@dataclass(frozen=True)
class Context:
    """What every source may use."""

    root: Path
    """The project's folder; files that a manifest names are in it."""
    timeout: float = 30.0
    """Seconds to wait for an answer."""
    progress: Callable[[str, int, int | None], None] = field(default=_ignore)
    """Told of work that takes long: what, bytes done, and bytes in all where that is known."""


class Source(Protocol):
    """A module of this package."""

    def resolve(self, reference: Any, context: Context) -> Pin:
        """Returns what a reference means now. Raises SourceError."""
        ...

    def pinned(self, reference: Any, pin: Pin) -> Any:
        """Returns the reference that means what was found, for good."""
        ...


def source(kind: str) -> Source:
    """Returns the source of a kind, `mlflow`. Raises SourceError for one that this Sluice does not have."""
    name = f"{__name__}.{kind}"
    if find_spec(name) is None:
        raise SourceError(f"this Sluice cannot resolve {kind} yet; the places that it knows: {', '.join(_known())}")
    return cast("Source", import_module(name))


def _known() -> list[str]:
    helpers = {"errors", "hashing"}
    modules = {module.name for module in iter_modules(__path__) if not module.ispkg and not module.name.startswith("_")}
    return sorted(modules - helpers)


def kind_of_uri(uri: str) -> str:
    """Returns the source of an artifact: `s3` for `s3://...`, else `file`."""
    return "s3" if uri.startswith("s3://") else "file"
