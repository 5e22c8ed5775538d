"""What a rollback takes: loading the handler, its own work, and the time from the first bad request on."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import redirect_stdout
from datetime import timedelta
from io import StringIO
from pathlib import Path

from sluice.handlers import package
from sluice_sandbox.aws import supervisor
from sluice_sandbox.aws.clients import Clients
from sluice_sandbox.harness import Sandbox
from tests.support.guarded import ENDPOINT, REGION, Guarded
from tests.support.rings import event
from tests.support.small_aws import risen

HANDLER = package.ROLLBACK
_IMPORT = """
import sys, time
sys.path.insert(0, sys.argv[1])
started = time.perf_counter()
import {module}
print(time.perf_counter() - started)
"""
_WEIGHTS_SECONDS = 10.0
"""How long an endpoint takes its weights on the sandbox for this: AWS says no more than that it is `Updating`."""
ELSEWHERE = "Flagger's example 1 m x 5: 300 s; Argo's 5 m, failureLimit 3: 900 s and more"
"""Interval times threshold, as both document it; in neither is a rollback quicker than an interval."""


def seconds_to_import(folder: Path, repeated: int, compiled: bool) -> dict[str, float]:
    """
    Returns how long boto3 alone and the handler take to load in a new process, from the archive as Lambda has it.

    Lambda unpacks it where nothing can be written, so that the handler's own modules are compiled in every new process;
    `compiled` measures it as if they were not.
    """
    for name, text in package.sources(package.ROLLBACK).items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    modules = ("boto3", HANDLER)
    # One after the other, so that what else the machine does falls on both.
    measured = [
        {module: _seconds_to_load(folder, module, compiled) for module in modules} for _ in range(repeated + 1)
    ][1:]
    return {module: min(it[module] for it in measured) for module in modules}


def seconds_of_work(repeated: int) -> float:
    """Returns what one rollback takes where every call to AWS is answered at once."""
    best = float("inf")
    for number in range(repeated):
        aws, told = risen(settles_after=timedelta(0)), event()
        # What it logs is no line of the table.
        with redirect_stdout(StringIO()):
            started = time.perf_counter()
            aws.run(told, f"r{number}")
            best = min(best, time.perf_counter() - started)
    return best


def seconds_to_roll_back(folder: Path) -> Iterator[tuple[int, bool, float, float]]:
    """
    Yields for periods of 60 and 10 seconds how long detection and actuation take, on the sandbox's clock.

    First for a fault that comes with a period, which takes longest, then for one that comes in a period's last tenth.
    """
    for period in (60, 10):
        for late in (False, True):
            home = folder / f"{period}-{late}"
            aws = supervisor.start(home / "aws")
            try:
                yield period, late, *_rolled_back(Sandbox(home, lambda at=aws: at), aws, period, late)  # type: ignore[misc]
            finally:
                supervisor.stop(home / "aws")


def _rolled_back(sandbox: Sandbox, aws: supervisor.Aws, period: int, late: bool) -> tuple[float, float]:
    aws.set_durations(endpoint_create=0)
    clients = Clients(REGION, aws.endpoint)
    guard = Guarded(
        lambda program: sandbox.stack(program, {"aws:region": REGION}), clients.client, aws, period_seconds=period
    )
    guard.up().serve()
    aws.set_durations(endpoint_weights=_WEIGHTS_SECONDS)
    # Waiting is what makes time pass while a function runs.
    aws.stop_clock(step=1.0)
    guard.spend(2 * period, step=period)
    if late:
        guard.ask("green", requests=20)
        aws.advance(0.9 * period)
    began = guard.now()
    for _ in range(100):
        guard.ask("blue", 90)
        guard.ask("green", requests=20, errors=10)
        aws.advance(period / 10)
        if guard.weights()["green"] == 0:
            break
    else:
        raise RuntimeError("the bad candidate still has traffic")
    rang = clients.client("cloudwatch").describe_alarms(AlarmNames=[f"{ENDPOINT}-green-errors"])["MetricAlarms"][0]
    detected = (rang["StateTransitionedTimestamp"] - began).total_seconds()
    return detected, (guard.now() - began).total_seconds() - detected


def _seconds_to_load(folder: Path, module: str, compiled: bool) -> float:
    options = ["-I"] if compiled else ["-I", "-B"]
    command = [sys.executable, *options, "-c", _IMPORT.format(module=module), str(folder)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
