"""`sluice shadow report`, on an endpoint of the sandbox's with a shadow whose answers were captured."""

import base64
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from sluice.evaluation.shadow_report import read_shadow_report
from sluice.manifest import lock as locks
from sluice_sandbox.aws import supervisor
from sluice_sandbox.aws.clients import Clients
from sluice_sandbox.aws.supervisor import Aws
from sluice_sandbox.aws.users import Users
from tests.components.cli.conftest import Project, Run
from tests.components.serving import IMAGE, ROLE, variant
from tests.support.versions import write_version

REGION = "eu-west-1"
PROGRAM = """
from sluice import LiveEndpoint, LiveEndpointArgs

LiveEndpoint("search", LiveEndpointArgs(
    name="search", endpoint_config_name="shadowed", weights={"blue": 100}, region="eu-west-1", baseline="blue",
))
"""


class Shadowed:
    """A project whose endpoint has digits@1, and digits@2 in the shadow."""

    def __init__(self, project: Project, aws: Aws) -> None:
        self.project = project
        self.clients = Clients(REGION, aws.endpoint).client
        self.s3 = self.clients("s3")
        self.s3.create_bucket(Bucket="captures", CreateBucketConfiguration={"LocationConstraint": REGION})
        self.manifests = [write_version(project.folder, version) for version in "12"]
        digests = {
            slot: locks.read(it).version_digest for slot, it in zip(("blue", "shadow"), self.manifests, strict=True)
        }
        sagemaker = self.clients("sagemaker")
        sagemaker.create_model(ModelName="model", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": IMAGE})
        tags = {
            **{f"sluice:version-digest:{slot}": digest for slot, digest in digests.items()},
            "sluice:version:blue": "digits@1",
            "sluice:version:shadow": "digits@2",
        }
        sagemaker.create_endpoint_config(
            EndpointConfigName="shadowed",
            ProductionVariants=[variant("blue", 1)],
            ShadowProductionVariants=[variant("shadow", 1)],
            DataCaptureConfig={
                "EnableCapture": True,
                "InitialSamplingPercentage": 100,
                "DestinationS3Uri": "s3://captures/search",
                "CaptureOptions": [{"CaptureMode": "InputAndOutput"}],
            },
            Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
        )
        self.users = Users(aws, self.clients("cloudwatch"), "search")

    def capture(self, variant_name: str, answers: dict[str, Any]) -> None:
        """Writes what SageMaker would have: one file an hour, JSON lines, answers in Base64."""
        at = self.users.now()
        lines = [
            json.dumps(
                {
                    "captureData": {
                        "endpointInput": {"data": f"[{name}]", "encoding": "JSON", "mode": "INPUT"},
                        "endpointOutput": {
                            "data": base64.b64encode(json.dumps(answer).encode()).decode(),
                            "encoding": "BASE64",
                            "mode": "OUTPUT",
                        },
                    },
                    "eventMetadata": {
                        "eventId": f"{variant_name}-{name}",
                        "inferenceId": name,
                        "inferenceTime": at.isoformat().replace("+00:00", "Z"),
                    },
                    "eventVersion": "0",
                }
            )
            for name, answer in answers.items()
        ]
        key = f"search/search/{variant_name}/{at:%Y/%m/%d/%H}/{at:%M-%S}-000-file.jsonl"
        self.s3.put_object(Bucket="captures", Key=key, Body="\n".join(lines).encode())

    def report(self, *options: str) -> Run:
        return self.project.sluice("shadow", "report", "--stack", "dev", *options)


@pytest.fixture
def shadowed(project: Project) -> Iterator[Shadowed]:
    """It has been asked for eight days, and on the last of them its answers were captured."""
    (project.folder / "__main__.py").write_text(PROGRAM)
    home = project.folder / ".sluice" / "aws"
    aws = supervisor.start(home)
    aws.set_durations(**dict.fromkeys(("endpoint_create", "endpoint_update", "endpoint_weights"), 0))
    made = Shadowed(project, aws)
    manifests = json.dumps([it.name for it in made.manifests])
    project.configure(f"config:\n  shop:versions:\n    manifests: {manifests}\n")
    done = project.sandbox("up", "--yes", "--stack", "dev")
    assert done.code == 0, done.out + done.err
    made.users.ask(timedelta(days=8) / timedelta(hours=1), {"blue": 100, "shadow": 100})
    yield made
    supervisor.stop(home)


def test_answers_that_agree_are_the_gates_evidence(shadowed: Shadowed) -> None:
    """The report is kept beside the manifest of the version that was in the shadow."""
    answers = {str(number): number % 10 for number in range(500)}
    shadowed.capture("blue", answers)
    shadowed.capture("shadow", {**answers, "7": 8})
    shadowed.users.ask(1, {"blue": 100, "shadow": 100})
    done = shadowed.report("--write")
    assert done.code == 0, done.out + done.err
    assert "✓ agreement: agreement 99.8 % (" in done.out
    assert "✓ errors: errors 0.0 % against 0.0 %" in done.out
    assert "✓ latency: p95 20 ms against 20 ms" in done.out
    kept = read_shadow_report(shadowed.manifests[1].with_name("digits-2.shadow.json"))
    assert kept.requests == 500
    assert (kept.until - kept.since).days == 8
    assert kept.disagreements == [{"input": "[7]", "production": "7", "shadow": "8"}]


def test_answers_that_differ_end_with_1(shadowed: Shadowed) -> None:
    """As do too few of them."""
    assert shadowed.report().code == 1
    shadowed.capture("blue", {str(number): 1 for number in range(100)})
    shadowed.capture("shadow", {str(number): number % 2 for number in range(100)})
    shadowed.users.ask(1, {"blue": 100, "shadow": 100})
    done = shadowed.report()
    assert done.code == 1
    assert "✗ agreement: agreement 50.0 %" in done.out


def test_a_line_that_is_no_capture_is_told_with_its_place(shadowed: Shadowed) -> None:
    """Bucket, key and line."""
    at = shadowed.users.now()
    key = f"search/search/blue/{at:%Y/%m/%d/%H}/x.jsonl"
    shadowed.s3.put_object(Bucket="captures", Key=key, Body=b'{"captureData": {}}\n')
    shadowed.users.ask(1, {"blue": 100})
    done = shadowed.report()
    assert done.code == 1
    assert f"s3://captures/{key}:1 is no captured request" in done.err
