"""Starts the sandbox's AWS, finds it again, and stops it."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any, BinaryIO

from sluice_sandbox.errors import AwsUnavailable, NotWritable

_START_SECONDS = 60.0
# Functions may have to run before these are answered.
_PATIENCE = {"clock/advance": 900.0, "functions": 900.0}
_PORT_TAKEN = 4
_HOME_TAKEN = 3
_PORT_FILE = "port"


class _PortTaken(AwsUnavailable):
    """Another program listens there."""


@dataclass(frozen=True)
class Aws:
    """A running server."""

    home: Path
    pid: int
    port: int
    token: str

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def control(self, path: str, **arguments: Any) -> dict[str, Any]:
        """Tells the server something about itself, and returns its answer. Raises AwsUnavailable when it does not."""
        request = urllib.request.Request(
            f"{self.endpoint}/_sandbox/{path}",
            data=json.dumps(arguments).encode(),
            headers={"X-Sandbox-Token": self.token},
        )
        try:
            with _no_proxy().open(request, timeout=_PATIENCE.get(path, 10.0)) as response:
                answer: dict[str, Any] = json.load(response)
                return answer
        except urllib.error.HTTPError as error:
            raise AwsUnavailable(f"the sandbox's AWS refused {path}: {error.read().decode()}") from error
        except (OSError, ValueError, HTTPException) as error:
            raise AwsUnavailable(f"the sandbox's AWS at {self.endpoint} does not answer: {error}") from error

    def reset(self) -> None:
        """Empties the server, as if it had never been used; its clock runs with the world's again."""
        self.control("reset")

    def advance(self, seconds: float) -> None:
        """
        Moves the time of the sandbox on.

        On the way every alarm is evaluated at the end of each of its periods, and what it invokes has run.
        """
        self.control("clock/advance", seconds=seconds)

    def function_runs(self, function: str | None = None) -> list[dict[str, Any]]:
        """
        Returns every run of Lambda functions, or of one, in order, once those that are due are done.

        Each has id, function, arn, role, type (`Event`, `RequestResponse`), source (`invoke`, or the ARN of an alarm or
        topic), event, result, error (None for success), logs, attempt (from 1) and at (seconds since 1970).
        """
        runs: list[dict[str, Any]] = self.control("functions")["runs"]
        return [run for run in runs if function in (None, run["function"])]

    def stop_clock(self, step: float = 0.0) -> None:
        """Stops the time; it passes by `advance`, and by `step` seconds whenever somebody waits for something."""
        self.control("clock/stop", step=step)

    def run_clock(self) -> None:
        self.control("clock/run")

    def set_durations(self, **seconds: float) -> None:
        """Sets how long things take: `set_durations(endpoint_create=0)`."""
        self.control("durations", **{name.replace("_", "-"): value for name, value in seconds.items()})

    def seal_fate(self, endpoint: str, kind: str, reason: str) -> None:
        """
        Says what the next creation or update of an endpoint comes to, and why.

        `create-fails`, `update-rolls-back`, or `rollback-fails`: it can neither go forward nor back.
        """
        self.control("fate", endpoint=endpoint, kind=kind, reason=reason)


def find(home: Path) -> Aws | None:
    """Returns the server of a home if it runs and answers."""
    try:
        announced = json.loads((home / "server.json").read_text(encoding="utf-8"))
        aws = Aws(home, announced["pid"], announced["port"], announced["token"])
        aws.control("health")
    except (OSError, ValueError, KeyError, AwsUnavailable):
        return None
    return aws


def start(home: Path, port: int = 0, idle: float = 900.0) -> Aws:
    """
    Returns the server of a home, started if it does not run; what it held when it last ran it holds again.

    `port` 0 is any free one, and the one of before where that is free: what was told its address finds it there again.

    Raises AwsUnavailable, with what to do, when it cannot be started.
    """
    running = find(home)
    if running is not None and port in (0, running.port):
        return running
    if running is not None:
        stop(home)
    try:
        home.mkdir(parents=True, exist_ok=True)
        log = (home / "server.log").open("ab")
    except OSError as error:
        raise NotWritable(f"{home}: cannot be written ({error.strerror}); make the folder writable") from error
    with log:
        if port == 0 and (before := _port_of_before(home)) is not None:
            with contextlib.suppress(_PortTaken):
                return _launch(home, before, idle, log)
        return _launch(home, port, idle, log)


def _launch(home: Path, port: int, idle: float, log: BinaryIO) -> Aws:
    command = [sys.executable, "-m", "sluice_sandbox.aws.server", "--home", str(home)]
    process = subprocess.Popen(
        [*command, "--port", str(port), "--idle", str(idle)],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
        env=_environment(),
    )
    aws = _await_start(home, process, port)
    (home / _PORT_FILE).write_text(str(aws.port), encoding="utf-8")
    return aws


def _port_of_before(home: Path) -> int | None:
    try:
        return int((home / _PORT_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def stop(home: Path) -> bool:
    """Stops the server of a home; returns False when none ran."""
    aws = find(home)
    if aws is None:
        return False
    # It may be gone before its answer is out.
    with contextlib.suppress(AwsUnavailable):
        aws.control("stop")
    deadline = time.monotonic() + 10
    while _alive(aws.pid):
        if time.monotonic() > deadline:
            os.kill(aws.pid, signal.SIGKILL)
        time.sleep(0.02)
    return True


def erase(home: Path) -> None:
    """Stops the server of a home and deletes all that it held."""
    stop(home)
    shutil.rmtree(home, ignore_errors=True)


def _await_start(home: Path, process: "subprocess.Popen[bytes]", port: int) -> Aws:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        # Another process may have been quicker; then its server is the one.
        aws = find(home)
        if aws is not None:
            return aws
        code = process.poll()
        if code == _PORT_TAKEN:
            raise _PortTaken(
                f"port {port} is in use by another program; choose another with --aws-port, "
                "or leave it out for any free one"
            )
        if code not in (None, _HOME_TAKEN):
            raise AwsUnavailable(f"the sandbox's AWS ended with code {code} while starting; see {home / 'server.log'}")
        time.sleep(0.02)
    raise AwsUnavailable(f"the sandbox's AWS did not start within {_START_SECONDS:.0f} s; see {home / 'server.log'}")


def _alive(pid: int) -> bool:
    # A child of this process stays in the table until it is waited for.
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _environment() -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "MOTO_"))}
    return {**kept, "MOTO_DISABLE_GLOBAL_CORS": "true", "PYTHONUNBUFFERED": "1"}


def _no_proxy() -> urllib.request.OpenerDirector:
    # A proxy of the user's cannot know a server on this machine.
    return urllib.request.build_opener(urllib.request.ProxyHandler({}))
