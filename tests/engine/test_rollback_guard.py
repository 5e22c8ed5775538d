"""Both engines make the same guard, with the same function, and find nothing to do afterwards."""

from pathlib import Path

import pytest

from sluice_sandbox.aws.clients import Clients
from sluice_sandbox.aws.provider import AwsProvider
from sluice_sandbox.aws.supervisor import Aws
from sluice_sandbox.harness import Sandbox
from tests.support.cli import CliStack
from tests.support.serving import served

REGION = "eu-west-1"
PROGRAM = """
import pulumi
from sluice import RollbackGuard, RollbackGuardArgs, RolloutJournal, RolloutJournalArgs

# Both engines are in one account, in which names of alarms are unique.
endpoint = pulumi.Config().require("endpoint")
journal = RolloutJournal("movements", RolloutJournalArgs(force_destroy=True))
versions = {
    slot: {"label": f"digits@{at}", "version_digest": f"sha256:{at:064x}", "model_name": "model", "release": at}
    for at, slot in enumerate(("blue", "green"), start=1)
}
guard = RollbackGuard(
    "guard",
    RollbackGuardArgs(
        endpoint=endpoint,
        versions=versions,
        baseline="blue",
        journal_table_arn=journal.table_arn,
        journal_key_arn=journal.key_arn,
        p95_seconds=0.5,
        traffic={slot: int(share) for slot, share in pulumi.Config().require_object("traffic").items()},
    ),
)
pulumi.export("function", guard.function_name)
pulumi.export("alarms", guard.alarm_names)
"""


@pytest.mark.usefixtures("pulumi")
def test_a_guard_lives_on_both_engines(sandbox: Sandbox, sandbox_aws: Aws, tmp_path: Path) -> None:
    """What they do agrees, the function's code is the same to the byte, and a second update finds nothing to do."""
    program = tmp_path / "guarding"
    program.mkdir()
    (program / "__main__.py").write_text(PROGRAM)
    config = {"aws:region": REGION}
    functions = Clients(REGION, sandbox_aws.endpoint).client("lambda")
    with served(AwsProvider(lambda: sandbox_aws.endpoint)) as aws:
        theirs = CliStack(tmp_path / "cli", program, {"aws": aws}, {**config, "endpoint": "theirs"})
        ours = sandbox.stack(program, {**config, "endpoint": "ours"})
        made, told = ours.up(), theirs.up()
        assert told.succeeded, told.text
        assert _kinds(made.ops) == _kinds(told.ops)
        digests = {it["CodeSha256"] for it in functions.list_functions()["Functions"]}
        assert len(functions.list_functions()["Functions"]) == 2
        assert len(digests) == 1
        assert not ours.up().changed
        again = theirs.up()
        assert {op for ops in again.ops.values() for op in ops} <= {"same", "read"}, again.text
        ours.destroy()
        assert theirs.destroy().succeeded
    assert functions.list_functions()["Functions"] == []


def _kinds(ops: dict[str, list[str]]) -> list[tuple[str, tuple[str, ...]]]:
    return sorted((urn.split("::")[2], tuple(it)) for urn, it in ops.items() if "pulumi:" not in urn.split("::")[2])


@pytest.mark.usefixtures("pulumi")
def test_what_is_usual_is_measured_on_both_engines(sandbox: Sandbox, sandbox_aws: Aws, tmp_path: Path) -> None:
    """When the baseline loses its traffic, both previews name its error rate, both guards go by it, and both keep it."""
    program = tmp_path / "guarding"
    program.mkdir()
    (program / "__main__.py").write_text(PROGRAM)
    cloudwatch = Clients(REGION, sandbox_aws.endpoint).client("cloudwatch")
    with served(AwsProvider(lambda: sandbox_aws.endpoint)) as aws:
        config = {"aws:region": REGION, "traffic": '{"blue": 50, "green": 50}'}
        theirs = CliStack(tmp_path / "cli", program, {"aws": aws}, {**config, "endpoint": "theirs"})
        ours = sandbox.stack(program, {**config, "endpoint": "ours"})
        assert ours.up().succeeded
        assert (told := theirs.up()).succeeded, told.text
        for endpoint in ("ours", "theirs"):
            _fail(cloudwatch, f"{endpoint}-test", requests=1000, errors=31)
        sandbox_aws.advance(300)
        ours.config["traffic"] = theirs.config["traffic"] = '{"blue": 0, "green": 100}'
        planned, foreseen = ours.preview(), theirs.preview()
        assert _changed(planned.ops) == _changed(foreseen.ops)
        assert foreseen.shows("0.031")
        assert _changed(ours.up().ops) == _changed(theirs.up().ops)
        assert _rates(cloudwatch) == {"ours-test-green-errors": "0.031", "theirs-test-green-errors": "0.031"}
        assert not ours.up().changed
        assert _changed(theirs.up().ops) == []
