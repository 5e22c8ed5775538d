"""
Evaluating on SageMaker, against the sandbox's AWS.

Jobs are made with SageMaker's SDK and looked at through the API. No container runs in there: a test that needs one
plays it on this machine.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from pydantic import ValidationError

from sluice.errors import InvalidInput, SluiceError
from sluice.evaluation.processing import OUTPUT, ProcessingOptions, check_target, job_name, run_on_sagemaker
from sluice.evaluation.processing_files import download, fitting
from sluice.evaluation.processing_job import JobFailed, JobProgress, wait
from sluice_sandbox.aws.clients import Clients
from sluice_sandbox.aws.supervisor import Aws
from tests.unit.evaluation.container import play

REGION = "eu-west-1"
BUCKET = "evaluations"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/0f8a1b3c-1111-2222-3333-444455556666"
OPTIONS: dict[str, Any] = {
    "role": "arn:aws:iam::123456789012:role/evaluator",
    "image": f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/sluice@sha256:{'a' * 64}",
    "instance_type": "ml.m5.xlarge",
    "s3_uri": f"s3://{BUCKET}/runs",
}
Client = Callable[[str], Any]


@pytest.fixture
def client(sandbox_aws: Aws, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Returns clients of the sandbox's AWS, which the environment leads to; time passes when somebody looks."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", sandbox_aws.endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "else")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    sandbox_aws.stop_clock(step=1)
    made = Clients(REGION, sandbox_aws.endpoint).client
    made("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    return made


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a set and a plan."""
    root = tmp_path / "project"
    (root / "sets").mkdir(parents=True)
    (root / "sets" / "digits.jsonl").write_text('{"set": {}}\n')
    (root / "digits.evaluation.yaml").write_text("set: sets/digits.jsonl\n")
    return root


def run(project: Path, into: Path, progress: Any = None, arguments: Any = ("--help",), **options: Any) -> Any:
    pytest.importorskip(
        "sagemaker.core", reason="SageMaker's SDK is not installed: pip install 'pulumi-sluice[sagemaker]'"
    )
    return run_on_sagemaker(
        ProcessingOptions(**{**OPTIONS, **options}),
        label="digits@2",
        root=project,
        files=["sets/digits.jsonl", "digits.evaluation.yaml"],
        arguments=arguments,
        into=into,
        region=REGION,
        progress=progress,
        poll_seconds=0,
    )


class Container:
    """Plays the container of a job as soon as somebody tells of it, and remembers what was told."""

    def __init__(self, client: Client, folder: Path, then: Callable[[Any], object] = lambda ended: None) -> None:
        self._client, self._folder, self._then = client, folder, then
        self.seen: list[JobProgress] = []
        self.job: dict[str, Any] = {}

    def __call__(self, progress: JobProgress) -> None:
        if not self.seen:
            self.job = self._client("sagemaker").describe_processing_job(ProcessingJobName=progress.name)
            self._then(play(self.job, self._client("s3"), self._folder))
        self.seen.append(progress)


def test_the_same_command_runs_with_the_project_and_comes_back(client: Client, project: Path, tmp_path: Path) -> None:
    """
    Sluice runs in the project's folder, with the project's files, and what is written is fetched.

    `sluice schema` stands in for an evaluation, and what it prints for a report: it is quick.
    """
    ended: list[Any] = []

    def writes(result: Any) -> None:
        ended.append(result)
        place = container.job["ProcessingOutputConfig"]["Outputs"][0]
        assert (place["S3Output"]["LocalPath"], place["OutputName"]) == (OUTPUT, "output")
        key = place["S3Output"]["S3Uri"].removeprefix(f"s3://{BUCKET}/")
        client("s3").put_object(Bucket=BUCKET, Key=f"{key}/v2/report.json", Body=result.stdout.encode())

    container = Container(client, tmp_path / "opt", writes)
    made = run(project, tmp_path / "back", container, ["schema"])
    assert ended[0].returncode == 0, ended[0].stderr
    assert made == (tmp_path / "back" / "v2" / "report.json",)
    assert "properties" in json.loads(made[0].read_text())
    assert (tmp_path / "opt/input/project/sets/digits.jsonl").read_text() == '{"set": {}}\n'
    assert (container.seen[0].status, container.seen[-1].status) == ("InProgress", "Completed")


def test_a_job_is_asked_for_as_the_options_say(client: Client, project: Path, tmp_path: Path) -> None:
    """Role, instance, image, encryption, network, tags and variables are SageMaker's own words for them."""
    vpc = {"subnets": ["subnet-0a", "subnet-0b"], "security_groups": ["sg-0c"]}
    container = Container(client, tmp_path / "opt")
    with pytest.raises(SluiceError):
        run(
            project,
            tmp_path / "back",
            container,
            kms_key=KEY,
            vpc=vpc,
            network_isolation=True,
            encrypt_traffic=True,
            volume_gb=50,
            max_runtime_seconds=3600,
            tags={"team": "search"},
            environment={"LANG": "C.UTF-8"},
        )
    job = container.job
    assert job["RoleArn"] == OPTIONS["role"]
    assert job["AppSpecification"]["ImageUri"] == OPTIONS["image"]
    assert job["AppSpecification"]["ContainerArguments"] == ["--help"]
    assert job["ProcessingResources"]["ClusterConfig"] == {
        "InstanceCount": 1,
        "InstanceType": "ml.m5.xlarge",
        "VolumeSizeInGB": 50,
        "VolumeKmsKeyId": KEY,
    }
    assert job["NetworkConfig"] == {
        "EnableNetworkIsolation": True,
        "EnableInterContainerTrafficEncryption": True,
        "VpcConfig": {"Subnets": vpc["subnets"], "SecurityGroupIds": vpc["security_groups"]},
    }
    assert job["ProcessingOutputConfig"]["KmsKeyId"] == KEY
    assert job["StoppingCondition"] == {"MaxRuntimeInSeconds": 3600}
    assert job["Environment"] == {"LANG": "C.UTF-8"}
    tags = client("sagemaker").list_tags(ResourceArn=job["ProcessingJobArn"])["Tags"]
    assert {"Key": "team", "Value": "search"} in tags


def test_files_are_encrypted_with_the_key(client: Client, project: Path, tmp_path: Path) -> None:
    """What is uploaded is under the job's own name, and encrypted as the options say."""
    container = Container(client, tmp_path / "opt")
    with pytest.raises(SluiceError):
        run(project, tmp_path / "back", container, kms_key=KEY)
    key = f"runs/{container.job['ProcessingJobName']}/input/project/sets/digits.jsonl"
    assert client("s3").head_object(Bucket=BUCKET, Key=key)["SSEKMSKeyId"] == KEY


def test_a_failed_job_tells_why(client: Client, project: Path, tmp_path: Path) -> None:
    """SageMaker's reason and the container's last lines are in the message; here nobody runs the container."""

    def prints(ended: Any) -> None:
        logs, stream = client("logs"), f"{container.job['ProcessingJobName']}/algo-1-1"
        where = {"logGroupName": "/aws/sagemaker/ProcessingJobs"}
        logs.create_log_group(**where)
        logs.create_log_stream(**where, logStreamName=stream)
        now = int(container.job["CreationTime"].timestamp() * 1000)
        lines = [{"timestamp": now, "message": line} for line in ("asking", "error: no such set\n")]
        logs.put_log_events(**where, logStreamName=stream, logEvents=lines)

    container = Container(client, tmp_path / "opt", prints)
    with pytest.raises(JobFailed) as raised:
        run(project, tmp_path / "back", container)
    assert "is failed: AlgorithmError: the sandbox runs no containers" in str(raised.value)
    assert raised.value.lines == ["asking", "error: no such set"]
    assert str(raised.value).endswith("\n  asking\n  error: no such set")


def test_what_a_stopped_job_had_written_is_fetched(client: Client, project: Path, tmp_path: Path) -> None:
    """Answers are not lost with the job, so that the evaluation can go on from them."""

    def stops(ended: Any) -> None:
        output = container.job["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3Uri"]
        key = output.removeprefix(f"s3://{BUCKET}/")
        client("s3").put_object(Bucket=BUCKET, Key=f"{key}/v2/answers.jsonl", Body=b"{}\n")
        client("sagemaker").stop_processing_job(ProcessingJobName=container.job["ProcessingJobName"])

    container = Container(client, tmp_path / "opt", stops)
    with pytest.raises(JobFailed, match="is stopped: SageMaker tells no reason"):
        run(project, tmp_path / "back", container)
    assert (tmp_path / "back/v2/answers.jsonl").read_bytes() == b"{}\n"


def test_an_interruption_stops_the_job(client: Client, project: Path, tmp_path: Path) -> None:
    """Nobody pays for what nobody waits for."""
    names: list[str] = []

    def interrupt(progress: JobProgress) -> None:
        names.append(progress.name)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(project, tmp_path / "back", interrupt)
    job = client("sagemaker").describe_processing_job(ProcessingJobName=names[0])
    assert job["ProcessingJobStatus"] == "Stopped"


def test_a_bucket_that_is_not_there_is_told(client: Client, project: Path, tmp_path: Path) -> None:
    """Before any job is made."""
    with pytest.raises(SluiceError, match=r"digits.jsonl cannot be put to s3://nowhere-at-all/.*NoSuchBucket"):
        run(project, tmp_path / "back", s3_uri="s3://nowhere-at-all")
    assert client("sagemaker").list_processing_jobs()["ProcessingJobSummaries"] == []


def test_what_sagemaker_refuses_is_told(client: Client, project: Path, tmp_path: Path) -> None:
    """An instance type that there is not is SageMaker's to know."""
    with pytest.raises(SluiceError, match=r"SageMaker did not take the job sluice-digits-2-.*ml.m5.gigantic"):
        run(project, tmp_path / "back", instance_type="ml.m5.gigantic")


def test_missing_files_are_told_together(project: Path) -> None:
    """Those that are not there, folders, and those outside of the project."""
    (project.parent / "secret").write_text("x")
    (project / "link").symlink_to(project.parent / "secret")
    with pytest.raises(InvalidInput) as raised:
        fitting(
            project,
            ["digits.evaluation.yaml", "sets", "none.yaml", "../secret", "link", str(project.parent / "secret")],
        )
    assert [it.path for it in raised.value.problems][:4] == ["sets", "none.yaml", "../secret", "link"]
    assert len(raised.value.problems) == 5


def test_no_files_at_all_are_refused(project: Path) -> None:
    """The command could do nothing."""
    with pytest.raises(InvalidInput, match="are none; name what the command needs"):
        fitting(project, [])


@pytest.mark.parametrize("arguments", [[], [""], ["x" * 257], ["x"] * 101])
def test_arguments_that_sagemaker_does_not_take_are_refused(
    project: Path, tmp_path: Path, arguments: list[str]
) -> None:
    """Before anything is uploaded."""
    given: dict[str, Any] = {
        "label": "digits@2",
        "root": project,
        "files": ["digits.evaluation.yaml"],
        "into": tmp_path,
    }
    with pytest.raises(InvalidInput, match="SageMaker takes 1 to"):
        run_on_sagemaker(ProcessingOptions(**OPTIONS), **given, arguments=arguments)


def test_a_name_cannot_lead_out_of_the_folder(client: Client, tmp_path: Path) -> None:
    """A key with dots in it is refused, whoever wrote it."""
    client("s3").put_object(Bucket=BUCKET, Key="out/../../evil", Body=b"x")
    with pytest.raises(SluiceError, match="has a name that leads out of"):
        download(client("s3"), f"s3://{BUCKET}/out", tmp_path / "back")
    assert not (tmp_path / "evil").exists()


@pytest.mark.parametrize(
    ("options", "path"),
    [
        ({"role": "evaluator"}, "role"),
        ({"image": "sluice:latest"}, "image"),
        ({"instance_type": "m5.xlarge"}, "instance_type"),
        ({"s3_uri": "https://example.com"}, "s3_uri"),
        ({"volume_gb": 0}, "volume_gb"),
        ({"max_runtime_seconds": 432_001}, "max_runtime_seconds"),
        ({"vpc": {"subnets": [], "security_groups": ["sg-0"]}}, "subnets"),
        ({"environment": {"OPENAI_API_KEY": "sk-1"}}, "OPENAI_API_KEY, which everybody would see"),
        ({"environment": {"DB_PASSWORD": "x"}}, "DB_PASSWORD"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_options_are_checked(options: dict[str, Any], path: str) -> None:
    """A job that could not run as one means is refused, and so is a secret for everybody to see."""
    with pytest.raises(ValidationError, match=path):
        ProcessingOptions(**{**OPTIONS, **options})


@pytest.mark.parametrize(
    ("kind", "fits"), [("artifact", True), ("callable", True), ("http", False), ("sagemaker", False)]
)
def test_an_isolated_job_reaches_no_network(kind: str, fits: bool) -> None:
    """A target over a network is refused for it, and no other."""
    check_target(ProcessingOptions(**OPTIONS), kind)
    isolated = ProcessingOptions(**OPTIONS, network_isolation=True)
    if fits:
        check_target(isolated, kind)
    else:
        with pytest.raises(InvalidInput, match=f"network_isolation is set, but the plan's target is {kind}"):
            check_target(isolated, kind)


@pytest.mark.parametrize("label", ["digits@2", "@@", "a" * 100, "Ünïcode_model@1.0-rc.1"])
def test_a_job_s_name_is_one_that_sagemaker_takes(label: str) -> None:
    """Letters, digits and hyphens, up to 63, and never the same twice."""
    names = {job_name(label) for _ in range(20)}
    assert len(names) == 20
    assert all(
        len(name) <= 63 and name.replace("-", "").isascii() and name.replace("-", "").isalnum() for name in names
    )


class Scripted:
    """A client that answers as it is told, one call after the other."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)

    def describe_processing_job(self, ProcessingJobName: str) -> Any:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def describe_log_streams(self, **_: Any) -> Any:
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "DescribeLogStreams")


def test_the_container_s_own_message_is_told() -> None:
    """The container's last word stands beside SageMaker's reason; logs that may not be read are no matter."""
    failed = {"ProcessingJobStatus": "Failed", "FailureReason": "exit code 1", "ExitMessage": "no such set"}
    script = Scripted({"ProcessingJobStatus": "InProgress"}, {"ProcessingJobStatus": "Stopping"}, failed)
    with pytest.raises(JobFailed) as raised:
        wait(script, script, "job", sleep=lambda seconds: None)
    assert str(raised.value) == "the job job is failed: exit code 1; no such set"


def test_a_job_that_cannot_be_looked_at_may_go_on() -> None:
    """That is told, because it may still cost."""
    script = Scripted(ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "DescribeProcessingJob"))
    with pytest.raises(SluiceError, match="the job job cannot be looked at, and may go on"):
        wait(script, script, "job", sleep=lambda seconds: None)


def test_a_missing_sdk_is_told(client: Client, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what to install."""
    monkeypatch.setitem(sys.modules, "sagemaker.core.processing", None)
    with pytest.raises(SluiceError, match=r"which is not installed .*pip install 'pulumi-sluice\[sagemaker\]'"):
        run_on_sagemaker(
            ProcessingOptions(**OPTIONS),
            label="digits@2",
            root=project,
            files=["digits.evaluation.yaml"],
            arguments=["--help"],
            into=tmp_path,
        )
