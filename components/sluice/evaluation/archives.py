"""Unpacking a model as SageMaker's containers find it: only files and folders, and nothing outside of the given one."""

import sys
from pathlib import Path

if sys.version_info >= (3, 11, 4):
    import tarfile
else:
    # Debian 12 and others have a Python 3.11 whose archives cannot be told to stay in their folder.
    from backports import tarfile  # type: ignore[no-redef]

BrokenArchive = tarfile.TarError, EOFError, OSError
"""What `unpack` raises: no archive, one that ends too early, one that would write elsewhere, or no space for it."""


def unpack(archive: Path, folder: Path) -> None:
    """Unpack a tar archive, compressed or not; raise one of `BrokenArchive`."""
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
