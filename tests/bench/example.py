"""How long the example takes to go up: on the sandbox engine, and under the Pulumi CLI where there is one."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
SLUICE = [sys.executable, "-m", "sluice", "sandbox"]


def measure(folder: Path) -> dict[str, tuple[float, float | None]]:
    """
    Returns seconds of the sandbox and, if there is one, of the CLI, for each of three runs.

    `folder` is an empty one; both engines start with an empty AWS that runs already.
    """
    ours = _project(folder / "sandbox")
    theirs = _project(folder / "cli") if shutil.which("pulumi") else None
    figures = {}
    for what, sandbox, cli in (
        ("first up", ["up", "--yes", "--skip-preview"], ["up", "--yes", "--skip-preview"]),
        ("up without changes", ["up", "--yes", "--skip-preview"], ["up", "--yes", "--skip-preview"]),
        ("preview without changes", ["preview"], ["preview"]),
    ):
        own = _timed([*SLUICE, *sandbox], ours, {})
        figures[what] = (own, _timed_cli(cli, theirs) if theirs is not None else None)
    for project in filter(None, (ours, theirs)):
        subprocess.run([*SLUICE, "reset", "--yes"], cwd=project, check=True, capture_output=True)
    return figures


def _project(folder: Path) -> Path:
    shutil.copytree(REPOSITORY / "stacks", folder / "stacks", ignore=shutil.ignore_patterns("__pycache__"))
    text = (REPOSITORY / "Pulumi.yaml").read_text(encoding="utf-8")
    (folder / "Pulumi.yaml").write_text(text.replace("virtualenv: .venv", f"virtualenv: {sys.prefix}"))
    plugin = folder / "components"
    plugin.mkdir()
    shutil.copy(REPOSITORY / "components" / "__main__.py", plugin)
    settings = (REPOSITORY / "components" / "PulumiPlugin.yaml").read_text(encoding="utf-8")
    (plugin / "PulumiPlugin.yaml").write_text(settings.replace("../.venv", sys.prefix))
    subprocess.run([*SLUICE, "serve"], cwd=folder, check=True, capture_output=True)
    return folder


def _timed(command: Sequence[str], folder: Path, environment: dict[str, str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, cwd=folder, check=True, capture_output=True, env={**os.environ, **environment})
    return time.perf_counter() - started


def _timed_cli(arguments: Sequence[str], project: Path) -> float:
    from sluice_sandbox.cli_home import exports
    from sluice_sandbox.local import LocalSandbox

    environment = exports(LocalSandbox.here(project))
    pulumi = ["pulumi", "--non-interactive", "--stack", "local"]
    subprocess.run(
        ["pulumi", "stack", "select", "--create", "local"],
        cwd=project,
        check=True,
        capture_output=True,
        env={**os.environ, **environment},
    )
    return _timed([*pulumi, *arguments], project, environment)
