"""Runs a function's handler in a process of its own: the same Python, its code and environment, no Docker."""

import io
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

_BOOTSTRAP = Path(__file__).with_name("bootstrap.py")
_MOST_LOGS = 256 * 1024


@dataclass(frozen=True)
class Task:
    """One run of a function."""

    request_id: str
    arn: str
    name: str
    handler: str
    code: bytes
    """The zip archive."""
    payload: str
    """The event as JSON."""
    endpoint: str
    """Where the sandbox's AWS answers."""
    region: str
    environment: Mapping[str, str] = field(default_factory=dict)
    credentials: tuple[str, str, str] = ("", "", "")
    """Access key, secret key and session token of the role."""
    role: str = ""
    timeout: float = 3.0
    """Seconds of this machine's clock."""
    memory: int = 128
    now: float = 0.0
    """The sandbox's time, in seconds since 1970, that the handler sees."""


@dataclass(frozen=True)
class Outcome:
    """What came of a run."""

    payload: str
    """What the handler returned, or what is wrong, as JSON."""
    error: str | None = None
    """AWS's word for a failure, `Unhandled`; None when the handler returned."""
    logs: str = ""


def run(task: Task) -> Outcome:
    """Runs a handler and returns what came of it; that it fails, or takes too long, is an outcome too."""
    with tempfile.TemporaryDirectory(prefix="sluice-function-") as folder:
        place = Path(folder)
        code, result = place / "task", place / "result.json"
        try:
            zipfile.ZipFile(io.BytesIO(task.code)).extractall(code)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError):
            return _failure(task, "Runtime.InvalidZip", "the function's code is no zip archive")
        return _run_in(task, code, result)


def _run_in(task: Task, code: Path, result: Path) -> Outcome:
    process = subprocess.Popen(
        [sys.executable, "-I", str(_BOOTSTRAP), str(code), str(result)],
        cwd=code,
        env=_environment(task, code),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    order = {"event": task.payload, "now": task.now, "timeout": task.timeout, "arn": task.arn, "id": task.request_id}
    try:
        printed, _ = process.communicate(json.dumps(order), timeout=task.timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        printed, _ = process.communicate()
        return _failure(task, "Sandbox.Timedout", f"Task timed out after {task.timeout:.2f} seconds", printed)
    if not result.exists():
        said = f"Runtime exited with error: exit status {process.returncode}"
        return _failure(task, "Runtime.ExitError", said, printed)
    told = json.loads(result.read_text(encoding="utf-8"))
    return Outcome(json.dumps(told["value"]), told["error"], _logs(task, printed))


def _environment(task: Task, code: Path) -> dict[str, str]:
    access, secret, session = task.credentials
    kept = {key: os.environ[key] for key in ("PATH", "HOME", "LANG", "SYSTEMROOT") if key in os.environ}
    return {
        **kept,
        "TZ": "UTC",
        "NO_PROXY": "127.0.0.1",
        "AWS_REGION": task.region,
        "AWS_DEFAULT_REGION": task.region,
        "AWS_ACCESS_KEY_ID": access,
        "AWS_SECRET_ACCESS_KEY": secret,
        "AWS_SESSION_TOKEN": session,
        "AWS_ENDPOINT_URL": task.endpoint,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_LAMBDA_FUNCTION_NAME": task.name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(task.memory),
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{task.name}",
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3",
        "LAMBDA_TASK_ROOT": str(code),
        "_HANDLER": task.handler,
        **task.environment,
    }


def _failure(task: Task, kind: str, said: str, printed: str = "") -> Outcome:
    told = {"errorType": kind, "errorMessage": f"RequestId: {task.request_id} Error: {said}"}
    return Outcome(json.dumps(told), "Unhandled", _logs(task, f"{printed}{told['errorMessage']}\n"))


def _logs(task: Task, printed: str) -> str:
    text = printed[-_MOST_LOGS:]
    end = "" if text.endswith("\n") or not text else "\n"
    return f"START RequestId: {task.request_id} Version: $LATEST\n{text}{end}END RequestId: {task.request_id}\n"
