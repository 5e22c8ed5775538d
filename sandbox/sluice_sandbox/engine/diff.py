"""What differs between two sets of properties, path by path."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from sluice.provider.differences import path_text
from sluice.provider.wire import Json
from sluice_sandbox.engine import paths, values


class Kind(Enum):
    """How a property differs."""

    ADD = "add"
    DELETE = "delete"
    UPDATE = "update"


@dataclass(frozen=True)
class Change:
    """One property that differs."""

    kind: Kind
    replaces: bool = False
    """True when the resource cannot be changed in place for it."""
    of_input: bool = True
    """True when the program's side differs; False when the world's does."""

    def inverted(self) -> "Change":
        """Returns the change the other way round."""
        kinds = {Kind.ADD: Kind.DELETE, Kind.DELETE: Kind.ADD, Kind.UPDATE: Kind.UPDATE}
        return Change(kinds[self.kind], self.replaces, self.of_input)


Changes = dict[str, Change]
"""From a property path to what happens there."""


@dataclass(frozen=True)
class Diff:
    """A provider's verdict on old state and new inputs."""

    changed: bool
    changes: Changes
    replace_keys: tuple[str, ...] = ()
    changed_keys: tuple[str, ...] = ()
    delete_before_replace: bool = False

    @property
    def replaces(self) -> bool:
        return bool(self.replace_keys)

    def inverted(self) -> "Diff":
        """Returns the verdict as seen from the world: what a refresh shows."""
        turned = {path: change.inverted() for path, change in self.changes.items()}
        return Diff(self.changed, turned, self.replace_keys, self.changed_keys, self.delete_before_replace)


NO_DIFF = Diff(False, {})


def between(old: Mapping[str, Json], new: Mapping[str, Json]) -> Changes:
    """Returns the leaf properties that differ; keys that begin with `__` are the provider's own and do not count."""
    return dict(_between(_visible(old), _visible(new), ()))


def equal(old: Json, new: Json) -> bool:
    """True when two values are the same; assets are when their hashes are."""
    if values.is_asset(old) and values.is_asset(new):
        return bool(old.get("hash")) and old.get("hash") == new.get("hash")
    if isinstance(old, dict) and isinstance(new, dict):
        return old.keys() == new.keys() and all(equal(old[key], new[key]) for key in old)
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(equal, old, new))
    # True is 1 to Python and not to Pulumi.
    return isinstance(old, bool) == isinstance(new, bool) and bool(old == new)


def _visible(properties: Mapping[str, Json]) -> dict[str, Json]:
    return {key: value for key, value in properties.items() if not key.startswith("__")}


def _between(old: Json, new: Json, path: paths.Path) -> Iterable[tuple[str, Change]]:
    if _descends(old, new):
        for key in _union(old, new):
            inner = (*path, key)
            if not _has(new, key):
                yield path_text(inner), Change(Kind.DELETE)
            elif not _has(old, key):
                yield path_text(inner), Change(Kind.ADD)
            else:
                yield from _between(old[key], new[key], inner)
    elif not equal(old, new):
        yield path_text(path), Change(Kind.UPDATE)


def _descends(old: Json, new: Json) -> bool:
    both_lists = isinstance(old, list) and isinstance(new, list)
    both_maps = isinstance(old, dict) and isinstance(new, dict)
    special = values.signature(old) is not None or values.signature(new) is not None
    return both_lists or (both_maps and not special)


def _union(old: Json, new: Json) -> Iterable[str | int]:
    if isinstance(old, list):
        return range(max(len(old), len(new)))
    return sorted({*old, *new})


def _has(container: Json, key: str | int) -> bool:
    return key < len(container) if isinstance(key, int) else key in container
