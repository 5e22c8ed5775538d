"""YAML from strangers: read without being blown up, with a line for every key."""

from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from sluice.errors import InvalidFile, Problem

MAX_BYTES = 1 << 20
"""A manifest is written by a person; nobody writes more than this."""
_MAX_NODES = 50_000

Lines = dict[tuple[str | int, ...], int]
"""From a key path to the line, counted from 1, that it is on."""


def read_text(path: Path) -> bytes:
    """Returns a small file's content. Raises InvalidFile when it cannot be read or is not small."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InvalidFile(str(path), [Problem("", f"cannot be read: {error.strerror}")]) from None
    if len(content) > MAX_BYTES:
        raise InvalidFile(str(path), [Problem("", f"is larger than {MAX_BYTES >> 20} MiB; no manifest is")])
    return content


def parse(path: Path, content: bytes) -> tuple[dict[str, Any], Lines]:
    """
    Returns the map that a YAML or JSON text holds, and where its keys are.

    Raises InvalidFile for anything else: for what is no map, and for what would grow without end or measure.
    """
    name = str(path)
    try:
        text = content.decode("utf-8")
        node = YAML(typ="safe", pure=True).compose(text)
        if not isinstance(node, MappingNode):
            raise InvalidFile(name, [Problem("line 1:", "is no map; expected `name: ...` and so on")])
        lines = _Walk(name).lines(node)
        loaded: dict[str, Any] = YAML(typ="safe", pure=True).load(text)
    except UnicodeDecodeError as error:
        raise InvalidFile(name, [Problem("", f"is not UTF-8: {error.reason} at byte {error.start}")]) from None
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise InvalidFile(name, [Problem(f"line {line}:", f"not valid YAML: {error.problem}; correct it")]) from None
    return loaded, lines


class _Walk:
    """Walks through all that a document stands for, aliases resolved, and gives up on bombs."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._seen = 0
        self._lines: Lines = {}

    def lines(self, root: Node) -> Lines:
        self._walk(root, (), ())
        return self._lines

    def _walk(self, node: Node, path: tuple[str | int, ...], above: tuple[int, ...]) -> None:
        line = node.start_mark.line + 1
        self._lines[path] = line
        self._seen += 1
        if id(node) in above:
            self._refuse(line, "refers to what it is itself in; write it out")
        if self._seen > _MAX_NODES:
            self._refuse(line, f"stands for more than {_MAX_NODES:,} values; no manifest has so many")
        inside = (*above, id(node))
        if isinstance(node, MappingNode):
            for key, value in node.value:
                name = key.value if isinstance(key, ScalarNode) else "?"
                self._walk(value, (*path, name), inside)
                self._lines[(*path, name)] = key.start_mark.line + 1
        elif isinstance(node, SequenceNode):
            for index, item in enumerate(node.value):
                self._walk(item, (*path, index), inside)

    def _refuse(self, line: int, reason: str) -> None:
        raise InvalidFile(self._file, [Problem(f"line {line}:", reason)])
