"""Locks: made once, read without doubt, proved whenever asked."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from sluice.errors import InvalidFile
from sluice.locking import lock, two_with_one_version, verify
from sluice.manifest import lock as locks
from sluice.manifest.load import load
from sluice.manifest.released import edit_of_released
from sluice.sources import Context, source
from sluice.sources.errors import SourceError
from tests.unit.manifest.conftest import API, DIGEST, Write


def _lock(path: Path) -> locks.Locked:
    file = load(path)
    locked = lock(file, Context(file.root))
    locks.write(locks.path_for(path), locked)
    return locked


def _moves(path: Path) -> list[str]:
    file = load(path)
    return [f"{moved.part}: {moved.what}" for moved in verify(file, locks.read(path), Context(file.root))]


def test_a_lock_is_read_as_it_was_written(write: Write) -> None:
    """Nothing is lost on the way."""
    path = write(contract="contract.yaml", **{"evaluation.report": "reports/v2.json"})
    assert _lock(path) == locks.read(path)


def test_a_manifest_without_a_lock(write: Write) -> None:
    """The message says how to make one."""
    with pytest.raises(InvalidFile, match=r"is missing; run: sluice lock .*v2\.model\.yaml"):
        locks.read(write())


def test_a_lock_that_is_older_than_its_manifest(write: Write) -> None:
    """However small the change was."""
    path = write()
    _lock(path)
    path.write_text(path.read_text() + "\n# a comment\n")
    with pytest.raises(InvalidFile, match=r"is older than its manifest .*; run: sluice lock"):
        locks.read(path)


@pytest.mark.parametrize("key", ["subject_digest", "version_digest"])
def test_an_edited_lock(write: Write, key: str) -> None:
    """What it holds and its digests must fit together."""
    path = write()
    _lock(path)
    document = json.loads(locks.path_for(path).read_text())
    document[key] = DIGEST
    locks.path_for(path).write_text(json.dumps(document))
    with pytest.raises(InvalidFile, match=f"{key} is {DIGEST}, but what the lock holds makes"):
        locks.read(path)


@pytest.mark.parametrize(
    ("content", "problem"),
    [("{", "is no lock"), ('{"format": 1}', "name is missing"), ("{}", "is no lock")],
)
def test_what_is_no_lock(write: Write, content: str, problem: str) -> None:
    """The message says what is wrong, and how to make a new one."""
    path = write()
    locks.path_for(path).write_text(content)
    with pytest.raises(InvalidFile, match=problem):
        locks.read(path)


def test_a_lock_of_a_later_sluice(write: Write) -> None:
    """It is refused before anything in it is trusted."""
    path = write()
    _lock(path)
    document = json.loads(locks.path_for(path).read_text())
    locks.path_for(path).write_text(json.dumps({**document, "format": 2}))
    with pytest.raises(InvalidFile, match="format is 2; this Sluice reads 1"):
        locks.read(path)


def test_verify_says_precisely_what_moved(write: Write, project: Path) -> None:
    """Which file of which part, what it was and what it is; nothing while all is as it was."""
    (project / "models/v2").mkdir()
    (project / "models/v2/a.bin").write_text("a")
    (project / "models/v2/b.bin").write_text("b")
    path = write(contract="contract.yaml", **{"model.artifact.uri": "models/v2"})
    _lock(path)
    assert _moves(path) == []
    (project / "models/v2/a.bin").write_text("other")
    (project / "models/v2/b.bin").rename(project / "models/v2/c.bin")
    (project / "contract.yaml").write_text("accuracy: 0.5")
    found = _moves(path)
    assert found[0].startswith("model.artifact: a.bin was sha256:ca978112ca1bbdca")
    assert found[1:3] == ["model.artifact: b.bin is gone", "model.artifact: c.bin is new"]
    assert found[3].startswith("contract: contract.yaml was sha256:")


def test_verify_sees_a_changed_prompt(write: Write, project: Path) -> None:
    """The template by its own name."""
    path = write(API, model={"api": {"provider": "openai", "id": "gpt-4o-2024-08-06"}})
    _lock(path)
    (project / "prompts/answer.txt").write_text("Answer briefly: {question}")
    (moved,) = _moves(path)
    assert moved.startswith("data.prompt: prompts/answer.txt was sha256:")


def test_a_declared_digest_must_be_that_of_the_artifact(write: Write) -> None:
    """Otherwise nothing is locked."""
    path = write(**{"model.artifact.sha256": DIGEST})
    with pytest.raises(
        InvalidFile, match=rf"model\.artifact: file: models/v2\.tar\.gz is sha256:.*, expected {DIGEST}"
    ):
        _lock(path)


def test_all_that_cannot_be_resolved_is_told_together(write: Write) -> None:
    """Each with its key path."""
    path = write(contract="nowhere.yaml", **{"model.artifact.uri": "models/none", "evaluation.report": "../x.json"})
    with pytest.raises(InvalidFile) as refused:
        _lock(path)
    assert [problem.path for problem in refused.value.problems] == [
        "model.artifact:",
        "evaluation.report:",
        "contract:",
    ]


def test_a_source_that_there_is_not() -> None:
    """The message says which there are."""
    with pytest.raises(SourceError, match=r"cannot resolve nowhere yet; the places that it knows: .*file"):
        source("nowhere")


def test_two_manifests_with_one_version(write: Write) -> None:
    """Both are named."""
    files = [load(write(file=name)) for name in ("a.model.yaml", "b.model.yaml")]
    (problem,) = two_with_one_version(files)
    assert str(problem).endswith("b.model.yaml is digits@2, as " + str(files[0].path) + " is; give it another version")


def _commit(project: Path) -> None:
    for command in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "release"]):
        identity = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
        subprocess.run(["git", *identity, *command], cwd=project, check=True)


def test_a_released_version_is_never_edited(write: Write, project: Path) -> None:
    """What the default branch has is compared; the message says what would change, and what to do instead."""
    path = write(contract="contract.yaml", **{"evaluation.report": "reports/v2.json"})
    lock_path = locks.path_for(path)
    assert edit_of_released(lock_path, _lock(path)) is None, "without Git nothing is released"
    _commit(project)
    assert edit_of_released(lock_path, _lock(path)) is None
    changed = _lock(write(contract="contract.yaml", inference={"max_tokens": 2}))
    problem = edit_of_released(lock_path, changed)
    assert "the inference configuration, the evaluation would change; a version is never edited" in str(problem)


def test_a_version_may_still_be_evaluated_after_its_release(write: Write, project: Path) -> None:
    """A report for the very same subject is no edit."""
    path = write()
    _lock(path)
    _commit(project)
    evaluated = _lock(write(**{"evaluation.report": "reports/v2.json"}))
    assert edit_of_released(locks.path_for(path), evaluated) is None


def test_reading_a_lock_imports_nothing_heavy() -> None:
    """`up` reads locks only: neither Pulumi nor a source's client is loaded for it."""
    code = (
        "import sys; from sluice.manifest import lock; "
        "heavy = {'pulumi', 'boto3', 'mlflow', 'dvc', 'deltalake', 'numpy', 'scipy', 'moto', 'typer', 'rich'}; "
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
