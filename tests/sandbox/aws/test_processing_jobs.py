"""Processing jobs of SageMaker, as clients of the sandbox's AWS meet them."""

from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sluice_sandbox.aws import supervisor
from sluice_sandbox.aws.clients import Clients
from sluice_sandbox.aws.supervisor import Aws
from tests.sandbox.aws.cases.case import IMAGE
from tests.sandbox.aws.conftest import Client
from tests.sandbox.aws.life_cycle import REGION

CLUSTER = {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 30}
OUTPUT = "s3://jobs/out"


@pytest.fixture
def s3(client: Client, sandbox_aws: Aws) -> Any:
    """A client, and a bucket with an input; the clock stands."""
    sandbox_aws.stop_clock()
    made = client("s3")
    made.create_bucket(Bucket="jobs", CreateBucketConfiguration={"LocationConstraint": REGION})
    made.put_object(Bucket="jobs", Key="in/set.jsonl", Body=b"{}")
    return made


@pytest.fixture
def sagemaker(client: Client, s3: Any) -> Any:
    """A client."""
    return client("sagemaker")


def create(sagemaker: Any, name: str = "job", source: str = "s3://jobs/in", **more: Any) -> None:
    files = {"S3Uri": source, "LocalPath": "/opt/ml/processing/in", "S3DataType": "S3Prefix", "S3InputMode": "File"}
    written = {"S3Uri": OUTPUT, "LocalPath": "/opt/ml/processing/out", "S3UploadMode": "EndOfJob"}
    sagemaker.create_processing_job(
        ProcessingJobName=name,
        RoleArn="arn:aws:iam::123456789012:role/jobs",
        AppSpecification={"ImageUri": IMAGE, "ContainerArguments": ["evaluate"]},
        ProcessingResources={"ClusterConfig": CLUSTER},
        ProcessingInputs=[{"InputName": "in", "S3Input": files}],
        ProcessingOutputConfig={"Outputs": [{"OutputName": "out", "S3Output": written}]},
        **more,
    )


def described(sagemaker: Any, name: str = "job") -> dict[str, Any]:
    told: dict[str, Any] = sagemaker.describe_processing_job(ProcessingJobName=name)
    return told


def test_a_job_tells_what_was_asked_for(sagemaker: Any) -> None:
    """Instances, variables and network are told as they were given."""
    create(sagemaker, Environment={"A": "b"}, NetworkConfig={"EnableNetworkIsolation": True})
    told = described(sagemaker)
    assert told["ProcessingResources"] == {"ClusterConfig": CLUSTER}
    assert told["Environment"] == {"A": "b"}
    assert told["NetworkConfig"] == {"EnableNetworkIsolation": True}
    assert told["ProcessingJobArn"] == f"arn:aws:sagemaker:{REGION}:123456789012:processing-job/job"
    assert told["ProcessingJobStatus"] == "InProgress"


def test_a_job_is_completed_when_its_outputs_are_there(sagemaker: Any, s3: Any, sandbox_aws: Aws) -> None:
    """Whoever plays the container writes them while it goes on."""
    create(sagemaker)
    s3.put_object(Bucket="jobs", Key="out/report.json", Body=b"{}")
    sandbox_aws.advance(9)
    assert described(sagemaker)["ProcessingJobStatus"] == "InProgress"
    sandbox_aws.advance(1)
    told = described(sagemaker)
    assert told["ProcessingJobStatus"] == "Completed"
    assert "FailureReason" not in told
    assert (told["ProcessingEndTime"] - told["CreationTime"]).total_seconds() == 10


def test_a_job_that_nobody_plays_fails(sagemaker: Any, s3: Any, sandbox_aws: Aws) -> None:
    """No container runs, and nothing is made up; what is written afterwards comes too late."""
    create(sagemaker)
    sandbox_aws.advance(11)
    s3.put_object(Bucket="jobs", Key="out/report.json", Body=b"{}")
    told = described(sagemaker)
    assert told["ProcessingJobStatus"] == "Failed"
    assert told["FailureReason"].endswith(f"the sandbox runs no containers, and nobody has written to {OUTPUT}")


@pytest.mark.parametrize("source", ["s3://jobs/none", "s3://no-such-bucket/in"])
def test_a_job_without_its_input_fails(sagemaker: Any, sandbox_aws: Aws, source: str) -> None:
    """The input is named."""
    create(sagemaker, source=source)
    sandbox_aws.advance(10)
    told = described(sagemaker)
    assert told["ProcessingJobStatus"] == "Failed"
    assert told["FailureReason"].endswith(f"no S3 objects found under S3 URL {source}")


def test_a_job_s_name_is_new(sagemaker: Any) -> None:
    """A name is given once, whatever became of its job."""
    create(sagemaker)
    with pytest.raises(ClientError, match="a job with this name already exists") as error:
        create(sagemaker)
    assert error.value.response["Error"]["Code"] == "ResourceInUse"


def test_a_job_can_be_stopped_once(sagemaker: Any, sandbox_aws: Aws) -> None:
    """A stopped job stays stopped."""
    create(sagemaker)
    sagemaker.stop_processing_job(ProcessingJobName="job")
    sandbox_aws.advance(60)
    assert described(sagemaker)["ProcessingJobStatus"] == "Stopped"
    with pytest.raises(ClientError, match="is in status Stopped"):
        sagemaker.stop_processing_job(ProcessingJobName="job")


def test_jobs_are_listed_by_their_status(sagemaker: Any, sandbox_aws: Aws) -> None:
    """Those that ended meanwhile are told as such."""
    create(sagemaker, "first")
    sandbox_aws.advance(30)
    create(sagemaker, "second")
    all_jobs = sagemaker.list_processing_jobs()["ProcessingJobSummaries"]
    assert [(it["ProcessingJobName"], it["ProcessingJobStatus"]) for it in all_jobs] == [
        ("second", "InProgress"),
        ("first", "Failed"),
    ]
    (failed,) = sagemaker.list_processing_jobs(StatusEquals="Failed")["ProcessingJobSummaries"]
    assert failed["ProcessingJobName"] == "first"


def test_a_job_that_there_is_not_is_told(sagemaker: Any) -> None:
    """By its name."""
    with pytest.raises(ClientError, match="Could not find requested job with name: none"):
        described(sagemaker, "none")


def test_jobs_outlive_the_server(tmp_path: Path) -> None:
    """What became of a job is the same after a restart, although its output has come since, too late."""
    server = supervisor.start(tmp_path / "home")
    try:
        server.stop_clock()
        clients = Clients(REGION, server.endpoint)
        clients.client("s3").create_bucket(Bucket="jobs", CreateBucketConfiguration={"LocationConstraint": REGION})
        clients.client("s3").put_object(Bucket="jobs", Key="in/set.jsonl", Body=b"{}")
        create(clients.client("sagemaker"))
        server.advance(11)
        before = described(clients.client("sagemaker"))
        clients.client("s3").put_object(Bucket="jobs", Key="out/late.json", Body=b"{}")
        supervisor.stop(server.home)
        server = supervisor.start(server.home)
        # A server that comes back has the world's time.
        server.advance(60)
        after = described(Clients(REGION, server.endpoint).client("sagemaker"))
    finally:
        supervisor.stop(server.home)
    assert before["ProcessingJobStatus"] == "Failed"
    assert {**after, "ResponseMetadata": None} == {**before, "ResponseMetadata": None}
