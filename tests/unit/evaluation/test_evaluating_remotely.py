"""What an evaluation on SageMaker takes along, and what it is not begun for."""

from pathlib import Path
from typing import Any

import pytest

from sluice.cli import evaluation_task
from sluice.cli.evaluation_task import locked_of, run_remotely, task_of
from sluice.errors import InvalidInput
from sluice.manifest.load import load
from tests.support.evaluations import Project
from tests.support.versions import IMAGE

SEVERAL = {
    "containers": [
        {"name": "features", "image": IMAGE, "artifact": {"uri": "build/1.tar.gz"}},
        {"name": "lookup", "image": IMAGE},
        {"name": "rank", "image": IMAGE, "artifact": {"uri": "rank.tar.gz"}},
    ]
}


class Begun(Exception):
    """A job would have been started."""


def files(root: Path, monkeypatch: pytest.MonkeyPatch, target: dict[str, Any] | None = None) -> list[str]:
    """Returns the files of the project that a job gets for a version of several containers."""
    project, taken = Project(root, {"q1": "a", "q2": "b"}), []
    project.plan |= {"target": target} if target else {}
    (root / "rank.tar.gz").write_text("rank")
    file = load(project.version("1", model=SEVERAL))
    locked = locked_of(file)

    def start(*_: Any, files: list[str], **__: Any) -> None:
        taken.extend(files)
        raise Begun

    monkeypatch.setattr(evaluation_task, "run_on_sagemaker", start)
    options = {"role": "arn:aws:iam::123456789012:role/r", "image": IMAGE, "instance_type": "ml.m5.large"}
    job = project.write("job.yaml", {**options, "s3_uri": "s3://bucket/jobs"})
    task = task_of(file, locked, plan=None, out=None, answers=None, fresh=False)
    with pytest.raises(Begun):
        run_remotely(file, task, job, lambda _: None)
    return taken


def test_the_artifact_of_each_container_goes_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that are files of the project; a container without one adds none."""
    taken = files(tmp_path, monkeypatch)
    assert {"build/1.tar.gz", "rank.tar.gz"} <= set(taken)
    assert all((tmp_path / name).exists() for name in taken if not name.endswith(".lock.json"))


def test_no_job_is_begun_that_could_not_ask_the_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A version of several containers is no packed model, there as here."""
    with pytest.raises(InvalidInput, match=r"digits@1 is several containers \(features, lookup, rank\)"):
        files(tmp_path, monkeypatch, {"artifact": {}})
