"""The CLI accepts whatever state a history of failures leaves."""

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.conftest import PROGRAM
from tests.support.cli import CliStack
from tests.support.histories import History, Stage, stages


@pytest.mark.usefixtures("pulumi")
@settings(
    max_examples=15,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(stages(protect=True))
def test_the_cli_takes_every_state(history_of: list[Stage]) -> None:
    """`stack import` checks a state as the CLI checks its own, and hands it out again unchanged."""
    with tempfile.TemporaryDirectory() as folder:
        history = History.begin(Path(folder))
        for stage in history_of:
            history.go_through(stage)
        cli = CliStack(Path(folder) / "cli", PROGRAM)
        ours = history.stack.export()
        cli.run("stack", "import", text=json.dumps(ours))
        theirs = cli.export()["deployment"].get("resources", [])
        assert [item["urn"] for item in theirs] == [item["urn"] for item in ours["deployment"]["resources"]]
