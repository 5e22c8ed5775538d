"""Measures, and prints a table: `make bench`. Figures of one run compare with each other, never with another run."""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.bench import (
    calls,
    comparison,
    evaluating,
    example,
    gating,
    guarding,
    locking,
    policing,
    policing_cli,
    versions,
)

REPEATED = 3
"""Each measurement is the best of so many: what else the machine does only ever adds."""


def main() -> None:
    """Measures everything and prints it."""
    table = Table("what", "sandbox engine", "beside", "aim", title="Sluice, measured")
    _preview(table)
    _growth(table)
    _endpoints(table)
    with tempfile.TemporaryDirectory() as folder:
        _versions(table, Path(folder))
    with tempfile.TemporaryDirectory() as folder:
        for what, made in calls.counted(Path(folder)).items():
            table.add_row(f"calls to AWS: {what}", f"{len(made)}", ", ".join(made), "4 at most for a shift")
    with tempfile.TemporaryDirectory() as folder:
        _evaluation(table, Path(folder))
    _gates(table)
    _policies(table)
    with tempfile.TemporaryDirectory() as folder:
        _guard(table, Path(folder))
    with tempfile.TemporaryDirectory() as folder:
        for what, (own, cli) in example.measure(Path(folder)).items():
            table.add_row(
                f"example: {what}", _seconds(own), "no CLI on PATH" if cli is None else f"CLI {_seconds(cli)}"
            )
    Console(width=max(Console().width, 120)).print(table)


def _preview(table: Table) -> None:
    started = time.perf_counter()
    _measure("engine", 50)
    whole = time.perf_counter() - started
    table.add_row("preview of 50 resources, process and imports included", _seconds(whole), "", "under 2 s")


def _growth(table: Table) -> None:
    ours = {count: _best("engine", count) for count in (100, 1000, 3000)}
    theirs = {count: _best("sdk", count) for count in (100, 1000, 3000)}
    for count in ours:
        beyond = (ours[count]["seconds"] - theirs[count]["seconds"]) / count * 1000
        sdk = f"SDK alone {_seconds(theirs[count]['seconds'])}"
        table.add_row(f"preview of {count} resources", _seconds(ours[count]["seconds"]), sdk)
        table.add_row("  a resource, beyond the SDK", f"{beyond:.2f} ms", "", "10 ms at most")
    growth = [figures[3000]["seconds"] / figures[100]["seconds"] for figures in (ours, theirs)]
    table.add_row("growth of the time from 100 to 3,000 (x30)", f"x{growth[0]:.0f}", f"SDK alone x{growth[1]:.0f}")
    memory = [f"{figures[3000]['megabytes']:.0f} MB" for figures in (ours, theirs)]
    table.add_row("peak memory, 3,000 resources", memory[0], f"SDK alone {memory[1]}")


def _endpoints(table: Table) -> None:
    for count in (10, 100, 500):
        ours, theirs = (_best(who, count)["seconds"] for who in ("component", "hand"))
        by_hand = f"by hand {_seconds(theirs)}, x{ours / theirs:.2f}"
        table.add_row(f"preview of {count} endpoints through ModelEndpoint", _seconds(ours), by_hand, "x1.05 at most")


def _versions(table: Table, folder: Path) -> None:
    few, many = (versions.seconds_to_read(folder, count) for count in (100, 1000))
    table.add_row("reading 1,000 locks", _seconds(many), f"x{many / few:.0f} of 100", "under 1 s, linear")
    locked = locking.seconds_to_lock(folder, 100, (1, 8))
    table.add_row(
        "locking 100 manifests, 8 at a time, S3 on the sandbox",
        _seconds(locked[8]),
        f"one by one {_seconds(locked[1])}",
    )
    own, other = versions.megabytes_a_second(folder)
    beside = "no sha256sum on PATH" if other is None else f"sha256sum {other:,.0f} MB/s"
    table.add_row("hashing a file", f"{own:,.0f} MB/s", beside)


def _evaluation(table: Table, folder: Path) -> None:
    for row in comparison.rows():
        table.add_row(*row)
    for milliseconds in (0, 20):
        place = folder / str(milliseconds)
        place.mkdir()
        ours, bare = evaluating.microseconds_a_call(place, 2000, milliseconds / 1000)
        what = f"a call of the runner, the target takes {milliseconds} ms"
        table.add_row(what, f"{ours:,.0f} µs", f"bare asyncio loop {bare:,.0f} µs, x{ours / bare:.2f}")


def _gates(table: Table) -> None:
    for what, seconds in gating.seconds_to_judge(100).items():
        table.add_row(f"gates of 100 endpoints, {what}", _seconds(seconds), "")
    for count in (1, 100):
        told = f"{gating.calls_to_measure(count)} of GetMetricData"
        table.add_row(f"figures of {count} endpoints in one stage", told, "500 queries a call", "")
    for rate in gating.rates(0.05):
        table.add_row(rate.what, f"{rate.share:.1%}", "", rate.aim)


def _policies(table: Table) -> None:
    for count in (100, 1000):
        ours, theirs = policing.milliseconds_a_resource(count)
        beside = f"empty pack {theirs:.2f} ms"
        table.add_row(f"all policies on {count} resources, a resource", f"{ours:.2f} ms", beside, "under 1 ms")
        with tempfile.TemporaryDirectory() as folder:
            under_cli = policing_cli.seconds(Path(folder), count)
        told = (
            "no CLI on PATH" if under_cli is None else f"CLI {_seconds(under_cli[0])}, empty pack {under_cli[1]:.2f} s"
        )
        table.add_row(f"  preview of {count} queues under all policies", "", told)


def _guard(table: Table, folder: Path) -> None:
    for compiled in (False, True):
        loaded = guarding.seconds_to_import(folder / str(compiled), 9, compiled)
        alone, handler = loaded["boto3"], loaded[guarding.HANDLER]
        what = f"loading the rollback's handler{', were it compiled' if compiled else ''}"
        table.add_row(what, f"{handler:.3f} s", f"boto3 {alone:.3f} s, x{handler / alone:.2f}", "x1.10 at most")
    milliseconds = 1000 * guarding.seconds_of_work(200)
    table.add_row("a rollback's own work, AWS answering at once", f"{milliseconds:.2f} ms", "", "under 5 ms")
    for period, late, detected, acted in guarding.seconds_to_roll_back(folder):
        when = "in a period's last tenth" if late else "with a period"
        what = f"bad requests {when} of {period} s, until none gets any"
        table.add_row(what, f"{detected:.0f} s to see, {acted:.0f} s to act", guarding.ELSEWHERE)


def _best(who: str, count: int) -> dict[str, float]:
    return min((_measure(who, count) for _ in range(REPEATED)), key=lambda figures: figures["seconds"])


def _measure(who: str, count: int) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.bench.measure", who, str(count)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def _seconds(seconds: float) -> str:
    return f"{seconds:.2f} s"


if __name__ == "__main__":
    main()
