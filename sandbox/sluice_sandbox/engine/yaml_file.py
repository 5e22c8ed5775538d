"""YAML that a person wrote, read so that a mistake can be pointed at."""

from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import MarkedYAMLError

from sluice.errors import InvalidFile, Problem


def load_map(path: Path) -> CommentedMap:
    """
    Returns the map that a file holds, an empty one for an empty file; its keys know their lines.

    Raises InvalidFile with the line for anything else.
    """
    try:
        document = YAML().load(path.read_text(encoding="utf-8"))
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise InvalidFile(
            str(path), [Problem(f"line {line}:", f"not valid YAML: {error.problem}; correct it")]
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidFile(str(path), [Problem("", f"cannot be read: {error}")]) from None
    if document is None:
        return CommentedMap()
    if not isinstance(document, CommentedMap):
        raise InvalidFile(str(path), [Problem("line 1:", f"is {kind(document)}; expected a map of keys to values")])
    return document


def line_of(parent: CommentedMap, key: str) -> str:
    """Returns `line N:` for a key, to begin a problem's path with."""
    return f"line {parent.lc.key(key)[0] + 1}:"


def kind(value: Any) -> str:
    """Returns what a value is, in a person's words, with the value where it is short."""
    match value:
        case None:
            return "empty"
        case dict():
            return "a map"
        case list():
            return "a list"
        case str():
            return f"the text {value!r}"
    return f"{value!r}"
