"""Digests of what is said, whatever the order and style that it is said in."""

import hashlib
import re
from collections.abc import Mapping
from typing import Any

import rfc8785

from sluice.errors import SluiceError

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def canonical(document: Mapping[str, Any]) -> bytes:
    """
    Returns a document as canonical JSON (RFC 8785).

    Raises SluiceError for what JSON cannot hold exactly: whole numbers from 2**53, infinities, what is no number.
    """
    try:
        return rfc8785.dumps(dict(document))
    except rfc8785.CanonicalizationError as error:
        raise SluiceError(f"a value cannot be part of a digest: {error}; write it as a text") from None


def digest(document: Mapping[str, Any]) -> str:
    """Returns the digest of a document, `sha256:...`: SHA-256 of its canonical JSON."""
    return f"sha256:{hashlib.sha256(canonical(document)).hexdigest()}"


def digest_of_files(files: Mapping[str, str]) -> str:
    """Returns one digest for several files, from their names to their digests."""
    return digest({"files": dict(files)})


def is_digest(text: str) -> bool:
    """True for `sha256:` and 64 hexadecimal digits."""
    return _DIGEST.fullmatch(text) is not None


def short(text: str) -> str:
    """Returns a digest as people read it: its first twelve digits."""
    return text[: len("sha256:") + 12] if is_digest(text) else text
