"""Content hashes of assets, by which the engine tells whether a file changed. Computed as the CLI does."""

import hashlib
import tarfile
from collections.abc import Iterator
from pathlib import Path

from sluice.provider.wire import ARCHIVE, ASSET, SIGNATURE, Json
from sluice_sandbox.engine.values import signature
from sluice_sandbox.errors import NotInSandbox, SandboxError

_BLOCK = 1 << 20
_PACKED = (".tar", ".tgz", ".tar.gz", ".zip", ".jar")


def hashed(value: Json, where: str) -> Json:
    """
    Returns the value with the SHA-256 of every asset in it.

    Raises SandboxError, naming `where`, for a file that cannot be read, and NotInSandbox for remote assets.
    """
    if isinstance(value, list):
        return [hashed(item, where) for item in value]
    if not isinstance(value, dict):
        return value
    if signature(value) in (ASSET, ARCHIVE):
        return value if value.get("hash") else {**value, "hash": _hash(value, where)}
    return {key: hashed(item, where) for key, item in value.items()}


def _hash(source: dict[str, Json], where: str) -> str:
    try:
        if source.get("uri"):
            raise NotInSandbox("remote assets and archives", where)
        if source[SIGNATURE] == ASSET:
            return _hash_asset(source)
        return _hash_archive(source)
    except OSError as error:
        raise SandboxError(f"{where}: cannot read {error.filename}: {error.strerror}") from error


def _hash_asset(asset: dict[str, Json]) -> str:
    if not asset.get("path"):
        return hashlib.sha256(asset.get("text", "").encode()).hexdigest()
    with Path(asset["path"]).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _hash_archive(archive: dict[str, Json]) -> str:
    path = archive.get("path", "")
    if path.endswith(_PACKED):
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    # Anything else the CLI turns into a tar of its files, without owners and times, and hashes that.
    packed = hashlib.sha256()
    for name, content in _members(archive):
        packed.update(_header(name, len(content)))
        packed.update(content + b"\0" * (-len(content) % tarfile.BLOCKSIZE))
    packed.update(b"\0" * 2 * tarfile.BLOCKSIZE)
    return packed.hexdigest()


def _header(name: str, size: int) -> bytes:
    """Returns a file's header as Go writes it: with numbers for devices, which Python leaves out."""
    told = tarfile.TarInfo(name)
    told.mode, told.size, told.mtime = 0o600, size, 0
    header = bytearray(told.tobuf(tarfile.USTAR_FORMAT))
    header[329:336] = header[337:344] = b"0000000"
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header)


def _members(archive: dict[str, Json]) -> Iterator[tuple[str, bytes]]:
    if archive.get("path"):
        root = Path(archive["path"])
        for file in sorted(path for path in root.rglob("*") if path.is_file()):
            yield file.relative_to(root).as_posix(), file.read_bytes()
        return
    for name, member in sorted(archive.get("assets", {}).items()):
        if member[SIGNATURE] == ARCHIVE:
            for inner, content in _members(member):
                yield f"{name}/{inner}", content
        else:
            path = member.get("path")
            yield name, Path(path).read_bytes() if path else member.get("text", "").encode()
