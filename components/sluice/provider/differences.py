"""What differs between two sets of plain properties, path by path."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

Kind = Literal["add", "delete", "update"]
_PLAIN = re.compile(r"[A-Za-z_][\w$-]*")
_ABSENT = object()


def between(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Kind]:
    """Returns how each leaf differs, by its path as Pulumi writes it: `metadata["metric.accuracy"]`."""
    return dict(_between(old, new, ()))


def path_text(path: Sequence[str | int]) -> str:
    """Returns a path as Pulumi writes it."""
    written = ""
    for part in path:
        if isinstance(part, int):
            written += f"[{part}]"
        elif _PLAIN.fullmatch(part):
            written += f".{part}" if written else part
        else:
            escaped = part.replace('"', '\\"')
            written += f'["{escaped}"]'
    return written


def _between(old: Any, new: Any, path: tuple[str | int, ...]) -> Iterator[tuple[str, Kind]]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in sorted({*old, *new}):
            yield from _between(old.get(key, _ABSENT), new.get(key, _ABSENT), (*path, key))
    elif isinstance(old, list) and isinstance(new, list):
        for index in range(max(len(old), len(new))):
            yield from _between(_item(old, index), _item(new, index), (*path, index))
    elif old is _ABSENT:
        yield path_text(path), "add"
    elif new is _ABSENT:
        yield path_text(path), "delete"
    elif old != new:
        yield path_text(path), "update"


def _item(items: list[Any], index: int) -> Any:
    return items[index] if index < len(items) else _ABSENT
