"""What is evaluated: a version, exactly as it was locked."""

from dataclasses import dataclass
from pathlib import Path

from sluice.manifest.lock import Locked


@dataclass(frozen=True)
class Subject:
    """The version that answers are about."""

    label: str
    """`digits@2`."""
    subject_digest: str
    """Of weights, adapters, data and inference configuration."""
    locked: Locked
    root: Path
    """The project's folder, where the files that the lock names are."""

    @classmethod
    def of(cls, locked: Locked, root: Path) -> "Subject":
        """Returns the version of a lock."""
        return cls(locked.label, locked.subject_digest, locked, root)
