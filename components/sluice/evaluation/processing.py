"""
Evaluates on SageMaker: a Processing job that runs the same command, in a container that has Sluice.

The project's files go to S3 and from there into the container, and what the command writes comes back.
"""

import re
import secrets
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints, model_validator

from sluice.errors import InvalidInput, Problem, SluiceError
from sluice.evaluation.processing_files import download, fitting, upload
from sluice.evaluation.processing_job import JobFailed, JobProgress, wait
from sluice.manifest.base import Image, ManifestModel, Text

PROJECT = "/opt/ml/processing/input/project"
"""Where the project is in the container; the command runs in there."""
OUTPUT = "/opt/ml/processing/output"
"""Where the command has to write what is to come back."""
LONGEST_ARGUMENT = 256
MOST_ARGUMENTS = 100
IN_PROJECT = f'cd {PROJECT} && exec python -m sluice "$@"'
"""What the container's shell runs."""
_SECRET = re.compile(r"(KEY|TOKEN|SECRET|PASSWORD|CREDENTIALS?)$", re.IGNORECASE)
_OWN_TARGETS = ("artifact", "callable")


class Vpc(ManifestModel):
    """The network that the job is in."""

    subnets: list[Text] = Field(min_length=1, max_length=16)
    security_groups: list[Text] = Field(min_length=1, max_length=5)


class ProcessingOptions(ManifestModel):
    """Where and as whom a job runs. Nothing is taken from the defaults of SageMaker's SDK."""

    role: Annotated[str, StringConstraints(pattern=r"^arn:[a-z-]+:iam::\d{12}:role/.+$")]
    """The ARN of the job's role: it reads and writes below `s3_uri`, pulls the image and does what the target needs."""
    image: Image
    """A container image by digest, with a shell, Python as `python`, and Sluice with what the evaluation needs."""
    instance_type: Annotated[str, StringConstraints(pattern=r"^ml\.[a-z0-9-]+\.[a-z0-9-]+$")]
    """For example `ml.m5.xlarge`."""
    s3_uri: Annotated[str, StringConstraints(pattern=r"^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[^\s]*)?$")]
    """Where files are put, each job's below its name. Nothing is deleted there."""
    volume_gb: int = Field(default=30, ge=1, le=16384)
    """Omitted: 30."""
    max_runtime_seconds: int = Field(default=86_400, ge=1, le=432_000)
    """When SageMaker stops it. Omitted: a day."""
    kms_key: Text | None = None
    """What encrypts the files, the volume and the output. Omitted: the account's own keys."""
    vpc: Vpc | None = None
    """Omitted: SageMaker's own network."""
    network_isolation: bool = False
    """Whether the container can reach nothing. Omitted: it can."""
    encrypt_traffic: bool = False
    """Whether traffic between containers is encrypted. Omitted: it is not; there is one container."""
    tags: dict[Text, str] = Field(default_factory=dict, max_length=50)
    """Omitted: none."""
    environment: dict[Text, str] = Field(default_factory=dict, max_length=100)
    """Variables of the container, for everybody to see who may describe the job. Omitted: none."""

    @model_validator(mode="after")
    def _tells_no_secret(self) -> Self:
        if told := [name for name in self.environment if _SECRET.search(name)]:
            raise ValueError(
                f"environment has {', '.join(told)}, which everybody would see who may describe the job; "
                "let the image read it from AWS Secrets Manager as the job's role"
            )
        return self


def check_target(options: ProcessingOptions, kind: str) -> None:
    """Raises InvalidInput for a target, by its kind in the plan, that an isolated container cannot reach."""
    if options.network_isolation and kind not in _OWN_TARGETS:
        reason = f"is set, but the plan's target is {kind}, which is reached over a network; unset it"
        raise InvalidInput("the job", [Problem("network_isolation", reason)])


def run_on_sagemaker(
    options: ProcessingOptions,
    *,
    label: str,
    root: Path,
    files: Sequence[str],
    arguments: Sequence[str],
    into: Path,
    region: str | None = None,
    progress: Callable[[JobProgress], None] | None = None,
    poll_seconds: float = 10,
) -> tuple[Path, ...]:
    """
    Runs `python -m sluice` with arguments on SageMaker, and returns the files that it wrote to `OUTPUT`, in `into`.

    `files` are the project's, from its root, which the command needs. Raises InvalidInput for files that are not
    there; JobFailed with the reason when it fails, after fetching what it had written; SluiceError when it cannot be
    started, or wrote nothing. When this is interrupted, the job is stopped.
    """
    _check(arguments)
    wanted = fitting(root, files)
    processor_of, session, sagemaker = _sdk(region)
    name = job_name(label)
    place = f"{options.s3_uri.rstrip('/')}/{name}"
    s3 = session.client("s3")
    upload(s3, wanted, f"{place}/input/project", options.kms_key)
    _start(processor_of, options, name, place, list(arguments))
    try:
        wait(sagemaker, session.client("logs"), name, progress, poll_seconds)
    except JobFailed:
        download(s3, f"{place}/output", into)
        raise
    fetched = download(s3, f"{place}/output", into)
    if not fetched:
        raise SluiceError(f"the job {name} is completed and wrote nothing to {place}/output; its command writes there")
    return fetched


def remote_arguments(manifest: str, plan: str, report: str) -> list[str]:
    """
    Returns the arguments of the command in the container; files are named from the project's folder.

    A contract that is not met is no failure of the job: who started it reads the report.
    """
    written = ["--out", f"{OUTPUT}/{report}", "--answers", f"{OUTPUT}/answers"]
    return ["evaluate", manifest, "--plan", plan, "--no-lock", "--report-only", *written]


def job_name(label: str) -> str:
    """Returns a name for a job that no other has, of the form that SageMaker wants: `sluice-digits-2-...`."""
    plain = re.sub(r"[^a-zA-Z0-9]+", "-", label).strip("-")[:30].strip("-")
    moment = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    return "-".join(part for part in ("sluice", plain, moment, secrets.token_hex(3)) if part)


def _check(arguments: Sequence[str]) -> None:
    problems = [
        Problem(f"arguments[{index}]", f"has {len(it)} characters; SageMaker takes 1 to {LONGEST_ARGUMENT}; shorten it")
        for index, it in enumerate(arguments)
        if not 0 < len(it) <= LONGEST_ARGUMENT
    ]
    if not 0 < len(arguments) <= MOST_ARGUMENTS:
        problems.append(Problem("arguments", f"are {len(arguments)}; SageMaker takes 1 to {MOST_ARGUMENTS}"))
    if problems:
        raise InvalidInput("the job", problems)


def _sdk(region: str | None) -> tuple[Callable[..., Any], Any, Any]:
    """Returns what makes a job with SageMaker's SDK, a session of boto3, and a client. Raises SluiceError."""
    try:
        from sagemaker.core.helper.session_helper import Session
        from sagemaker.core.processing import Processor
    except ImportError as error:
        fix = "install it: pip install 'pulumi-sluice[sagemaker]'"
        raise SluiceError(
            f"evaluating on SageMaker needs its SDK, which is not installed ({error.name}); {fix}"
        ) from None
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError

    session = boto3.Session(region_name=region)
    try:
        sagemaker = session.client("sagemaker", config=Config(retries={"mode": "standard", "max_attempts": 8}))
        # A configuration of its own, so that no file on this machine has a say.
        its = Session(session, sagemaker_client=sagemaker, sagemaker_config={"SchemaVersion": "1.0"})
    except (BotoCoreError, ValueError) as error:
        raise SluiceError(f"SageMaker cannot be asked: {error}") from None
    return lambda **arguments: Processor(sagemaker_session=its, **arguments), session, sagemaker


def _start(
    processor_of: Callable[..., Any], options: ProcessingOptions, name: str, place: str, said: list[str]
) -> None:
    from botocore.exceptions import BotoCoreError, ClientError
    from sagemaker.core.network import NetworkConfig
    from sagemaker.core.shapes import ProcessingInput, ProcessingOutput, ProcessingS3Input, ProcessingS3Output

    files = {"s3_data_type": "S3Prefix", "s3_input_mode": "File", "local_path": PROJECT}
    project = ProcessingS3Input(s3_uri=f"{place}/input/project", **files)
    written = ProcessingS3Output(s3_uri=f"{place}/output", local_path=OUTPUT, s3_upload_mode="EndOfJob")
    processor = processor_of(
        role=options.role,
        image_uri=options.image,
        instance_count=1,
        instance_type=options.instance_type,
        entrypoint=["/bin/sh", "-c", IN_PROJECT, "sluice"],
        volume_size_in_gb=options.volume_gb,
        volume_kms_key=options.kms_key,
        output_kms_key=options.kms_key,
        max_runtime_in_seconds=options.max_runtime_seconds,
        env=options.environment or None,
        tags=[{"Key": key, "Value": value} for key, value in options.tags.items()],
        network_config=NetworkConfig(
            enable_network_isolation=options.network_isolation,
            encrypt_inter_container_traffic=options.encrypt_traffic,
            subnets=options.vpc.subnets if options.vpc else None,
            security_group_ids=options.vpc.security_groups if options.vpc else None,
        ),
    )
    try:
        processor.run(
            inputs=[ProcessingInput(input_name="project", s3_input=project)],
            outputs=[ProcessingOutput(output_name="output", s3_output=written)],
            arguments=said,
            job_name=name,
            wait=False,
            logs=False,
        )
    except (ClientError, BotoCoreError) as error:
        raise SluiceError(f"SageMaker did not take the job {name}: {error}") from None
