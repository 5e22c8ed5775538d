"""How long the policies take under the Pulumi CLI, beside a pack that has none to say anything."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from sluice_sandbox.aws import supervisor
from sluice_sandbox.cli_home import exports
from sluice_sandbox.local import LocalSandbox
from tests.bench.policing import EMPTY, OURS

PROGRAM = """
import pulumi_aws as aws
for number in range({many}):
    aws.sqs.Queue(f"queue-{{number}}", sqs_managed_sse_enabled=True, tags={{"owner": "us", "environment": "bench"}})
"""


def seconds(folder: Path, many: int) -> tuple[float, float] | None:
    """Returns what a preview of so many queues takes under our pack and under an empty one; None without the CLI."""
    if shutil.which("pulumi") is None:
        return None
    sandbox = _project(folder, many)
    environment = {**os.environ, **exports(sandbox)}
    select = ["pulumi", "stack", "select", "--create", "bench"]
    subprocess.run(select, cwd=folder, check=True, capture_output=True, env=environment)
    try:
        ours, theirs = (min(_preview(folder, pack, environment) for _ in range(2)) for pack in ("ours", "empty"))
    finally:
        supervisor.stop(sandbox.aws_home)
    return ours, theirs


def _preview(folder: Path, pack: str, environment: dict[str, str]) -> float:
    command = ["pulumi", "preview", "--non-interactive", "--stack", "bench", "--policy-pack", pack]
    started = time.perf_counter()
    subprocess.run(command, cwd=folder, check=True, capture_output=True, env=environment)
    return time.perf_counter() - started


def _project(folder: Path, many: int) -> LocalSandbox:
    """Makes a project with two packs, and returns its sandbox."""
    runtime = f"{{name: python, options: {{virtualenv: {sys.prefix}}}}}"
    (folder / "Pulumi.yaml").write_text(f"name: bench\nruntime: {runtime}\n")
    (folder / "Pulumi.bench.yaml").write_text("config: {aws:region: eu-west-1}\n")
    (folder / "__main__.py").write_text(PROGRAM.format(many=many))
    shutil.copytree(OURS, folder / "ours", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "empty").mkdir()
    (folder / "empty" / "__main__.py").write_text(EMPTY)
    for pack in ("ours", "empty"):
        (folder / pack / "PulumiPolicy.yaml").write_text(f"runtime: {runtime}\nversion: 0.1.0\n")
    return LocalSandbox.here(folder)
