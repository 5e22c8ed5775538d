"""Documents that are sealed: each holds the digest of everything else in it."""

from collections.abc import Mapping
from typing import Any

from sluice.errors import InvalidFile, Problem
from sluice.manifest.canonical import digest


def seal_of(document: Mapping[str, Any]) -> str:
    """Returns the digest of a document without its own `digest`."""
    return digest({key: value for key, value in document.items() if key != "digest"})


def check_seal(document: Mapping[str, Any], name: str, fix: str) -> None:
    """Raises InvalidFile for a document that somebody has edited."""
    found = seal_of(document)
    if document.get("digest") != found:
        said = document.get("digest")
        raise InvalidFile(
            name,
            [Problem("digest", f"is {said}, but the file's content makes {found}; no report is edited by hand; {fix}")],
        )


def check_format(document: Any, name: str, what: str, known: int, fix: str) -> None:
    """Raises InvalidFile for a document that is none of the known format."""
    if not isinstance(document, dict) or "format" not in document:
        raise InvalidFile(name, [Problem("format", f"is missing: this is no {what} of Sluice; {fix}")])
    found = document["format"]
    if found == known:
        return
    newer = isinstance(found, int) and found > known
    way = "update Sluice" if newer else fix
    raise InvalidFile(name, [Problem("format", f"is {found!r}; this Sluice reads {known}; {way}")])
