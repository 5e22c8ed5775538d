"""Digests of files, at the speed of the disk."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from sluice.manifest.canonical import digest_of_files
from sluice.manifest.pins import FilePin

_CHUNK = 1 << 20
Progress = Callable[[str, int, int | None], None]


def hash_stream(stream: BinaryIO, name: str, total: int | None, progress: Progress) -> tuple[str, int]:
    """Returns the digest, `sha256:...`, and the size in bytes of what a stream gives, told of as it goes."""
    state, done = hashlib.sha256(), 0
    buffer = memoryview(bytearray(_CHUNK))
    readinto = getattr(stream, "readinto", None)
    while True:
        if readinto is not None:
            count = readinto(buffer)
            chunk: bytes | memoryview = buffer[:count]
        else:
            chunk = stream.read(_CHUNK)
            count = len(chunk)
        if not count:
            return f"sha256:{state.hexdigest()}", done
        state.update(chunk)
        done += count
        progress(name, done, total)


def hash_file(path: Path, name: str, progress: Progress) -> FilePin:
    """Returns a file by its content. Raises OSError."""
    with path.open("rb", buffering=0) as file:
        digest, size = hash_stream(file, name, path.stat().st_size, progress)
    return FilePin(name=name, digest=digest, size=size)


def hash_folder(folder: Path, progress: Progress) -> list[FilePin]:
    """Returns all files of a folder, by their paths in it, in order. Raises OSError."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return [hash_file(path, path.relative_to(folder).as_posix(), progress) for path in paths]


def content_digest(files: list[FilePin]) -> str:
    """Returns the digest of one file, or of several together: their names and digests."""
    if len(files) == 1:
        return files[0].digest
    return digest_of_files({file.name: file.digest for file in files})
