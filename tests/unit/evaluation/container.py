"""
The container of a Processing job, played on this machine: SageMaker and the sandbox's AWS only tell of one.

It does what SageMaker says a container does, from what the job's description says: inputs come from S3, the entrypoint
runs with the arguments, and outputs go to S3. Its paths are below a folder in place of `/opt/ml/processing`.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = "/opt/ml/processing"


def play(described: dict[str, Any], s3: Any, folder: Path) -> subprocess.CompletedProcess[str]:
    """Runs a job as `DescribeProcessingJob` tells it, below a folder, and returns how the command ended."""

    def local(text: str) -> str:
        return text.replace(ROOT, str(folder))

    for it in described["ProcessingInputs"]:
        _fetch(s3, it["S3Input"]["S3Uri"], Path(local(it["S3Input"]["LocalPath"])))
    outputs = [it["S3Output"] for it in described["ProcessingOutputConfig"]["Outputs"]]
    for output in outputs:
        Path(local(output["LocalPath"])).mkdir(parents=True)
    said = described["AppSpecification"]
    (folder / "bin").mkdir()
    python = folder / "bin" / "python"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    environment = {**os.environ, "PATH": f"{folder / 'bin'}:{os.environ['PATH']}", **described.get("Environment", {})}
    command = [local(part) for part in (*said["ContainerEntrypoint"], *said["ContainerArguments"])]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=100, check=False)
    for output in outputs:
        _put(s3, Path(local(output["LocalPath"])), output["S3Uri"])
    return ended


def _fetch(s3: Any, place: str, folder: Path) -> None:
    bucket, _, prefix = place.removeprefix("s3://").partition("/")
    for it in s3.list_objects_v2(Bucket=bucket, Prefix=f"{prefix}/")["Contents"]:
        path = folder / it["Key"].removeprefix(f"{prefix}/")
        path.parent.mkdir(parents=True, exist_ok=True)
        s3.download_file(bucket, it["Key"], str(path))


def _put(s3: Any, folder: Path, place: str) -> None:
    bucket, _, prefix = place.removeprefix("s3://").partition("/")
    for path in sorted(it for it in folder.rglob("*") if it.is_file()):
        s3.upload_file(str(path), bucket, f"{prefix}/{path.relative_to(folder).as_posix()}")
