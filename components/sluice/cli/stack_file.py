"""Edits of a stack's configuration file that change nothing but what is asked for: no comment, no order, no space."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from sluice.errors import InvalidFile, Problem
from sluice.manifest.load import find_root, load


@dataclass(frozen=True)
class EndpointSection:
    """What a stack's file says of one endpoint."""

    path: Path
    key: str
    """The configuration's key, `digits:endpoint`."""
    settings: Mapping[str, Any]

    @property
    def traffic(self) -> dict[str, float]:
        """Percent by slot; a slot that is left out has none."""
        declared = self.settings.get("traffic") or {}
        return {slot: declared.get(slot, 0) for slot in {**(self.settings.get("variants") or {}), **declared}}

    @property
    def baseline(self) -> str:
        """The slot that the others are compared with: the one that is named, or the one with the most traffic."""
        return str(self.settings.get("baseline") or max(self.traffic, key=lambda slot: self.traffic[slot]))

    def with_traffic(self, traffic: Mapping[str, float]) -> str:
        """Returns the file's text with other percentages. Raises InvalidFile for ones that are not whole."""
        text = self.path.read_text(encoding="utf-8")
        node = _load(self.path)["config"][self.key]["traffic"]
        for slot, share in traffic.items():
            if not float(share).is_integer():
                raise self._wrong(f"traffic.{slot}", f"would be {share:g}; traffic is declared in whole percent")
            if slot in node:
                line, column = node.lc.value(slot)
                text = _replaced(text, line, column, f"{share:g}")
        added = {slot: share for slot, share in traffic.items() if slot not in node and share}
        return self._appended(text, node, added) if added else text

    def with_version(self, slot: str, label: str) -> str:
        """Returns the file's text with another version in a slot."""
        text = self.path.read_text(encoding="utf-8")
        line, column = _load(self.path)["config"][self.key]["variants"][slot].lc.value("version")
        return _replaced(text, line, column, label)

    def with_value(self, name: str, value: str) -> str:
        """Returns the file's text with another value of one of the endpoint's settings; a new one before `traffic`."""
        text = self.path.read_text(encoding="utf-8")
        node = _load(self.path)["config"][self.key]
        if name in node:
            line, column = node.lc.value(name)
            return _replaced(text, line, column, value)
        line, column = node.lc.key("traffic")
        lines = text.splitlines(keepends=True)
        return "".join([*lines[:line], f"{' ' * column}{name}: {value}\n", *lines[line:]])

    def write(self, text: str) -> None:
        """Replaces the file at once, so that nobody ever reads half of it."""
        handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=f".{self.path.name}.")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).chmod(self.path.stat().st_mode)
        Path(name).replace(self.path)

    def _appended(self, text: str, node: Any, added: Mapping[str, float]) -> str:
        if node.fa.flow_style():
            raise self._wrong("traffic", f"has no {', '.join(added)}; name it there, with 0, and run again")
        line, column = max(node.lc.key(slot) for slot in node)
        lines = text.splitlines(keepends=True)
        new = [f"{' ' * column}{slot}: {share:g}\n" for slot, share in added.items()]
        return "".join([*lines[: line + 1], *new, *lines[line + 1 :]])

    def _wrong(self, path: str, reason: str) -> InvalidFile:
        return InvalidFile(f"{self.path}: config {self.key}", [Problem(path, reason)])


def sections(path: Path) -> list[EndpointSection]:
    """Returns what a stack's file says of endpoints: every value with variants and traffic. Raises InvalidFile."""
    return list(_sections(path))


def _sections(path: Path) -> Iterator[EndpointSection]:
    for key, value in (_load(path).get("config") or {}).items():
        if isinstance(value, dict) and "variants" in value and "traffic" in value:
            yield EndpointSection(path, str(key), value)


def section_of(path: Path, slots: set[str], key: str | None = None) -> EndpointSection:
    """
    Returns what a stack's file says of the endpoint with these slots, or under this key.

    Raises InvalidFile, with the keys that there are, when it is none or one of several.
    """
    found = sections(path)
    fitting = [it for it in found if (it.key == key if key is not None else slots <= it.traffic.keys())]
    if len(fitting) != 1:
        keys = ", ".join(it.key for it in found) or "none"
        told = f"has {len(fitting)} values that declare the endpoint; name one with --key; there are: {keys}"
        raise InvalidFile(str(path), [Problem("config", told)])
    return fitting[0]


def manifest_of(path: Path, label: str) -> Path:
    """Returns the manifest of a version that a stack's file declares. Raises InvalidFile, with those that there are."""
    root = find_root(path.absolute())
    values = (_load(path).get("config") or {}).values()
    names = [str(name) for value in values if isinstance(value, dict) for name in value.get("manifests") or []]
    labels = {}
    for name in names:
        manifest = load(root / name, root).manifest
        labels[f"{manifest.name}@{manifest.version}"] = root / name
    if label not in labels:
        told = f"have no {label}; versions there are: {', '.join(labels) or 'none'}"
        raise InvalidFile(str(path), [Problem("manifests", told)])
    return labels[label]


def _load(path: Path) -> Any:
    try:
        document = YAML().load(path.read_text(encoding="utf-8"))
    except (OSError, YAMLError) as error:
        raise InvalidFile(str(path), [Problem("", f"cannot be read: {error}")]) from None
    if not isinstance(document, dict):
        raise InvalidFile(str(path), [Problem("", "is no map; expected a stack's configuration")])
    return document


def _replaced(text: str, line: int, column: int, value: str) -> str:
    """Returns a text with another plain scalar at a place."""
    lines = text.splitlines(keepends=True)
    rest = lines[line][column:]
    end = next((at for at, letter in enumerate(rest) if letter in " \t\r\n,}#"), len(rest))
    lines[line] = lines[line][:column] + value + rest[end:]
    return "".join(lines)
