"""
Evaluations on a schedule, from declaration to the figures that alarms ring by.

The sandbox starts nothing by itself and runs no container: tests do what the scheduler would, with exactly the request
that the schedule holds, and play the container on this machine, with a server that answers as SageMaker's runtime.
"""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from sluice.evaluation.report import read_report
from sluice.scheduled_evaluation import ScheduledEvaluation
from sluice_sandbox.aws.supervisor import Aws
from sluice_sandbox.engine.result import Result
from tests.components.conftest import REGION, ClientOf, Deploy
from tests.support.evaluations import Project
from tests.support.runtime import runtime
from tests.support.versions import write_lock
from tests.unit.evaluation.container import play

IMAGE = f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/sluice@sha256:{'a' * 64}"
REFERENCES = {"a": "yes", "b": "yes", "c": "no", "d": "yes"}


class Scheduled:
    """A stack with a scheduled evaluation, whose arguments a test changes as a person would edit them."""

    def __init__(self, deploy: Deploy, project: Project, **args: Any) -> None:
        self.project = project
        self.args = {
            "endpoint": "search",
            "slot": "blue",
            "manifest": "digits-v1.model.yaml",
            "schedule": "rate(7 days)",
            "image": IMAGE,
            **args,
        }
        self.stack = deploy(self._declare)

    def _declare(self) -> None:
        bucket = aws.s3.Bucket("store", force_destroy=True)
        again = ScheduledEvaluation("search", {"bucket_name": bucket.bucket, **self.args})  # type: ignore[arg-type]
        pulumi.export("bucket", bucket.bucket)
        pulumi.export("schedule", again.schedule_arn)
        pulumi.export("role", again.role_arn)
        pulumi.export("reports", again.reports_url)

    def up(self) -> Result:
        return self.stack.up()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project with a version that is locked, in whose folder the program runs."""
    made = Project(tmp_path / "project", REFERENCES)
    write_lock(made.root, _without_report(made))
    monkeypatch.chdir(made.root)
    return made


def _without_report(project: Project) -> Path:
    manifest = project.version("v1")
    manifest.write_text("".join(line for line in manifest.read_text().splitlines(True) if "report:" not in line))
    return manifest


def schedule_of(client: ClientOf, arn: str) -> dict[str, Any]:
    found: dict[str, Any] = client("scheduler").get_schedule(Name=arn.rpartition("/")[2])
    return found


def started(client: ClientOf, arn: str, run: str = "d32c5kddcf5bb8c3") -> dict[str, Any]:
    """Does what the scheduler does when it is time; returns the job as SageMaker describes it."""
    target = schedule_of(client, arn)["Target"]
    assert target["Arn"] == "arn:aws:scheduler:::aws-sdk:sagemaker:createProcessingJob"
    request = json.loads(target["Input"].replace("<aws.scheduler.execution-id>", run))
    client("sagemaker").create_processing_job(**request)
    job: dict[str, Any] = client("sagemaker").describe_processing_job(ProcessingJobName=request["ProcessingJobName"])
    return job


@pytest.fixture
def outside(sandbox_aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leads a container to the sandbox's AWS."""
    for name, value in {
        "AWS_ENDPOINT_URL": sandbox_aws.endpoint,
        "AWS_ACCESS_KEY_ID": "somebody",
        "AWS_SECRET_ACCESS_KEY": "else",
    }.items():
        monkeypatch.setenv(name, value)


def test_a_run_asks_the_variant_and_publishes_what_it_finds(
    deploy: Deploy,
    client: ClientOf,
    project: Project,
    outside: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By the reviewed files alone: the report is kept in the run's place, and CloudWatch has each score."""
    outputs = Scheduled(deploy, project).up().outputs
    asked: list[tuple[str, str, Any]] = []

    def answer(*question: Any) -> str:
        asked.append(question)
        return "yes"

    with runtime(answer) as address:
        monkeypatch.setenv("AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME", address)
        job = started(client, outputs["schedule"])
        ended = play(job, client("s3"), tmp_path / "opt")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert sorted(asked) == [("search-test", "blue", key) for key in REFERENCES]
    report = tmp_path / "report.json"
    _, _, place = outputs["reports"].removeprefix("s3://").partition("/")
    client("s3").download_file(outputs["bucket"], f"{place}d32c5kddcf5bb8c3/report.json", str(report))
    assert read_report(report).metrics["accuracy"].value == pytest.approx(0.75)
    assert statistics(client, "Accuracy") == (4, pytest.approx(0.75))
    assert statistics(client, "ErrorRate") == (4, 0)
    # Four examples are too few to tell that the bound is met.
    assert statistics(client, "ContractMet") == (1, 0)


def statistics(client: ClientOf, name: str) -> tuple[float, float]:
    now = datetime.now(UTC)
    dimensions = [{"Name": "EndpointName", "Value": "search-test"}, {"Name": "VariantName", "Value": "blue"}]
    (found,) = client("cloudwatch").get_metric_statistics(
        Namespace="Sluice/Quality",
        MetricName=name,
        Dimensions=dimensions,
        StartTime=now - timedelta(hours=1),
        EndTime=now + timedelta(hours=1),
        Period=7200,
        Statistics=["SampleCount", "Average"],
    )["Datapoints"]
    return found["SampleCount"], found["Average"]


def test_it_stays_as_it_is(deploy: Deploy, project: Project) -> None:
    """A second update and a refresh find nothing to do, and it goes wholly."""
    scheduled = Scheduled(deploy, project)
    scheduled.up()
    assert not scheduled.stack.refresh().changed
    assert not scheduled.up().changed
    scheduled.stack.destroy()
    assert scheduled.stack.state().resources == []


def test_another_time_is_an_update_and_other_files_are_another_place(
    deploy: Deploy, client: ClientOf, project: Project
) -> None:
    """So that what a run is held against is seen to change in the diff, and no run reads half of each."""
    scheduled = Scheduled(deploy, project)
    arn = scheduled.up().outputs["schedule"]
    scheduled.args |= {"schedule": "cron(0 3 ? * MON *)", "time_zone": "Europe/Berlin"}
    assert scheduled.up().changes["update"] == 1
    assert schedule_of(client, arn)["ScheduleExpressionTimezone"] == "Europe/Berlin"
    before = json.loads(schedule_of(client, arn)["Target"]["Input"])["ProcessingInputs"][0]["S3Input"]["S3Uri"]
    project.write("plan.yaml", {**project.plan, "concurrency": 2})
    scheduled.up()
    after = json.loads(schedule_of(client, arn)["Target"]["Input"])["ProcessingInputs"][0]["S3Input"]["S3Uri"]
    assert before != after


def test_the_job_may_do_no_more_than_its_work(deploy: Deploy, client: ClientOf, project: Project) -> None:
    """The scheduler starts only these jobs, as that role; the job asks one endpoint, and writes below its own place."""
    outputs = Scheduled(deploy, project).up().outputs
    target = schedule_of(client, outputs["schedule"])["Target"]
    trust, starts = role_of(client, target["RoleArn"])
    condition = trust["Condition"]["StringEquals"]
    assert (
        condition["aws:SourceArn"]
        == f"arn:aws:scheduler:{REGION}:{condition['aws:SourceAccount']}:schedule-group/default"
    )
    request = json.loads(target["Input"])
    (jobs,) = starts["StartJobs"]["Resource"]
    assert jobs.endswith(f"processing-job/{request['ProcessingJobName'].removesuffix('<aws.scheduler.execution-id>')}*")
    assert starts["PassRole"]["Resource"] == [outputs["role"]] == [request["RoleArn"]]
    _, may = role_of(client, outputs["role"])
    assert [arn.rpartition(":")[2] for arn in may["Ask"]["Resource"]] == ["endpoint/search-test"]
    assert all("/evaluations/" in arn for key in ("ReadFiles", "WriteReports") for arn in may[key]["Resource"])
    assert "Sluice/Quality" in may["PublishFigures"]["Condition"]["StringEquals"]["cloudwatch:namespace"]
    assert not any("*" in action for it in may.values() for action in it["Action"])


def role_of(client: ClientOf, arn: str) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    iam, name = client("iam"), arn.rpartition("/")[2]
    (trust,) = iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]["Statement"]
    (policy,) = iam.list_role_policies(RoleName=name)["PolicyNames"]
    document = iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
    return trust, {it["Sid"]: it for it in document["Statement"]}


def test_people_hear_of_starts_that_failed(deploy: Deploy, client: ClientOf, project: Project) -> None:
    """By an alarm on the queue of what could not be started, which is the schedule's."""
    topic = "arn:aws:sns:eu-west-1:123456789012:people"
    outputs = Scheduled(deploy, project, topic_arn=topic).up().outputs
    (alarm,) = client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert alarm["AlarmActions"] == [topic]
    letters = schedule_of(client, outputs["schedule"])["Target"]["DeadLetterConfig"]["Arn"]
    assert alarm["Dimensions"] == [{"Name": "QueueName", "Value": letters.rpartition(":")[2]}]


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        ({"schedule": "weekly"}, "schedule is 'weekly'; expected rate(7 days) or cron(0 3 ? * MON *)"),
        ({"schedule": "rate(1 days)"}, "one minute, hour or day is without s"),
        ({"schedule": "rate(0 days)"}, "expected rate(7 days)"),
        ({"schedule": "cron(0 3 * * MON)"}, "cron has six fields"),
        ({"schedule": "cron(0 3 * * MON *)"}, "one of the days, of the month or of the week, is ?"),
        ({"time_zone": "Berlin"}, "time_zone is 'Berlin', which is no zone"),
        ({"image": "sluice:latest"}, "image is 'sluice:latest'; allowed: an image by digest"),
        ({"instance_type": "m5.large"}, "write ml.m5.large"),
        ({"max_runtime_seconds": 1}, "max_runtime_seconds is 1; allowed 60 to 432000"),
        ({"slot": "b_l"}, "slot is 'b_l'"),
        ({"manifest": "v9.model.yaml"}, "manifest is 'v9.model.yaml', and there is no such file"),
        ({"plan": "none.yaml"}, "plan is 'none.yaml', and there is no such file"),
    ],
)
def test_what_cannot_be_is_refused(deploy: Deploy, project: Project, args: dict[str, Any], reason: str) -> None:
    """Before anything is made, with the component's name."""
    errors = Scheduled(deploy, project, **args).stack.preview().errors()
    assert "ScheduledEvaluation 'search': 1 problem" in errors
    assert reason in errors


def test_a_version_that_nothing_is_held_against_is_refused(deploy: Deploy, project: Project) -> None:
    """Without a plan nobody knows how to ask it."""
    manifest = project.root / "digits-v1.model.yaml"
    manifest.write_text(manifest.read_text().replace("  plan: plan.yaml\n", ""))
    errors = Scheduled(deploy, project).stack.preview().errors()
    assert "digits-v1.model.yaml has no evaluation.plan, which an evaluation needs" in errors
