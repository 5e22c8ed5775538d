"""What references were resolved to: the immutable half of a version."""

from pydantic import BaseModel, ConfigDict

from sluice.manifest.base import Sha256


class LockModel(BaseModel):
    """Part of a lock: read back exactly as it was written."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class FilePin(LockModel):
    """One file, by its content."""

    name: str
    """Its path within what it belongs to."""
    digest: str
    """`sha256:...`, or the store's own checksum with its kind in front, `md5:...`."""
    size: int | None = None
    """Bytes. None where the source does not say."""


class Pin(LockModel):
    """A reference of a manifest, and the one thing that it will always mean."""

    source: str
    """What resolved it: `mlflow`, `s3`, `dvc`."""
    reference: str
    """What the manifest said, for messages."""
    immutable: str
    """What it means, in the source's own terms: a version, a commit, an object's version id."""
    digest: Sha256
    """The digest of the content, the same wherever that content is kept."""
    files: list[FilePin] = []
    """The files that it consists of. Empty where the source knows none."""
    facts: dict[str, str] = {}
    """What else the source said of it, for the reader. No secret is in here, and nothing of it is in any digest."""
