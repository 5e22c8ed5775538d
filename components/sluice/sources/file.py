"""Files and folders of the project."""

from sluice.manifest.load import inside
from sluice.manifest.pins import Pin
from sluice.sources import Context
from sluice.sources.errors import NoSuchVersion, SourceError
from sluice.sources.hashing import content_digest, hash_file, hash_folder


def resolve(reference: str, context: Context) -> Pin:
    """Returns what a file, or a folder with all that is in it, holds."""
    path = inside(context.root, reference, "uri", "manifest")
    if not path.exists():
        raise NoSuchVersion("the project", str(context.root), f"file {reference!r}")
    try:
        progress = context.progress
        files = hash_folder(path, progress) if path.is_dir() else [hash_file(path, path.name, progress)]
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}") from error
    if not files:
        raise NoSuchVersion("the project", str(context.root), f"file in the folder {reference!r}")
    digest = content_digest(files)
    return Pin(source="file", reference=reference, immutable=digest, digest=digest, files=files)


def pinned(reference: str, pin: Pin) -> str:
    """Returns the same path: a file's name says nothing of its content, so that its digest is what holds it."""
    return reference
