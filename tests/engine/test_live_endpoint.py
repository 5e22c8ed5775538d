"""Both engines tell the same truth of an endpoint, through all that SageMaker does to it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sluice.provider.resources import ResourceProvider
from sluice.rollout import clock
from sluice_sandbox.aws.clients import Clients
from sluice_sandbox.aws.provider import AwsProvider
from sluice_sandbox.aws.supervisor import Aws
from sluice_sandbox.engine.result import Result
from sluice_sandbox.errors import UpdateFailed
from sluice_sandbox.harness import Sandbox, SandboxStack
from tests.support.cli import CliResult, CliStack
from tests.support.serving import served

REGION = "eu-west-1"
IMAGE = f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/digits@sha256:{'a' * 64}"
DURATIONS = ("endpoint_create", "endpoint_update", "endpoint_delete", "endpoint_weights", "endpoint_rollback")
PROGRAM = """
import json
import pulumi
from sluice import ModelEndpoint, ModelEndpointArgs

config = pulumi.Config()
ModelEndpoint(config.require("name"), ModelEndpointArgs(**json.loads(config.require("endpoint"))))
"""


def slot(version: int, **more: Any) -> dict[str, Any]:
    digest = f"sha256:{version:064x}"
    pinned = {"label": f"digits@{version}", "version_digest": digest, "model_name": f"model-{version}"}
    return {"version": {**pinned, "release": version}, "instance_type": "ml.m5.large", **more}


class Twins:
    """The same endpoint twice: `ours-test` on the sandbox engine, `theirs-test` under the CLI."""

    def __init__(self, ours: SandboxStack, theirs: CliStack, aws: Aws) -> None:
        self.ours, self.theirs, self.aws = ours, theirs, aws
        self.sagemaker = Clients(REGION, aws.endpoint).client("sagemaker")
        self.standby_hours = 0.0
        self.declare({"blue": slot(1), "green": slot(2)}, blue=90, green=10)

    def declare(self, variants: dict[str, Any], **traffic: int) -> None:
        self.variants, self.traffic = variants, traffic
        declared = {"variants": variants, "traffic": traffic, "standby_hours": self.standby_hours}
        for stack in (self.ours, self.theirs):
            stack.config["endpoint"] = declared

    def names(self) -> tuple[str, str]:
        return "ours-test", "theirs-test"

    def agree(self, operation: str = "up", succeeds: bool = True) -> dict[str, list[str]]:
        """Does the same on both; asserts that both did the same, and returns what, by type."""
        ours, theirs = self._ours(operation), getattr(self.theirs, operation)()
        assert ours.succeeded == theirs.succeeded == succeeds, f"{ours.errors()}\n---\n{theirs.text}"
        done = _by_type(ours.ops)
        if operation != "refresh":
            assert done == _by_type(theirs.ops), theirs.text
        live, others = (self.live(name) for name in self.names())
        assert live == others
        self.said = theirs.text
        return done

    def _ours(self, operation: str) -> Result:
        try:
            result: Result = getattr(self.ours, operation)()
        except UpdateFailed as failed:
            return failed.result
        return result

    def is_settled(self) -> bool:
        planned: CliResult = self.theirs.operate("preview", "--expect-no-changes")
        assert planned.succeeded, planned.text
        return not self.ours.preview().changed

    def live(self, name: str) -> dict[str, tuple[float, int]] | None:
        if name not in {it["EndpointName"] for it in self.sagemaker.list_endpoints()["Endpoints"]}:
            return None
        variants = self.sagemaker.describe_endpoint(EndpointName=name)["ProductionVariants"]
        return {it["VariantName"]: (it["CurrentWeight"], it["CurrentInstanceCount"]) for it in variants}


def _by_type(ops: dict[str, list[str]]) -> dict[str, list[str]]:
    return {
        urn.split("::")[2].rpartition(":")[2]: sorted(done) for urn, done in ops.items() if set(done) - {"same", "read"}
    }


@pytest.fixture
def twins(pulumi: None, sandbox: Sandbox, sandbox_aws: Aws, tmp_path: Path) -> Iterator[Twins]:
    """Both endpoints are in service."""
    sandbox_aws.set_durations(**dict.fromkeys(DURATIONS, 0))
    clients = Clients(REGION, sandbox_aws.endpoint)
    for version in (1, 2, 3):
        clients.client("sagemaker").create_model(
            ModelName=f"model-{version}",
            ExecutionRoleArn="arn:aws:iam::123456789012:role/serving",
            PrimaryContainer={"Image": IMAGE},
        )
    program = tmp_path / "serving"
    program.mkdir()
    (program / "__main__.py").write_text(PROGRAM)
    resources = ResourceProvider(lambda service, region: clients.client(service), lambda: REGION)
    config = {"aws:region": REGION}
    with served(AwsProvider(lambda: sandbox_aws.endpoint)) as aws, served(resources) as sluice:
        theirs = CliStack(tmp_path / "cli", program, {"aws": aws, "sluice": sluice}, {**config, "name": "theirs"})
        made = Twins(sandbox.stack(program, {**config, "name": "ours"}), theirs, sandbox_aws)
        made.agree()
        yield made


def test_an_endpoint_lives(twins: Twins) -> None:
    """It is made, shifted, given a new version in its idle slot, loses a slot, and goes: in the same steps."""
    assert twins.live("ours-test") == {"blue": (90, 1), "green": (10, 1)}
    assert twins.is_settled()
    twins.declare(twins.variants, blue=50, green=50)
    assert twins.agree() == {"LiveEndpoint": ["update"]}
    twins.declare(twins.variants, blue=0, green=100)
    twins.agree()
    twins.declare({"blue": slot(3), "green": slot(2)}, blue=0, green=100)
    assert twins.agree()["LiveEndpoint"] == ["update"]
    twins.declare({"green": slot(2)}, green=100)
    twins.agree()
    assert twins.live("ours-test") == {"green": (100, 1)}
    assert twins.is_settled()
    twins.agree("destroy")
    assert twins.sagemaker.list_endpoints()["Endpoints"] == []


def test_a_silent_rollback_fails_on_both(twins: Twins) -> None:
    """The reason is told, the configuration in use stays, and both go through once the cause is gone."""
    twins.declare(twins.variants, blue=100, green=0)
    twins.agree()
    twins.declare({"blue": slot(1), "green": slot(3)}, blue=100, green=0)
    for name in twins.names():
        twins.aws.seal_fate(name, "update-rolls-back", "No capacity.")
    twins.agree(succeeds=False)
    assert "SageMaker did not keep the endpoint theirs-test on" in twins.said
    assert "(No capacity)" in twins.said
    assert len(twins.sagemaker.list_endpoint_configs()["EndpointConfigs"]) == 4
    twins.agree()
    assert len(twins.sagemaker.list_endpoint_configs()["EndpointConfigs"]) == 2
    assert twins.is_settled()


def test_a_creation_that_failed_is_recorded_by_both(twins: Twins) -> None:
    """The next update makes it anew."""
    twins.agree("destroy")
    for name in twins.names():
        twins.aws.seal_fate(name, "create-fails", "No capacity.")
    assert not twins._ours("up").succeeded
    assert not twins.theirs.up().succeeded
    twins.agree()
    assert twins.live("ours-test") == {"blue": (90, 1), "green": (10, 1)}
    assert twins.is_settled()


def test_what_somebody_changed_is_seen_and_put_right_by_both(twins: Twins) -> None:
    """Weights that were shifted by hand show in a refresh."""
    for name in twins.names():
        twins.sagemaker.update_endpoint_weights_and_capacities(
            EndpointName=name, DesiredWeightsAndCapacities=[{"VariantName": "green", "DesiredWeight": 90.0}]
        )
        twins.sagemaker.describe_endpoint(EndpointName=name)
    twins.agree("refresh")
    assert twins.agree() == {"LiveEndpoint": ["update"]}
    assert twins.live("theirs-test") == {"blue": (90, 1), "green": (10, 1)}


def test_what_a_crash_left_is_continued_by_both(twins: Twins) -> None:
    """An update that SageMaker is at already is waited for."""
    twins.declare(twins.variants, blue=20, green=80)
    twins.aws.set_durations(endpoint_weights=1)
    for name in twins.names():
        shifted = [{"VariantName": slot_, "DesiredWeight": float(share)} for slot_, share in twins.traffic.items()]
        twins.sagemaker.update_endpoint_weights_and_capacities(EndpointName=name, DesiredWeightsAndCapacities=shifted)
    assert twins.agree() == {"LiveEndpoint": ["update"]}
    assert twins.is_settled()


def test_both_refuse_a_new_version_over_users(twins: Twins) -> None:
    """At preview, in the same words."""
    twins.declare({"blue": slot(3), "green": slot(2)}, blue=90, green=10)
    ours, theirs = twins.ours.preview(), twins.theirs.preview()
    assert not ours.succeeded
    assert not theirs.succeeded
    for said in (str(ours.errors()), theirs.text):
        assert "put it into a slot without traffic, and shift to that" in said


def test_both_keep_a_standby_slot_for_its_hours(twins: Twins, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They refuse to take it away, in the same words, until the time that they tell, or until fewer hours will do."""
    start = datetime.fromisoformat("2026-11-23T10:00:00Z")
    monkeypatch.setenv(clock.VARIABLE, str(tmp_path / "clock"))
    clock.write(tmp_path / "clock", start)
    twins.standby_hours = 72
    twins.declare(twins.variants, blue=0, green=100)
    twins.agree()
    assert twins.is_settled()
    twins.agree("refresh")
    clock.write(tmp_path / "clock", start + timedelta(hours=3.5))
    for variants in ({"green": slot(2)}, {"blue": slot(3), "green": slot(2)}):
        twins.declare(variants, green=100)
        ours, theirs = twins.ours.preview(), twins.theirs.preview()
        assert not ours.succeeded
        assert not theirs.succeeded
        for said in (str(ours.errors()), " ".join(theirs.text.split())):
            assert "slot blue stands by since 2026-11-23T10:00Z, for 72 hours; 3.5 are over; keep it as it is" in said
            assert "until 2026-11-26T10:00Z, or lower standby_hours" in said
    clock.write(tmp_path / "clock", start + timedelta(hours=48))
    assert not twins.theirs.preview().succeeded
    twins.standby_hours = 48
    twins.declare({"blue": slot(3), "green": slot(2)}, green=100)
    twins.agree()
    assert twins.live("theirs-test") == {"blue": (0, 1), "green": (100, 1)}
    assert twins.is_settled()


def test_autoscaled_counts_outlive_a_new_configuration_on_both(twins: Twins) -> None:
    """What autoscaling gave a variant it keeps, while another slot gets a new version."""
    scaled = {"min_instances": 1, "max_instances": 9, "invocations_per_instance": 600}
    twins.declare({"blue": slot(1, autoscaling=scaled), "green": slot(2)}, blue=100, green=0)
    twins.agree()
    for name in twins.names():
        twins.sagemaker.update_endpoint_weights_and_capacities(
            EndpointName=name, DesiredWeightsAndCapacities=[{"VariantName": "blue", "DesiredInstanceCount": 7}]
        )
        twins.sagemaker.describe_endpoint(EndpointName=name)
    twins.declare({"blue": slot(1, autoscaling=scaled), "green": slot(3)}, blue=100, green=0)
    twins.agree()
    assert twins.live("theirs-test") == {"blue": (100, 7), "green": (0, 1)}
    assert twins.is_settled()
    twins.agree("destroy")


def test_the_cli_imports_an_endpoint(twins: Twins) -> None:
    """An endpoint that others made is taken over with its weights, and is then as if it had always been the stack's."""
    (urn,) = [
        it["urn"] for it in twins.theirs.export()["deployment"]["resources"] if it["type"].endswith("LiveEndpoint")
    ]
    twins.theirs.run("state", "delete", urn, "--yes")
    program = twins.theirs.folder / "program" / "__main__.py"
    text = program.read_text()
    taking = "opts=pulumi.ResourceOptions(transformations=[take]))"
    program.write_text(
        text.replace(
            "ModelEndpoint(config",
            "def take(args):\n"
            "    if args.type_ == 'sluice:index:LiveEndpoint':\n"
            "        merged = pulumi.ResourceOptions.merge(args.opts, pulumi.ResourceOptions(import_='theirs-test'))\n"
            "        return pulumi.ResourceTransformationResult(args.props, merged)\n\n\n"
            "ModelEndpoint(config",
        ).replace('config.require("endpoint"))))', f'config.require("endpoint"))), {taking}')
    )
    imported = twins.theirs.up()
    assert imported.succeeded, imported.text
    assert imported.ops[urn] == ["import", "update"]
    assert list(imported.diffs[urn]) == ["baseline", "instanceTypes", "minCounts", "standbyHours", "versions"]
    program.write_text(text)
    assert twins.theirs.operate("preview", "--expect-no-changes").succeeded
