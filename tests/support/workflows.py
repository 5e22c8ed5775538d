"""The workflows under `.github/`, as their YAML says."""

import os
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

GITHUB = Path(__file__).resolve().parents[2] / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
ACTIONS = sorted((GITHUB / "actions").glob("*/action.yml"))


def read(path: Path) -> dict[str, Any]:
    """Returns a document. In YAML 1.2, `on` is a string."""
    document: dict[str, Any] = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    return document


def jobs(path: Path) -> dict[str, dict[str, Any]]:
    """Returns a workflow's jobs by name; an action of its own has none."""
    return read(path).get("jobs") or {}


def steps(path: Path) -> Iterator[dict[str, Any]]:
    """Yields the steps of a workflow's jobs, or of an action."""
    document = read(path)
    for job in (document.get("jobs") or {}).values():
        yield from job.get("steps") or []
    yield from (document.get("runs") or {}).get("steps") or []


def script(workflow: str, name: str) -> str:
    """Returns what the step of that name runs."""
    path = GITHUB / "workflows" / f"{workflow}.yml"
    return next(str(step["run"]) for step in steps(path) if step.get("name") == name)


def run(text: str, cwd: Path, commands: Mapping[str, str], **values: str) -> "subprocess.CompletedProcess[str]":
    """Runs a step's script as the runner would, with commands of one's own before those on PATH."""
    folder = cwd.parent / f"{cwd.name}-bin"
    folder.mkdir(exist_ok=True)
    for name, body in commands.items():
        (folder / name).write_text(f"#!/usr/bin/env bash\n{body}\n", encoding="utf-8")
        (folder / name).chmod(0o755)
    files = {name: str(folder / name) for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    environment = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}", **files, **values}
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", text],
        cwd=cwd, env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def outputs(cwd: Path) -> dict[str, str]:
    """Returns what scripts that ran there have set for later steps."""
    file = cwd.parent / f"{cwd.name}-bin" / "GITHUB_OUTPUT"
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return dict(line.split("=", 1) for line in lines)
