"""Archives of a program as zip files: the same content gives the same bytes."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pulumi

_EPOCH = (1980, 1, 1, 0, 0, 0)


def unpacked_problem(archive: object) -> str | None:
    """Returns why something is no archive that can be packed here, or None."""
    if isinstance(archive, pulumi.AssetArchive):
        return next((why for item in archive.assets.values() if (why := _problem_of(item)) is not None), None)
    return _problem_of(archive) if isinstance(archive, pulumi.FileArchive) else _refusal(archive)


def zipped(archive: pulumi.Archive) -> bytes:
    """Returns an archive as the bytes of a zip file. Raises OSError for a file that cannot be read."""
    if isinstance(archive, pulumi.FileArchive) and not Path(archive.path).is_dir():
        return Path(archive.path).read_bytes()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in sorted(_members(archive)):
            header = zipfile.ZipInfo(name, _EPOCH)
            header.external_attr = 0o644 << 16
            file.writestr(header, content)
    return packed.getvalue()


def _members(archive: object, above: str = "") -> Iterator[tuple[str, bytes]]:
    if isinstance(archive, pulumi.AssetArchive):
        for name, item in archive.assets.items():
            yield from _members(item, f"{above}/{name}" if above else name)
    elif isinstance(archive, pulumi.StringAsset):
        yield above, archive.text.encode()
    elif isinstance(archive, pulumi.FileAsset):
        yield above, Path(archive.path).read_bytes()
    elif isinstance(archive, pulumi.FileArchive):
        root = Path(archive.path)
        for path in root.rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                inner = path.relative_to(root).as_posix()
                yield f"{above}/{inner}" if above else inner, path.read_bytes()


def _problem_of(item: object) -> str | None:
    if isinstance(item, pulumi.AssetArchive):
        return unpacked_problem(item)
    if isinstance(item, pulumi.FileAsset | pulumi.FileArchive):
        return None if Path(item.path).exists() else f"has {item.path}, which is not there"
    return None if isinstance(item, pulumi.StringAsset) else _refusal(item)


def _refusal(item: object) -> str:
    return f"is or has a {type(item).__name__}; allowed: FileArchive, AssetArchive of files and texts"
