"""`sluice lock`, `verify`, `diff` and `schema`: what is printed, and how they end."""

import json

import pytest

from tests.components.cli.conftest import Project

DIGEST = "sha256:" + "ab" * 32
MANIFEST = {
    "name": "digits",
    "version": "1",
    "owner": {"team": "ml", "contact": "#ml"},
    "model": {"artifact": {"uri": "v1.tar.gz", "image": f"digits@{DIGEST}"}},
    "data": {"digest": {"name": "uci", "sha256": DIGEST}},
    "evaluation": {"set": {"name": "holdout", "version": "1", "digest": DIGEST}},
    "inference": {"max_tokens": 1},
}


@pytest.fixture
def models(project: Project) -> Project:
    """A project with two versions."""
    for version in "12":
        (project.folder / f"v{version}.tar.gz").write_text(version * 3)
        artifact = {"uri": f"v{version}.tar.gz", "image": f"digits@{DIGEST}"}
        manifest = {**MANIFEST, "version": version, "model": {"artifact": artifact}}
        (project.folder / f"v{version}.model.yaml").write_text(json.dumps(manifest))
    return project


def test_lock_finds_and_locks_all_manifests(models: Project) -> None:
    """The second time there is nothing to write."""
    first = models.sluice("lock")
    assert first.code == 0
    assert [line.split()[:2] for line in first.out.splitlines()] == [["digits@1", "locked"], ["digits@2", "locked"]]
    assert (models.folder / "v1.model.lock.json").is_file()
    assert [line.split()[1] for line in models.sluice("lock").out.splitlines()] == ["current", "current"]


def test_lock_check_writes_nothing(models: Project) -> None:
    """For CI: 1 while a lock is missing or stale, 0 once all are current."""
    assert models.sluice("lock", "--check").code == 1
    assert not list(models.folder.glob("*.lock.json"))
    models.sluice("lock")
    assert models.sluice("lock", "--check").code == 0


def test_verify_ends_with_what_moved(models: Project) -> None:
    """0 while all is as locked; 1, and where, when it is not."""
    models.sluice("lock")
    assert models.sluice("verify").out == "digits@1  as locked\ndigits@2  as locked\n"
    (models.folder / "v2.tar.gz").write_text("moved")
    moved = models.sluice("verify", "v2.model.yaml")
    assert moved.code == 1
    assert "digits@2  moved\n  model.artifact: v2.tar.gz was sha256:" in moved.out


def test_diff_in_three_forms(models: Project) -> None:
    """For a person, a pull request and a program."""
    models.sluice("lock")
    shown = models.sluice("diff", "v1.model.yaml", "v2.model.yaml").out
    assert shown.startswith("digits@1 → digits@2\n")
    assert "content  sha256:" in shown
    markdown = models.sluice("diff", "v1.model.yaml", "v2.model.yaml", "--format", "markdown").out
    assert "## digits@1 → digits@2\n\n### Weights\n\n| | before | after |\n| --- | --- | --- |\n" in markdown
    document = json.loads(models.sluice("diff", "v1.model.yaml", "v2.model.yaml", "-f", "json").out)
    assert [part["name"] for part in document["parts"]] == ["weights"]
    assert len(document["before"]["subject"]) == 71


def test_diff_needs_locks(models: Project) -> None:
    """The message says how to make them."""
    refused = models.sluice("diff", "v1.model.yaml", "v2.model.yaml")
    assert refused.code == 1
    assert "run: sluice lock v1.model.yaml" in refused.err


def test_problems_of_several_manifests_are_told_together(models: Project) -> None:
    """Each with its file, and what is wrong in it below that."""
    for version in "12":
        (models.folder / f"v{version}.model.yaml").write_text(json.dumps({**MANIFEST, "version": int(version)}))
    refused = models.sluice("lock")
    assert refused.code == 1
    assert "v1.model.yaml: 1 problem" in refused.err
    assert "v2.model.yaml: 1 problem" in refused.err
    assert refused.err.count("\n    line ") == 2


def test_two_manifests_with_one_version(models: Project) -> None:
    """Both are named."""
    (models.folder / "other.model.yaml").write_text((models.folder / "v1.model.yaml").read_text())
    refused = models.sluice("lock")
    assert refused.code == 1
    assert "is digits@1, as" in refused.err


def test_no_manifest_at_all(project: Project) -> None:
    """It says what manifests are called."""
    refused = project.sluice("lock")
    assert refused.code == 1
    assert "files that end in .model.yaml" in refused.err


def test_schema_is_json(project: Project) -> None:
    """For editors."""
    assert json.loads(project.sluice("schema").out)["title"] == "Manifest"
