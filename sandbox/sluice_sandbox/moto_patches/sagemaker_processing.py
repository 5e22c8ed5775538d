"""
Adds to SageMaker's Processing jobs.

Everything that was asked for is kept and told (moto drops the instances, the container's variables and more), names
are unique, inputs must exist, and a job takes its time, can be stopped, and ends. No container runs here: a job is
completed when somebody has written its outputs for it until then, and else it failed, and says so.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import utcnow
from moto.s3.models import s3_backends
from moto.sagemaker.exceptions import ResourceInUseException, ValidationError
from moto.sagemaker.models import FakeProcessingJob
from moto.sagemaker.responses import SageMakerResponse

from sluice_sandbox import moto_patches
from sluice_sandbox.moto_patches.listing import listed
from sluice_sandbox.moto_patches.replacing import replace_methods
from sluice_sandbox.moto_patches.sagemaker import Stored, arn_of, backend_of, request_of

SECONDS = 10.0
"""How long a job takes, of the sandbox's clock. AWS takes minutes to begin."""
_SUMMARY = (
    "ProcessingJobName",
    "ProcessingJobArn",
    "CreationTime",
    "ProcessingEndTime",
    "LastModifiedTime",
    "ProcessingJobStatus",
    "FailureReason",
    "ExitMessage",
)
_TOLD_OF_INPUTS = "ClientError: Data download failed: no S3 objects found under S3 URL"
_TOLD_OF_OUTPUTS = "AlgorithmError: the sandbox runs no containers, and nobody has written to"


@dataclass
class Job(Stored):
    """A job, and what becomes of it."""

    status: str = "InProgress"
    failure: str | None = None

    def settle(self, account: str) -> None:
        """Lets happen what is due. What was written afterwards is not looked at, so that a replay ends alike."""
        end = self.creation_time + timedelta(seconds=SECONDS)
        if self.status != "InProgress" or utcnow() < end:
            return
        places = [it["S3Output"]["S3Uri"] for it in self.request.get("ProcessingOutputConfig", {}).get("Outputs", [])]
        empty = [place for place in places if not _anything_below(account, place, end)]
        self.failure = self.failure or (f"{_TOLD_OF_OUTPUTS} {', '.join(empty)}" if empty else None)
        self.status = "Failed" if self.failure else "Completed"
        self.added["ProcessingEndTime"] = self.added["LastModifiedTime"] = end

    def told(self) -> dict[str, Any]:
        failure = {"FailureReason": self.failure} if self.failure and self.status == "Failed" else {}
        return {**self.described(), "ProcessingJobStatus": self.status, **failure}


def needed() -> bool:
    return "processing_resources" not in FakeProcessingJob.__init__.__annotations__


def apply() -> None:
    replace_methods(
        SageMakerResponse,
        create_processing_job=create_processing_job,
        describe_processing_job=describe_processing_job,
        stop_processing_job=stop_processing_job,
        list_processing_jobs=list_processing_jobs,
    )


def create_processing_job(self: SageMakerResponse) -> ActionResult:
    backend, request = backend_of(self), request_of(self)
    name = request["ProcessingJobName"]
    arn = arn_of(backend, "processing-job", name.lower())
    if name in backend.processing_jobs:
        raise ResourceInUseException(
            message=f"Job name must be unique within an AWS account and region, and a job with this name already "
            f"exists ({arn})"
        )
    now = utcnow()
    added = {"ProcessingJobArn": arn, "ProcessingStartTime": now, "LastModifiedTime": now}
    job = Job(arn, request, request.get("Tags", []), added, now)
    sources = [it["S3Input"]["S3Uri"] for it in request.get("ProcessingInputs", []) if "S3Input" in it]
    missing = [source for source in sources if not _anything_below(backend.account_id, source, now)]
    job.failure = f"{_TOLD_OF_INPUTS} {', '.join(missing)}" if missing else None
    backend.processing_jobs[name] = job
    return ActionResult({"ProcessingJobArn": arn})


def describe_processing_job(self: SageMakerResponse) -> ActionResult:
    job = _job(self)
    if job.status == "InProgress":
        moto_patches.waited()
    return ActionResult(job.told())


def stop_processing_job(self: SageMakerResponse) -> EmptyResult:
    job = _job(self)
    if job.status != "InProgress":
        raise ValidationError(message=f"The request was rejected because the processing job is in status {job.status}.")
    job.status = "Stopped"
    job.added["ProcessingEndTime"] = job.added["LastModifiedTime"] = utcnow()
    return EmptyResult()


def list_processing_jobs(self: SageMakerResponse) -> ActionResult:
    backend, request = backend_of(self), request_of(self)
    status = request.pop("StatusEquals", None)
    for job in backend.processing_jobs.values():
        job.settle(backend.account_id)
    told = [job.told() for job in backend.processing_jobs.values() if status in (None, job.status)]
    summaries = [{key: it[key] for key in _SUMMARY if key in it} for it in told]
    return listed(request, summaries, "ProcessingJobSummaries", "ProcessingJobName")


def _job(response: SageMakerResponse) -> Job:
    backend, name = backend_of(response), str(response.params["ProcessingJobName"])
    if name not in backend.processing_jobs:
        arn = arn_of(backend, "processing-job", name.lower())
        raise ValidationError(message=f"Could not find requested job with name: {name} ({arn})")
    job: Job = backend.processing_jobs[name]
    job.settle(backend.account_id)
    return job


def _anything_below(account: str, place: str, until: Any) -> bool:
    bucket, _, prefix = place.removeprefix("s3://").partition("/")
    known = s3_backends[account]["aws"].buckets
    keys = known[bucket].keys if bucket in known else {}
    return any(key.startswith(prefix) and keys[key].last_modified <= until for key in keys)
