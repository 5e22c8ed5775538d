"""Both engines make the same guard, with the same function, and find nothing to do afterwards."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sluice.provider.resources import ResourceProvider
from sluice_sandbox.aws.clients import Clients
from sluice_sandbox.aws.provider import AwsProvider
from sluice_sandbox.aws.supervisor import Aws
from sluice_sandbox.harness import Sandbox, SandboxStack
from tests.support.cli import CliStack
from tests.support.serving import served

REGION = "eu-west-1"
Changed = list[tuple[str, tuple[str, ...]]]
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
        traffic=pulumi.Config().require_object("traffic"),
    ),
)
pulumi.export("function", guard.function_name)
pulumi.export("alarms", guard.alarm_names)
"""
HALVES, ALL_NEW = {"blue": 50, "green": 50}, {"blue": 0, "green": 100}


class Twins:
    """The same guard twice: of `ours-test` on the sandbox engine, of `theirs-test` under the CLI."""

    def __init__(self, ours: SandboxStack, theirs: CliStack, aws: Aws) -> None:
        self.ours, self.theirs, self.aws = ours, theirs, aws
        clients = Clients(REGION, aws.endpoint)
        self.functions, self.cloudwatch = clients.client("lambda"), clients.client("cloudwatch")

    def agree(self, operation: str = "up") -> Changed:
        """Does the same on both; asserts that both did the same, and returns what changed, by type."""
        ours, theirs = getattr(self.ours, operation)(), getattr(self.theirs, operation)()
        assert theirs.succeeded, theirs.text
        assert _changed(ours.ops) == _changed(theirs.ops), theirs.text
        self.diffs = theirs.diffs
        return _changed(ours.ops)

    def ask_blue(self, requests: int, errors: int) -> None:
        """Measures requests to both baselines, and lets them settle."""
        for endpoint in ("ours-test", "theirs-test"):
            whose = {"EndpointName": endpoint, "VariantName": "blue"}
            dimensions = [{"Name": name, "Value": value} for name, value in whose.items()]
            data = [
                {"MetricName": name, "Dimensions": dimensions, "Values": [1.0], "Counts": [count]}
                for name, count in (("Invocations", requests), ("Invocation5XXErrors", errors))
            ]
            self.cloudwatch.put_metric_data(Namespace="AWS/SageMaker", MetricData=data)
        self.aws.advance(300)

    def rates(self) -> list[str]:
        """Returns what both alarms take for the rate of a baseline that is asked too little."""
        alarms = self.cloudwatch.describe_alarms()["MetricAlarms"]
        steps = [it for alarm in alarms for it in alarm.get("Metrics", ()) if it["Id"] == "baseline_rate"]
        return [it["Expression"].rpartition(", ")[2].removesuffix(")") for it in steps]


@pytest.fixture
def twins(pulumi: None, sandbox: Sandbox, sandbox_aws: Aws, tmp_path: Path) -> Iterator[Twins]:
    program = tmp_path / "guarding"
    program.mkdir()
    (program / "__main__.py").write_text(PROGRAM)
    config = {"aws:region": REGION, "traffic": HALVES}
    clients = Clients(REGION, sandbox_aws.endpoint)
    provider = ResourceProvider(lambda service, region: clients.client(service), lambda: REGION)
    sandbox_aws.stop_clock()
    with served(AwsProvider(lambda: sandbox_aws.endpoint)) as aws, served(provider) as sluice:
        ports = {"aws": aws, "sluice": sluice}
        theirs = CliStack(tmp_path / "cli", program, ports, {**config, "endpoint": "theirs"})
        yield Twins(sandbox.stack(program, {**config, "endpoint": "ours"}), theirs, sandbox_aws)


def test_a_guard_lives_on_both_engines(twins: Twins) -> None:
    """What they do agrees, the function's code is the same to the byte, and a second update finds nothing to do."""
    assert ("sluice:index:RollbackGuard", ("create",)) in twins.agree()
    digests = {it["CodeSha256"] for it in twins.functions.list_functions()["Functions"]}
    assert len(twins.functions.list_functions()["Functions"]) == 2
    assert len(digests) == 1
    assert twins.agree() == []
    twins.agree("destroy")
    assert twins.functions.list_functions()["Functions"] == []


def test_what_is_usual_is_measured_on_both_engines(twins: Twins) -> None:
    """Both previews show the rate of a baseline that loses its traffic, both guards go by it, and both keep it."""
    twins.agree()
    assert twins.rates() == ["0", "0"]
    twins.ask_blue(requests=1000, errors=31)
    assert twins.agree() == []
    twins.ours.config["traffic"] = twins.theirs.config["traffic"] = ALL_NEW
    assert twins.agree("preview") == [
        ("aws:cloudwatch/metricAlarm:MetricAlarm", ("update",)),
        ("sluice:index:BaselineErrorRate", ("update",)),
    ]
    changes = {urn.split("::")[2].rpartition(":")[2]: it for urn, it in twins.diffs.items()}
    assert changes["BaselineErrorRate"] == dict.fromkeys(("errorRate", "requests", "serving"), "update")
    # The step `baseline_rate` of the metric math, and nothing else.
    assert changes["MetricAlarm"] == {"metricQueries[4].expression": "update"}
    assert twins.rates() == ["0", "0"]
    twins.agree()
    assert twins.rates() == ["0.031", "0.031"]
    twins.ask_blue(requests=1000, errors=500)
    twins.agree("refresh")
    assert twins.agree() == []
    assert twins.rates() == ["0.031", "0.031"]


def _changed(ops: dict[str, list[str]]) -> Changed:
    kinds = ((urn.split("::")[2].rpartition("$")[2], tuple(it)) for urn, it in ops.items())
    return sorted(it for it in kinds if "pulumi:" not in it[0] and not set(it[1]) <= {"same", "read", "refresh"})
