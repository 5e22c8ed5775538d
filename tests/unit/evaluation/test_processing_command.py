"""`sluice evaluate --on sagemaker`, from manifest to report, against the sandbox's AWS; the container is played."""

from pathlib import Path
from typing import Any

import pytest

from sluice.cli.evaluation_task import locked_of, run_remotely, task_of
from sluice.evaluation.report import read_report
from sluice.evaluation.scores_parquet import read_scores
from sluice.manifest.load import load
from tests.support.evaluations import Project
from tests.unit.evaluation.test_processing import BUCKET, OPTIONS, Client, Container
from tests.unit.evaluation.test_processing import client as client


def test_an_evaluation_there_is_the_evaluation_here(client: Client, tmp_path: Path) -> None:
    """The job gets the target's own module and the scorer's, asks all examples, and report and scores come back."""
    pytest.importorskip(
        "sagemaker.core", reason="SageMaker's SDK is not installed: pip install 'pulumi-sluice[sagemaker]'"
    )
    custom = {"scorer": {"custom": {"function": "mine:same", "folder": "scorers"}}, "bound": 0.2}
    project = Project(tmp_path / "project", {"a": "yes", "b": "yes", "c": "no"}, metrics={"accuracy": custom})
    (project.root / "scorers").mkdir()
    (project.root / "scorers/mine.py").write_text(
        "def same(output, example):\n    return float(output == example.reference)\n"
    )
    (project.root / "private.txt").write_text("nobody asked for this")
    project.says({"a": "yes", "b": "yes", "c": "yes"})
    file = load(project.version("1"))
    job = project.write("job.yaml", OPTIONS)
    ended: list[Any] = []
    container = Container(client, tmp_path / "opt", ended.append)
    task = task_of(file, locked_of(file), plan=None, out=None, answers=None, fresh=False)
    report, contract = run_remotely(file, task, job, container, poll_seconds=0)
    assert ended[0].returncode == 0, ended[0].stdout + ended[0].stderr
    assert contract.name == "letters"
    assert report.digest == read_report(task.report).digest
    assert report.metrics["accuracy"].value == pytest.approx(2 / 3)
    scores = read_scores(task.report.parent / report.scores.path, report.scores.digest)
    assert [str(row[0]) for row in scores.outputs] == ["yes", "yes", "yes"]
    sent = {it["Key"].rpartition("/")[2] for it in client("s3").list_objects_v2(Bucket=BUCKET)["Contents"]}
    assert "mine.py" in sent
    assert "private.txt" not in sent
