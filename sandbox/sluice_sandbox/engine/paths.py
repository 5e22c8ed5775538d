"""Property paths, `tags.team`, `items[2].name`, `tags["a.b"]`, as resource options and diffs write them."""

import copy
import re
from collections.abc import Sequence
from typing import Any, TypeAlias

from sluice.provider.differences import path_text
from sluice_sandbox.engine.values import Inputs
from sluice_sandbox.errors import SandboxError

Path: TypeAlias = tuple[str | int, ...]
_PART = re.compile(r'\.?([^.\[\]"]+)|\[(\d+|\*)\]|\["((?:[^"\\]|\\.)*)"\]')


def parse(text: str) -> Path:
    """Returns the parts of a path; `*` stands for any one. Raises SandboxError for what is not a path."""
    parts: list[str | int] = []
    position = 0
    while position < len(text):
        match = _PART.match(text, position)
        if match is None:
            raise SandboxError(f'{text!r} is not a property path; write `a.b`, `a[0]` or `a["b.c"]`')
        name, index, quoted = match.groups()
        if index is not None:
            parts.append(index if index == "*" else int(index))
        else:
            parts.append(name if quoted is None else re.sub(r"\\(.)", r"\1", quoted))
        position = match.end()
    return tuple(parts)


def contains(outer: Path, inner: Path) -> bool:
    """True when `inner` is at or below `outer`, whose parts may be `*`."""
    return len(outer) <= len(inner) and all(mine in ("*", theirs) for mine, theirs in zip(outer, inner, strict=False))


def at(value: Any, path: Sequence[str | int]) -> Any:
    """Returns what is at a path. Raises LookupError where there is nothing."""
    for part in path:
        if not isinstance(value, dict | list):
            raise LookupError(path_text(path))
        value = value[part]  # type: ignore[index]
    return value


def keep_old(new: Inputs, old: Inputs, ignored: Sequence[str]) -> tuple[Inputs, list[str]]:
    """
    Returns the new inputs with what `ignore_changes` names set back to the old ones.

    Also returns the paths that could not be: those of elements that were added or removed on the way.
    """
    kept = copy.deepcopy(new)
    impossible = [path for path in ignored if not _reset(old, kept, parse(path))]
    return kept, impossible


def _reset(old: Any, new: Any, path: Path) -> bool:
    head, rest = path[0], path[1:]
    if head == "*":
        keys = set(_keys(old)) | set(_keys(new))
        outcomes = [_reset(old, new, (key, *rest)) for key in keys]
        return all(outcomes)
    in_old, in_new = head in _keys(old), head in _keys(new)
    if rest:
        # Absent on both sides is as ignored as it can be.
        return _reset(old[head], new[head], rest) if in_old and in_new else in_old == in_new
    if isinstance(new, dict):
        if in_old:
            new[head] = copy.deepcopy(old[head])
        else:
            new.pop(head, None)
        return True
    if in_old and in_new:
        new[head] = copy.deepcopy(old[head])
    return in_old == in_new


def _keys(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value)
    return list(range(len(value))) if isinstance(value, list) else []
