"""Content hashes of archives: those that the CLI computes, or every continued stack would seem to change."""

from pathlib import Path

from sluice.provider.wire import ARCHIVE, ASSET, SIGNATURE, Json
from sluice_sandbox.engine.assets import hashed

WRITTEN_BY_GO = "cb075232be1ea1c9feddb064443a20cbec1a5519fc5608fcaefc57c948256117"
"""SHA-256 of a tar that Go's archive/tar wrote as the CLI does: `a/__init__.py`, empty, and `b.py`, `x = 1`."""


def text(content: str) -> dict[str, Json]:
    return {SIGNATURE: ASSET, "text": content}


def hash_of(archive: dict[str, Json]) -> Json:
    found = hashed({SIGNATURE: ARCHIVE, **archive}, "code")
    assert isinstance(found, dict)
    return found["hash"]


def test_an_archive_of_texts_has_the_clis_hash() -> None:
    """Whatever order its members are declared in."""
    assert hash_of({"assets": {"b.py": text("x = 1\n"), "a/__init__.py": text("")}}) == WRITTEN_BY_GO


def test_an_archive_in_an_archive_is_flat() -> None:
    """Its members lie below its name."""
    inner: dict[str, Json] = {SIGNATURE: ARCHIVE, "assets": {"__init__.py": text("")}}
    assert hash_of({"assets": {"b.py": text("x = 1\n"), "a": inner}}) == WRITTEN_BY_GO


def test_a_folder_has_the_clis_hash(tmp_path: Path) -> None:
    """As the same files in an archive of texts."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a/__init__.py").touch()
    (tmp_path / "b.py").write_text("x = 1\n")
    assert hash_of({"path": str(tmp_path)}) == WRITTEN_BY_GO
