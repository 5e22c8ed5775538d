"""The example goes up on the sandbox's AWS under either engine."""

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
