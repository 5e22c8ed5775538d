"""The example goes up on the sandbox's AWS under either engine."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from sluice_sandbox.aws import supervisor
from sluice_sandbox.cli_home import exports
from sluice_sandbox.local import LocalSandbox
from tests.support.cli import CliResult, CliStack

REPOSITORY = Path(__file__).parents[2]
DROPPED = {"PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"}


class Example(CliStack):
    """The example under the CLI, served by the sandbox as `sluice sandbox serve` sets it up."""

    def __post_init__(self) -> None:
        self.name = "local"

    def _own(self) -> dict[str, str]:
        return {}

    def operate(self, command: str, *options: str) -> CliResult:
        return self.follow(command, *options, "--stack", self.name)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the project with trained models."""
    folder = tmp_path / "project"
    shutil.copytree(REPOSITORY / "stacks", folder / "stacks", ignore=shutil.ignore_patterns("build", "__pycache__"))
    document = YAML(typ="safe").load(REPOSITORY / "Pulumi.yaml")
    document["runtime"]["options"]["virtualenv"] = sys.prefix
    YAML(typ="safe").dump(document, folder / "Pulumi.yaml")
    trained = [sys.executable, "stacks/models/digits/train.py"]
    subprocess.run(trained, cwd=folder, check=True, capture_output=True)
    return folder


@pytest.fixture
def sandboxed(project: Path) -> Iterator[LocalSandbox]:
    """The project's sandbox; its AWS is stopped afterwards."""
    yield LocalSandbox.here(project)
    supervisor.stop(project / ".sluice" / "aws")


@pytest.mark.usefixtures("pulumi")
def test_the_cli_continues_what_the_sandbox_began(
    project: Path, sandboxed: LocalSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The CLI plans nothing after the sandbox's update, sees no drift, plans the same next change, and removes all."""
    made = sandboxed.stack("local").up()
    assert made.succeeded, made.errors()
    for name in DROPPED & set(os.environ):
        monkeypatch.delenv(name)
    cli = Example(project, project, environment=exports(sandboxed))
    planned = cli.operate("preview", "--expect-no-changes")
    assert planned.succeeded, planned.text
    refreshed = cli.refresh()
    assert refreshed.succeeded, refreshed.text
    assert {op for ops in refreshed.ops.values() for op in ops} <= {"same", "refresh"}, refreshed.text

    config = project / "stacks" / "Pulumi.local.yaml"
    config.write_text(config.read_text().replace("blue: 90", "blue: 50").replace("green: 10", "green: 50"))
    ours, theirs = sandboxed.stack("local").preview(), cli.preview()
    assert {urn: sorted(ops) for urn, ops in ours.ops.items()} == {urn: sorted(ops) for urn, ops in theirs.ops.items()}
    assert {record.urn: sorted(record.step.changes) for record in ours.steps if record.step.changes} == {
        urn: sorted(changes) for urn, changes in theirs.diffs.items()
    }
    assert cli.up().succeeded
    assert not sandboxed.stack("local").preview().changed
    destroyed = cli.destroy()
    assert destroyed.succeeded, destroyed.text
    assert sandboxed.stack("local").state().resources == []
