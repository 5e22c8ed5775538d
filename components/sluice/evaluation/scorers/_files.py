"""Files of the project that scorers' options name."""

import hashlib
from pathlib import Path

from sluice.errors import InvalidInput, Problem
from sluice.manifest.load import inside


def file_path(root: Path, name: str, key: str) -> Path:
    """Returns the path of a project's file. Raises InvalidInput, naming `key`, for one outside of the project."""
    return inside(root, name, key, "the contract")


def read(root: Path, name: str, key: str) -> bytes:
    """Returns what a project's file holds. Raises InvalidInput, naming `key`."""
    path = file_path(root, name, key)
    try:
        return path.read_bytes()
    except OSError as error:
        reason = f"is {name!r}, which cannot be read: {(error.strerror or '').lower()}"
        raise InvalidInput("the scorer", [Problem(key, reason)]) from None


def read_text(root: Path, name: str, key: str) -> str:
    """Returns the text of a project's file. Raises InvalidInput, naming `key`."""
    try:
        return read(root, name, key).decode("utf-8")
    except UnicodeError:
        raise InvalidInput("the scorer", [Problem(key, f"is {name!r}, which is not UTF-8")]) from None


def digest_of(content: bytes) -> str:
    """Returns the digest of a file's bytes."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"
