"""Files on this machine that are to be uploaded, and whether they are what was declared."""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

from sluice.errors import Problem

_SHA256 = re.compile(r"[0-9a-f]{64}")


def problems(at: str, version: str, path: str, sha256: str, build_command: str | None) -> Iterator[Problem]:
    """Yields what keeps a file from being a version's artifact; `at` is where the artifact is declared."""
    build = "build it" if build_command is None else f"build it: {build_command}"
    if not _SHA256.fullmatch(sha256):
        yield Problem(f"{at}.sha256", f"of {version} is {sha256!r}; expected 64 hexadecimal digits in lower case")
        return
    try:
        with Path(path).open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        yield Problem(f"{at}.path", f"of {version} is {path!r}, which cannot be read: {reason}; {build}")
        return
    if found != sha256:
        yield Problem(
            f"{at}.sha256",
            f"of {version} is {sha256}, but the file {path} has {found}; if the file is not as it was released, "
            f"{build}; if it is a new model, declare a new version, because a version does not change",
        )
