"""Both engines make the same page, and change it in place when another version comes into a slot."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sluice_sandbox.aws.clients import Clients
from sluice_sandbox.aws.provider import AwsProvider
from sluice_sandbox.aws.supervisor import Aws
from sluice_sandbox.harness import Sandbox
from tests.support.cli import CliStack
from tests.support.serving import served

REGION = "eu-west-1"
PROGRAM = """
import json

import pulumi
from sluice import EndpointDashboard, EndpointDashboardArgs

config = pulumi.Config()
# Both engines are in one account, in which names of dashboards are unique.
versions = {
    slot: {"label": label, "version_digest": f"sha256:{at:064x}", "model_name": "model", "release": at}
    for at, (slot, label) in enumerate(json.loads(config.require("labels")).items(), start=1)
}
page = EndpointDashboard(
    "page",
    EndpointDashboardArgs(
        endpoint="search",
        versions=versions,
        baseline="blue",
        owner="ml-platform",
        alarms=pulumi.Output.from_input(["search-test-green-errors"]),
        instance_types={"blue": "ml.m5.large"},
        error_rate_floor=0.01,
        p95_seconds=0.5,
        dashboard_name=config.require("page"),
    ),
)
pulumi.export("name", page.dashboard_name)
"""


@pytest.mark.usefixtures("pulumi")
def test_a_page_lives_on_both_engines(sandbox: Sandbox, sandbox_aws: Aws, tmp_path: Path) -> None:
    """Made, left alone, changed in place and deleted alike; what they show is the same to the letter."""
    program = tmp_path / "showing"
    program.mkdir()
    (program / "__main__.py").write_text(PROGRAM)
    config = {"aws:region": REGION, "labels": {"blue": "digits@1", "green": "digits@2"}}
    cloudwatch = Clients(REGION, sandbox_aws.endpoint).client("cloudwatch")
    with served(AwsProvider(lambda: sandbox_aws.endpoint)) as aws:
        theirs = CliStack(tmp_path / "cli", program, {"aws": aws}, {**config, "page": "theirs"})
        ours = sandbox.stack(program, {**config, "page": "ours"})

        def agree(operation: str) -> list[str]:
            """Does the same on both; returns what each did to the dashboard, once it is the same."""
            done, told = getattr(ours, operation)(), getattr(theirs, operation)()
            assert told.succeeded, told.text
            assert _ops(done.ops) == _ops(told.ops), told.text
            return _ops(done.ops)

        assert agree("up") == ["create"]
        assert agree("up") == ["same"]
        before = _bodies(cloudwatch.get_dashboard)
        for stack in (ours, theirs):
            stack.config["labels"] = {"green": "digits@3", "blue": "digits@1"}
        assert agree("up") == ["update"]
        after = _bodies(cloudwatch.get_dashboard)
        assert len(before) == len(after) == 1
        assert ("digits@3" in before.pop(), "digits@3" in after.pop()) == (False, True)
        assert agree("destroy") == ["delete"]
    assert cloudwatch.list_dashboards()["DashboardEntries"] == []


def _ops(ops: dict[str, list[str]]) -> list[str]:
    (found,) = [it for urn, it in ops.items() if "aws:cloudwatch/dashboard:Dashboard::" in urn]
    return found


def _bodies(get: Callable[..., Any]) -> set[str]:
    return {json.dumps(json.loads(get(DashboardName=name)["DashboardBody"])) for name in ("ours", "theirs")}
