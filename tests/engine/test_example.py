"""The example goes up on the sandbox's AWS under either engine."""

from datetime import timedelta

from sluice_sandbox.aws.clients import Clients
from sluice_sandbox.aws.users import Users
from sluice_sandbox.local import LocalSandbox
from tests.support.example import Example


def test_the_cli_continues_what_the_sandbox_began(pulumi: None, sandboxed: LocalSandbox) -> None:
    """The CLI plans nothing after the sandbox's update, sees no drift, plans the same next change, and removes all."""
    made = sandboxed.stack("local").up()
    assert made.succeeded, made.errors()
    cli = Example.of(sandboxed)
    planned = cli.operate("preview", "--expect-no-changes")
    assert planned.succeeded, planned.text
    refreshed = cli.refresh()
    assert refreshed.succeeded, refreshed.text
    assert {op for ops in refreshed.ops.values() for op in ops} <= {"same", "refresh"}, refreshed.text

    config = sandboxed.project.root / "stacks" / "Pulumi.local.yaml"
    config.write_text(config.read_text().replace("blue: 90", "blue: 95").replace("green: 10", "green: 5"))
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


def test_the_cli_continues_production(pulumi: None, sandboxed: LocalSandbox) -> None:
    """With all that only production declares: instances that follow the load, a VPC, evaluations on a schedule."""
    made = sandboxed.stack("prod").up()
    assert made.succeeded, made.errors()
    cli = Example.of(sandboxed, "prod")
    planned = cli.operate("preview", "--expect-no-changes")
    assert planned.succeeded, planned.text
    config = sandboxed.project.root / "stacks" / "Pulumi.prod.yaml"
    config.write_text(config.read_text().replace("cron(0 3 ? * MON *)", "rate(3 days)").replace("#ml-oncall", "#ml"))
    ours, theirs = sandboxed.stack("prod").preview(), cli.up()
    assert {urn: sorted(ops) for urn, ops in ours.ops.items()} == {urn: sorted(ops) for urn, ops in theirs.ops.items()}
    assert {record.urn.rpartition("::")[0].rpartition("$")[2] for record in ours.steps if record.step.changes} == {
        "aws:cloudwatch/dashboard:Dashboard",
        "aws:scheduler/schedule:Schedule",
    }
    assert not sandboxed.stack("prod").preview().changed


def test_the_cli_refuses_a_rise_until_it_has_soaked(pulumi: None, sandboxed: LocalSandbox) -> None:
    """By the clock of the sandbox's AWS, which moves for both engines; a rollback then stands under both."""
    assert sandboxed.stack("local").up().succeeded
    cli, config = Example.of(sandboxed), sandboxed.project.root / "stacks" / "Pulumi.local.yaml"
    config.write_text(config.read_text().replace("blue: 90", "blue: 75").replace("green: 10", "green: 25"))
    for refused in (cli.preview().text, cli.up().text, sandboxed.stack("local").preview().errors()):
        assert "green 10 → 25 refused" in refused
        assert "soaked 0 of 24 h" in refused
    people = Users(sandboxed.aws(), Clients("eu-west-1", sandboxed.aws_endpoint()).client("cloudwatch"), "digits-local")
    people.ask(25, {"blue": 9_000, "green": 1_000})
    assert sandboxed.stack("local").preview().succeeded
    raised = cli.up()
    assert raised.succeeded, raised.text
    people.ask(0.2, {"blue": 7_500, "green": 2_500}, timedelta(minutes=1), errors={"green": 0.05})
    for told in (cli.up(), cli.preview()):
        assert told.succeeded, told.text
        assert "traffic stays at blue 100, green 0: alarm digits-local-green-errors rolled back" in told.text
    assert sandboxed.stack("local").up().succeeded
