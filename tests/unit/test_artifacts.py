"""Files that are to be uploaded."""

import hashlib
from pathlib import Path

import pytest

from sluice import artifacts

BUILD = "python train.py"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "model.tar.gz"
    file.write_bytes(b"weights")
    return file


def said(file: Path, sha256: str, build: str | None = BUILD) -> list[str]:
    return [str(problem) for problem in artifacts.problems("versions[0].artifact", "v1", str(file), sha256, build)]


def test_a_file_that_is_what_was_declared_has_no_problem(file: Path) -> None:
    """Its content has the digest."""
    assert said(file, hashlib.sha256(b"weights").hexdigest()) == []


def test_another_content_says_both_digests_and_both_ways_out(file: Path) -> None:
    """Either the file is to be built again, or this is a new version."""
    declared, found = "0" * 64, hashlib.sha256(b"weights").hexdigest()
    assert said(file, declared) == [
        (
            f"versions[0].artifact.sha256 of v1 is {declared}, but the file {file} has {found}; if the file is not "
            "as it was released, build it: python train.py; if it is a new model, declare a new version, because a "
            "version does not change"
        )
    ]


def test_a_file_that_is_not_there_says_what_makes_it(file: Path) -> None:
    """The message names the version, the path and the command."""
    missing = file.with_name("none")
    assert said(missing, "0" * 64) == [
        (
            f"versions[0].artifact.path of v1 is '{missing}', which cannot be read: no such file or directory; "
            "build it: python train.py"
        )
    ]
    assert said(missing, "0" * 64, None)[0].endswith("no such file or directory; build it")


def test_a_folder_is_no_artifact(file: Path) -> None:
    """What can be opened and not read is a problem, not a crash."""
    (found,) = said(file.parent, "0" * 64)
    assert "which cannot be read: is a directory" in found


@pytest.mark.parametrize("digest", ["", "sha256:" + "0" * 64, "A" * 64, "0" * 63])
def test_a_digest_is_64_hexadecimal_digits(file: Path, digest: str) -> None:
    """Anything else is refused for what it is, not as a difference from the file."""
    assert said(file, digest) == [
        f"versions[0].artifact.sha256 of v1 is {digest!r}; expected 64 hexadecimal digits in lower case"
    ]
