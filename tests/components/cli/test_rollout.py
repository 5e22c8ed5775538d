"""Commands about a deployed endpoint: `sluice status`, `history`, `advance`, `promote`, `rollback`, `reconcile`."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sluice_sandbox.aws import supervisor
from sluice_sandbox.aws.clients import Clients
from sluice_sandbox.aws.supervisor import Aws
from sluice_sandbox.aws.users import Users
from tests.components.cli.conftest import Project, Run
from tests.components.serving import IMAGE, ROLE, variant
from tests.support.movements import with_table
from tests.support.versions import write_version

REGION = "eu-west-1"
PROGRAM = """
import pulumi
from sluice import LiveEndpoint, LiveEndpointArgs
from sluice.args import ArgsModel

settings = pulumi.Config().require_object("endpoint")
LiveEndpoint("search", LiveEndpointArgs(
    name="search",
    endpoint_config_name="one",
    weights=settings["traffic"],
    versions={"blue": "digits@1", "green": "digits@2"},
    version_digests={"blue": "sha256:old", "green": "sha256:new"},
    baseline=settings.get("baseline", "blue"),
    journal="movements",
    rollout=settings["rollout"],
    acknowledge=settings.get("acknowledge"),
    region="eu-west-1",
    standby_hours=48,
    tags={f"sluice:{key}": key for key in ("project", "stack", "component", "name")},
))
"""
CONFIG = """\
config:
  shop:endpoint:
    variants: {{blue: {{version: digits@1}}, green: {{version: digits@2}}}}
    traffic:
      blue: {blue}  # the old one
      green: {green}
    rollout: {{shadowDays: 0, minRequests: 500}}
"""


class Shop:
    """A project with one endpoint that is deployed, and people who use it."""

    def __init__(self, project: Project, aws: Aws) -> None:
        self.project, self.aws = project, aws
        clients = Clients(REGION, aws.endpoint).client
        self.sagemaker = clients("sagemaker")
        self.sagemaker.create_model(ModelName="model", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": IMAGE})
        self.sagemaker.create_endpoint_config(
            EndpointConfigName="one", ProductionVariants=[variant("blue", 1), variant("green", 0)]
        )
        with_table(clients("dynamodb"))
        self.users = Users(aws, clients("cloudwatch"), "search")

    def declare(self, blue: int, green: int) -> None:
        self.project.configure(CONFIG.format(blue=blue, green=green))

    def up(self) -> Run:
        return self.project.sandbox("up", "--yes", "--stack", "dev")

    def run(self, *arguments: str) -> Run:
        return self.project.sluice(*arguments, "--stack", "dev")

    def run_sandbox(self, *arguments: str) -> Run:
        return self.project.sandbox(*arguments, "--stack", "dev")

    @property
    def file(self) -> Path:
        return self.project.folder / "Pulumi.dev.yaml"

    def live(self) -> dict[str, float]:
        variants = self.sagemaker.describe_endpoint(EndpointName="search")["ProductionVariants"]
        return {it["VariantName"]: it["CurrentWeight"] for it in variants}

    def status(self) -> dict[str, Any]:
        (found,) = json.loads(self.run("status", "--json").out)
        return dict(found)


@pytest.fixture
def shop(project: Project) -> Iterator[Shop]:
    """Blue has 90 and green 10 percent; the clock stands."""
    (project.folder / "__main__.py").write_text(PROGRAM)
    home = project.folder / ".sluice" / "aws"
    aws = supervisor.start(home)
    aws.set_durations(**dict.fromkeys(("endpoint_create", "endpoint_update", "endpoint_weights"), 0))
    made = Shop(project, aws)
    made.declare(90, 10)
    done = made.up()
    assert done.code == 0, done.out + done.err
    aws.stop_clock()
    yield made
    supervisor.stop(home)


def test_status_says_where_a_rollout_is(shop: Shop) -> None:
    """Versions, traffic, soak, and what the gates say of the next step."""
    shop.users.ask(6, {"blue": 9000, "green": 1000})
    told = shop.run("status").out
    assert "search  InService" in told
    assert "90 %  digits@1  baseline" in told
    assert "█████░░░░░░░░░░░░░░░ soaked 6.0 of 24 h at 10 %" in told
    assert "✗ green 10 → 25 refused: soaked 6 of 24 h" in told
    found = shop.status()
    assert found["live"] == {"blue": 90, "green": 10}
    assert found["candidates"][0]["gates"]["soaked"] == {"outcome": "fail", "text": "soaked 6 of 24 h"}


def test_advance_declares_the_next_rung_when_the_gates_pass(shop: Shop) -> None:
    """It edits two numbers and deploys nothing; until they are deployed there is no further step."""
    assert shop.run("advance").code == 1
    shop.users.ask(25, {"blue": 9000, "green": 1000})
    before = shop.file.read_text()
    assert shop.run("advance", "--dry-run").code == 0
    assert shop.file.read_text() == before
    done = shop.run("advance")
    assert done.code == 0, done.out + done.err
    assert shop.file.read_text() == before.replace("blue: 90", "blue: 75").replace("green: 10", "green: 25")
    assert shop.live() == {"blue": 90, "green": 10}
    again = shop.run("advance")
    assert again.code == 1
    assert "declares blue 75, green 25, and live is blue 90, green 10: deploy it first" in again.err
    assert shop.up().code == 0
    assert shop.live() == {"blue": 75, "green": 25}


def test_history_is_the_journal(shop: Shop) -> None:
    """Every movement with who and why."""
    shop.declare(100, 0)
    shop.up()
    entries = json.loads(shop.run("history", "--json").out)
    assert [(it["kind"], it["before"], it["after"]) for it in entries] == [
        ("deploy", {}, {"blue": 90, "green": 10}),
        ("fall", {"blue": 90, "green": 10}, {"blue": 100, "green": 0}),
    ]
    assert "green 10 → 0" in shop.run("history", "--last", "1").out


def test_a_rollback_is_one_call_and_stays(shop: Shop) -> None:
    """Journal, traffic, the stack's file; then the version rises only once the rollback is acknowledged."""
    done = shop.run("rollback", "--yes", "--reason", "wrong answers")
    assert done.code == 0, done.err
    assert shop.live() == {"blue": 100, "green": 0}
    assert "blue: 100  # the old one\n      green: 0\n" in shop.file.read_text()
    (entry,) = json.loads(shop.run("history", "--json", "-n", "1").out)
    assert (entry["kind"], entry["reason"]) == ("rollback", "wrong answers")
    assert entry["rollback"] in done.out
    assert shop.up().code == 0
    assert f"latched: {entry['rollback']}" in shop.run("status").out
    shop.declare(99, 1)
    refused = shop.up()
    assert refused.code != 0
    assert "this version was rolled back" in refused.out + refused.err
    shop.file.write_text(shop.file.read_text() + f"    acknowledge: {entry['rollback']}\n")
    accepted = shop.up()
    assert accepted.code == 0, accepted.out + accepted.err
    assert shop.live() == {"blue": 99, "green": 1}


def test_after_a_promotion_a_rollback_goes_back_to_who_served_before(shop: Shop) -> None:
    """It stands by; the file then names it the baseline again."""
    shop.declare(100, 0)
    shop.up()
    shop.declare(0, 100)
    shop.file.write_text(shop.file.read_text().replace("rollout: {", "rollout: {enforced: false, "))
    assert shop.up().code == 0
    promoted = shop.run("promote")
    assert promoted.code == 0, promoted.err
    assert "    baseline: green\n    traffic:" in shop.file.read_text()
    assert shop.up().code == 0
    done = shop.run("rollback", "--yes")
    assert "blue (digits@1, which served before) has all traffic" in done.out
    assert shop.live() == {"blue": 100, "green": 0}
    assert "    baseline: blue\n    traffic:\n      blue: 100" in shop.file.read_text()


def test_promote_needs_all_the_traffic(shop: Shop) -> None:
    """The message says who has what."""
    done = shop.run("promote")
    assert done.code == 1
    assert "no candidate of search has all the traffic (blue 90 %, green 10 %; the baseline is blue)" in done.err


def test_reconcile_declares_what_is_live(shop: Shop) -> None:
    """And says when that is declared already."""
    assert "declares what is live already" in shop.run("reconcile").out
    weights = [{"VariantName": "blue", "DesiredWeight": 98.0}, {"VariantName": "green", "DesiredWeight": 2.0}]
    shop.sagemaker.update_endpoint_weights_and_capacities(EndpointName="search", DesiredWeightsAndCapacities=weights)
    shop.sagemaker.describe_endpoint(EndpointName="search")
    assert "what is live was not declared" in shop.run("status").out
    assert shop.run("reconcile").code == 0
    assert "blue: 98  # the old one\n      green: 2\n" in shop.file.read_text()


def test_an_endpoint_that_there_is_not_is_told_with_those_that_there_are(shop: Shop) -> None:
    """For every command."""
    for command in ("status", "history", "advance", "promote", "rollback", "reconcile"):
        done = shop.run(command, "find")
        assert done.code == 1
        assert "there is no endpoint find; the stack dev has: search" in done.err


def test_a_stack_that_nobody_deployed_needs_the_cli(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it the message says so, and what else there is."""
    monkeypatch.setenv("PATH", "")
    done = shop.project.sluice("status", "--stack", "prod")
    assert done.code == 1
    assert "the sandbox has no stack prod, and the Pulumi CLI, which would know it, is not on PATH" in done.err


def test_people_use_an_endpoint_of_the_sandbox(shop: Shop) -> None:
    """Hours pass at once, with requests as the traffic says; what they meet decides about the next step."""
    done = shop.run_sandbox("use", "--hours", "25", "--errors", "green=0.04")
    assert done.code == 0, done.err
    told = shop.run("status").out
    assert "errors 4.0 % against 0.0 % (n = 2" in told
    assert "worse with 99 % confidence" in told
    assert "names 'amber', a slot that there is not" in shop.run_sandbox("use", "--errors", "amber=1").err
    assert "--errors is 'green'; allowed: a slot and a number" in shop.run_sandbox("use", "--errors", "green").err


def test_a_timeline_is_drawn(shop: Shop) -> None:
    """As a page and a picture."""
    page, picture = shop.project.folder / "t.html", shop.project.folder / "t.png"
    done = shop.run("timeline", "--html", str(page), "--png", str(picture))
    assert done.code == 0, done.err
    assert "digits@1" in page.read_text()
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_a_version_that_is_kept_warm_is_prepared(shop: Shop) -> None:
    """In a slot that is free: one that serves or stands by is not, and nothing is deployed."""
    for version in "123":
        write_version(shop.project.folder, version)
    manifests = json.dumps([f"digits-{version}.model.yaml" for version in "123"])
    versions = f"  shop:versions:\n    manifests: {manifests}\n"
    shop.file.write_text(shop.file.read_text() + versions)
    told = shop.run("rollback", "--to", "digits@3").err
    assert "no slot of search is free (blue 90 %, green 10 %); declare another" in told
    shop.declare(100, 0)
    shop.file.write_text(shop.file.read_text() + versions)
    assert shop.up().code == 0
    assert "standing by: green" in shop.run("rollback", "--to", "digits@3").err
    shop.aws.advance(49 * 3600)
    assert "digits@2 is in slot green already" in shop.run("rollback", "--to", "digits@2").err
    told = shop.run("rollback", "--to", "digits@9").err
    assert "have no digits@9; versions there are: digits@1, digits@2, digits@3" in told
    before = shop.file.read_text()
    done = shop.run("rollback", "--to", "digits@3")
    assert done.code == 0, done.err
    assert "declares digits@3 in slot green: review and deploy it" in done.out
    assert shop.file.read_text() == before.replace("green: {version: digits@2}", "green: {version: digits@3}")
    assert shop.live() == {"blue": 100, "green": 0}
