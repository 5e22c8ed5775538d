"""A Processing job that goes on: waiting for it, and why it failed."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sluice.errors import SluiceError

LOGS = "/aws/sagemaker/ProcessingJobs"
"""Where SageMaker writes what containers print."""
_ENDED = ("Completed", "Failed", "Stopped")
_LINES = 20


@dataclass(frozen=True)
class JobProgress:
    """How a job is getting on."""

    name: str
    status: str
    """As SageMaker tells it: `InProgress`, `Stopping`, `Completed`, `Failed`, `Stopped`."""
    seconds: float
    """Since somebody began to wait."""


class JobFailed(SluiceError):
    """A job ended, and is not completed."""

    def __init__(self, name: str, status: str, reasons: list[str], lines: list[str]) -> None:
        """`lines` are the last ones that the container printed."""
        self.name, self.status, self.lines = name, status, lines
        why = "; ".join(reasons) or "SageMaker tells no reason"
        log = "".join(f"\n  {line}" for line in lines)
        super().__init__(f"the job {name} is {status.lower()}: {why}{log}")


def wait(
    sagemaker: Any,
    logs: Any,
    name: str,
    progress: Callable[[JobProgress], None] | None = None,
    poll_seconds: float = 10,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """
    Returns when a job is completed; `progress` is told after each look.

    Raises JobFailed when it fails, or somebody stops it; SluiceError when it cannot be looked at. When this is
    interrupted, the job is stopped, because nobody would fetch what it makes.
    """
    started = time.monotonic()
    try:
        while (described := _described(sagemaker, name))["ProcessingJobStatus"] not in _ENDED:
            _tell(progress, name, described, started)
            sleep(poll_seconds)
    except KeyboardInterrupt:
        with suppress(Exception):
            sagemaker.stop_processing_job(ProcessingJobName=name)
        raise
    _tell(progress, name, described, started)
    if described["ProcessingJobStatus"] != "Completed":
        reasons = [described[key] for key in ("FailureReason", "ExitMessage") if described.get(key)]
        raise JobFailed(name, described["ProcessingJobStatus"], reasons, last_lines(logs, name))


def last_lines(logs: Any, name: str) -> list[str]:
    """Returns the last lines that a job's container printed; none where they cannot be read."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        streams = logs.describe_log_streams(logGroupName=LOGS, logStreamNamePrefix=f"{name}/")["logStreams"]
        if not streams:
            return []
        stream = streams[0]["logStreamName"]
        events = logs.get_log_events(logGroupName=LOGS, logStreamName=stream, limit=_LINES, startFromHead=False)
    except (ClientError, BotoCoreError):
        return []
    return [event["message"].rstrip() for event in events["events"]]


def _described(sagemaker: Any, name: str) -> dict[str, Any]:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        described: dict[str, Any] = sagemaker.describe_processing_job(ProcessingJobName=name)
    except (ClientError, BotoCoreError) as error:
        raise SluiceError(f"the job {name} cannot be looked at, and may go on: {error}") from None
    return described


def _tell(progress: Callable[[JobProgress], None] | None, name: str, described: dict[str, Any], started: float) -> None:
    if progress is not None:
        progress(JobProgress(name, described["ProcessingJobStatus"], time.monotonic() - started))
