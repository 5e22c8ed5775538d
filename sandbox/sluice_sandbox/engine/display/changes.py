"""What changes in a resource, property by property, as text."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from rich.text import Text

from sluice.provider.wire import Json
from sluice_sandbox.engine import diff as diffs
from sluice_sandbox.engine import paths, values
from sluice_sandbox.engine.diff import Change, Changes, Kind
from sluice_sandbox.engine.display import properties
from sluice_sandbox.engine.display.palette import MARKS, style_of
from sluice_sandbox.engine.state import Resource
from sluice_sandbox.engine.values import Inputs

_ABSENT: Any = object()
_WHOLE = "whole"


@dataclass
class _Node:
    """A property on the way to changes, or one that changes itself."""

    inner: dict[str | int, "_Node"] = field(default_factory=dict)
    change: Change | None = None
    old: Json = _ABSENT
    new: Json = _ABSENT

    def below(self, parts: paths.Path) -> "_Node":
        """Returns the node at a path, made if need be."""
        node = self
        for part in parts:
            node = node.inner.setdefault(part, _Node())
        return node


def changed_lines(changes: Changes, old: Resource, new: Resource, indent: int) -> Iterator[Text]:
    """Yields the lines of an update: each property that changes, old and new, within what it belongs to."""
    root = _Node()
    for path, change in sorted(changes.items()):
        parts = paths.parse(path)
        node = root.below(parts)
        node.change = change
        node.old = _find(parts, old, first_inputs=change.of_input)
        node.new = _find(parts, new, first_inputs=True)
    yield from _inner_lines(root, indent)


def value_lines(label: str, old: Json, new: Json, indent: int) -> Iterator[Text]:
    """Yields the lines of a value that changes: what differs within it, or old and new as a whole."""
    root = _Node()
    for path, change in sorted(diffs.between({_WHOLE: old}, {_WHOLE: new}).items()):
        parts = paths.parse(path)
        node = root.below(parts)
        node.change, node.old, node.new = change, _at({_WHOLE: old}, parts), _at({_WHOLE: new}, parts)
    yield from _lines(label, root.inner[_WHOLE], indent)


def summary(changes: Changes) -> str:
    """Returns the properties that change on one line: `~tags,+bucketPrefix`."""
    heads: dict[str, Kind] = {}
    for path, change in changes.items():
        parts = paths.parse(path)
        # A change within a property is an update of it.
        kind = change.kind if len(parts) == 1 else Kind.UPDATE
        heads.setdefault(str(parts[0]), kind)
    return ",".join(f"{MARKS[kind]}{head}" for head, kind in sorted(heads.items()))


def _inner_lines(node: _Node, indent: int) -> Iterator[Text]:
    labels = {key: f"[{key}]" if isinstance(key, int) else key for key in node.inner}
    width = max(map(len, labels.values()), default=0)
    for key, inner in sorted(node.inner.items(), key=lambda item: str(item[0])):
        yield from _lines(labels[key].ljust(width), inner, indent)


def _lines(label: str, node: _Node, indent: int) -> Iterator[Text]:
    if node.change is not None:
        yield from _leaf(label, node, node.change, indent)
        return
    opening, closing = ("[", "]") if all(isinstance(key, int) for key in node.inner) else ("{", "}")
    yield Text(f"{' ' * (indent - 2)}~ {label}: {opening}", "yellow")
    yield from _inner_lines(node, indent + 4)
    yield Text(f"{' ' * indent}{closing}", "yellow")


def _leaf(label: str, node: _Node, change: Change, indent: int) -> Iterator[Text]:
    style, mark = style_of(change), MARKS[change.kind]
    if change.kind is Kind.ADD:
        yield from _plain(properties.entry(label, _known(node.new), indent, mark), style)
    elif change.kind is Kind.DELETE:
        yield from _plain(properties.entry(label, _known(node.old), indent, mark), style)
    elif _on_one_line(node.old) and _on_one_line(node.new):
        margin = " " * (indent - 2)
        shown = f"{properties.scalar(_known(node.old))} => {properties.scalar(_known(node.new))}"
        yield Text(f"{margin}{mark} {label}: {shown}", style)
    else:
        yield from _plain(properties.entry(label, _known(node.old), indent, "-"), "red")
        yield from _plain(properties.entry(label, _known(node.new), indent, "+"), "green")


def _plain(lines: Iterator[str], style: str) -> Iterator[Text]:
    for line in lines:
        yield Text(line, style)


def _on_one_line(value: Json) -> bool:
    return value is _ABSENT or (properties.is_flat(value) and not values.is_asset(value))


def _known(value: Json) -> Json:
    return None if value is _ABSENT else value


def _find(parts: paths.Path, resource: Resource, *, first_inputs: bool) -> Json:
    inputs, outputs = resource.inputs, resource.outputs
    # A change of provider is told like one of a property.
    options: Inputs = {"provider": resource.provider}
    for source in (inputs, outputs, options) if first_inputs else (outputs, inputs, options):
        value = _at(source, parts)
        if value is not _ABSENT:
            return value
    return _ABSENT


def _at(value: Json, parts: paths.Path) -> Json:
    for part in parts:
        # Within a secret everything is one.
        if values.is_secret(value):
            return value
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            return _ABSENT
    return value
