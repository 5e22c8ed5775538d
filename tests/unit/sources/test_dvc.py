"""What DVC tracks, with the real tool in a Git repository whose remote is a folder."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sluice.errors import InvalidFile
from sluice.manifest.data import DvcData
from sluice.manifest.pins import Pin
from sluice.sources import Context, dvc
from sluice.sources.errors import CredentialRefused, NoSuchVersion, NotInstalled, SourceDown, SourceError, SourceSlow
from tests.unit.sources.servers import answering, down, hanging

SECRET = "hush-do-not-tell"


class Repository:
    """A Git repository with data under DVC, in the folder `repo` of the project."""

    def __init__(self, root: Path) -> None:
        self.folder = root / "repo"
        self.folder.mkdir()
        self.git("init", "--quiet", "--initial-branch", "main")
        self.dvc("init", "--quiet")
        self.dvc("remote", "add", "--quiet", "--default", "store", str(root / "store"))
        (self.folder / "plain.txt").write_text("Git's own")
        self.write("images", "a.csv", "1")
        self.write("images", "deep/b.csv", "2")
        (self.folder / "labels.csv").write_text("cat")
        self.save("first")

    def write(self, folder: str, name: str, content: str) -> None:
        path = self.folder / folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)

    def save(self, message: str) -> str:
        self.dvc("add", "--quiet", "images", "labels.csv")
        self.dvc("push", "--quiet")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD")

    def git(self, *arguments: str) -> str:
        identity = {
            "GIT_AUTHOR_NAME": "n",
            "GIT_AUTHOR_EMAIL": "e",
            "GIT_COMMITTER_NAME": "n",
            "GIT_COMMITTER_EMAIL": "e",
        }
        return self._run(["git", *arguments], identity).strip()

    def dvc(self, *arguments: str) -> str:
        return self._run([sys.executable, "-m", "dvc", *arguments], {"DVC_NO_ANALYTICS": "true"})

    def _run(self, command: list[str], environment: dict[str, str]) -> str:
        done = subprocess.run(
            command, cwd=self.folder, env={**os.environ, **environment}, capture_output=True, text=True, check=True
        )
        return done.stdout


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    return Repository(tmp_path_factory.mktemp("original"))


@pytest.fixture
def repository(original: Repository, tmp_path: Path) -> Repository:
    """A repository of the test's own; making one takes the tool some seconds."""
    copied = Repository.__new__(Repository)
    shutil.copytree(original.folder, tmp_path / "repo")
    copied.folder = tmp_path / "repo"
    return copied


def resolved(context: Context, rev: str = "main", path: str = "images", repo: str = "repo") -> Pin:
    return dvc.resolve(DvcData(repo=repo, rev=rev, path=path), context)


def test_a_folder_is_its_files_at_a_commit(repository: Repository, context: Context) -> None:
    """With the checksums that DVC has of them; a branch is locked to the commit that it points at."""
    pin = resolved(context)
    commit = repository.git("rev-parse", "HEAD")
    assert (pin.immutable, pin.facts["commit"]) == (f"images@{commit}", commit)
    assert {file.name: file.digest for file in pin.files} == {
        "a.csv": "md5:c4ca4238a0b923820dcc509a6f75849b",
        "deep/b.csv": "md5:c81e728d9d4c2f636f067f89cc14862c",
    }


def test_a_file_is_known_by_its_size_too(repository: Repository, context: Context) -> None:
    """One file of the project's data."""
    (file,) = resolved(context, path="labels.csv").files
    assert (file.name, file.size) == ("labels.csv", 3)


def test_the_same_data_at_another_commit_has_the_same_digest(repository: Repository, context: Context) -> None:
    """What else was committed makes no difference; changed data does; the locked commit stays what it is."""
    first = resolved(context)
    (repository.folder / "plain.txt").write_text("other")
    repository.save("unrelated")
    second = resolved(context)
    assert second.immutable != first.immutable
    assert second.digest == first.digest
    repository.write("images", "a.csv", "3")
    repository.save("more")
    assert resolved(context).digest != first.digest
    pinned = dvc.pinned(DvcData(repo="repo", rev="main", path="images"), first)
    assert dvc.resolve(pinned, context).digest == first.digest


def test_a_tag_means_its_commit(repository: Repository, context: Context) -> None:
    """And so does a commit's own name, in full."""
    commit = repository.git("rev-parse", "HEAD")
    repository.git("tag", "v1")
    assert resolved(context, "v1").immutable == resolved(context, commit).immutable == f"images@{commit}"


def test_the_project_is_left_as_it_was(
    repository: Repository, context: Context, capfd: pytest.CaptureFixture[str]
) -> None:
    """Nothing is checked out, and nothing printed."""
    (repository.folder / "images" / "a.csv").unlink()
    resolved(context)
    assert not (repository.folder / "images" / "a.csv").exists()
    assert repository.git("status", "--porcelain") == ""
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("rev", "path", "said"),
    [
        ("v9", "images", "DVC at repo has no revision v9"),
        ("main", "sounds", "DVC at repo has no path sounds at main"),
        ("main", "plain.txt", "has no output plain.txt at main: Git has it, and DVC not"),
    ],
)
def test_what_is_not_there_is_named(repository: Repository, context: Context, rev: str, path: str, said: str) -> None:
    """A revision, a path, and one that is not DVC's."""
    with pytest.raises(NoSuchVersion, match=said):
        resolved(context, rev, path)


def test_a_folder_without_dvc_is_said_to_be(context: Context, tmp_path: Path) -> None:
    """That there is Git does not make it DVC's."""
    plain = Repository.__new__(Repository)
    plain.folder = tmp_path / "repo"
    plain.folder.mkdir()
    plain.git("init", "--quiet", "--initial-branch", "main")
    plain.git("commit", "--quiet", "--allow-empty", "--message", "nothing")
    with pytest.raises(NoSuchVersion, match="DVC at repo has no"):
        resolved(context)


def test_a_path_out_of_the_project_is_refused(context: Context) -> None:
    """Manifests name what is in their project."""
    with pytest.raises(InvalidFile, match="outside"):
        resolved(context, repo="../repo")


def test_a_server_that_is_down_says_so(context: Context) -> None:
    """Without what is secret in its address."""
    place = down().replace("http://", f"http://user:{SECRET}@")
    with pytest.raises(SourceDown) as error:
        resolved(context, repo=f"{place}/repo.git")
    assert SECRET not in str(error.value)


def test_a_refused_credential_is_not_told(context: Context) -> None:
    """Nobody is asked for another one on the terminal."""
    with answering(401) as server:
        place = server.replace("http://", f"http://user:{SECRET}@")
        with pytest.raises(CredentialRefused, match="give Git a credential") as error:
            resolved(context, repo=f"{place}/repo.git")
    assert SECRET not in str(error.value)


def test_a_server_that_hangs_is_given_up(tmp_path: Path) -> None:
    """After the time that was given, and nothing of it goes on."""
    with hanging() as server, pytest.raises(SourceSlow, match="did not answer within 2 s"):
        resolved(Context(root=tmp_path, timeout=2.0), repo=f"{server}/repo.git")


def test_a_lost_listing_is_an_error(repository: Repository, context: Context) -> None:
    """Which files a folder has, is known where neither cache nor remote has its listing."""
    shutil.rmtree(repository.folder / ".dvc" / "cache", ignore_errors=True)
    (repository.folder / ".dvc" / "config").write_text(
        "[core]\n    remote = store\n['remote \"store\"']\n    url = nowhere\n"
    )
    repository.git("commit", "--quiet", "--all", "--message", "moved")
    with pytest.raises(SourceError, match="images"):
        resolved(context)


def test_without_the_tool_it_says_how_to_have_it(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dvc, "find_spec", lambda name: None)
    with pytest.raises(NotInstalled, match=r"pip install 'pulumi-sluice\[dvc\]'"):
        resolved(context)
