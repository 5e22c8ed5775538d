"""The Pulumi CLI, driven as `SandboxStack` drives the sandbox engine."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

PASSPHRASE = "open sesame"


@dataclass(frozen=True)
class CliResult:
    """What an operation of the CLI did."""

    code: int
    text: str
    ops: dict[str, list[str]]
    """From a URN to the operations on it, in order; for a refresh, what was found."""
    diffs: dict[str, dict[str, str]]
    """From a URN to how each property changes."""

    @property
    def succeeded(self) -> bool:
        return self.code == 0


@dataclass
class CliStack:
    """A stack in a folder of its own, with state in files, served by attached providers."""

    folder: Path
    program: Path
    ports: dict[str, int] = field(default_factory=dict)
    """From a package to where its provider listens."""
    config: dict[str, Any] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    """Beyond, or instead of, what keeps this stack to itself."""
    project: str = "test"
    name: str = "test"

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        runtime = {"name": "python", "options": {"virtualenv": sys.prefix}}
        self._write("Pulumi.yaml", {"name": self.project, "runtime": runtime, "main": "program"})
        if not (self.folder / "program").exists():
            shutil.copytree(self.program, self.folder / "program", ignore=shutil.ignore_patterns("__pycache__"))
        (self.folder / "backend").mkdir(exist_ok=True)
        self.run("stack", "select", "--create", self.name)

    def preview(self) -> CliResult:
        return self.operate("preview")

    def up(self) -> CliResult:
        return self.operate("up", "--yes", "--skip-preview")

    def refresh(self) -> CliResult:
        return self.operate("refresh", "--yes", "--skip-preview")

    def destroy(self) -> CliResult:
        return self.operate("destroy", "--yes", "--skip-preview")

    def operate(self, command: str, *options: str) -> CliResult:
        """Runs an operation with the configuration of now."""
        self._write_config()
        return self.follow(command, *options, "--stack", self.name)

    def _write_config(self) -> None:
        config = {key if ":" in key else f"{self.project}:{key}": value for key, value in self.config.items()}
        path = self.folder / f"Pulumi.{self.name}.yaml"
        kept = YAML(typ="safe").load(path) if path.exists() else None
        self._write(path.name, {**(kept or {}), "config": config})

    def follow(self, command: str, *options: str) -> CliResult:
        """Runs an operation and reads the log of its events."""
        log = self.folder / "events.json"
        log.unlink(missing_ok=True)
        done = self.run(command, *options, "--event-log", str(log), check=False)
        events = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
        text = done.stdout + done.stderr
        return CliResult(done.returncode, text, _ops(events, found=command == "refresh"), _diffs(events))

    def export(self) -> dict[str, Any]:
        """Returns the state, with secrets in the clear."""
        exported: dict[str, Any] = json.loads(self.run("stack", "export", "--show-secrets").stdout)
        return exported

    def run(self, *arguments: str, check: bool = True, text: str | None = None) -> subprocess.CompletedProcess[str]:
        """Runs the CLI on this stack's backend; `text` is its standard input."""
        command = ["pulumi", *arguments, "--non-interactive", "--color", "never"]
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self._environment(),
            input=text,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        if check and done.returncode:
            raise AssertionError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done

    def _environment(self) -> dict[str, str]:
        attached = ",".join(f"{package}:{port}" for package, port in self.ports.items())
        return {
            **os.environ,
            **self._own(),
            "PULUMI_SKIP_UPDATE_CHECK": "1",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_DEBUG_COMMANDS": "1",
            **({"PULUMI_DEBUG_PROVIDERS": attached} if attached else {}),
            **self.environment,
        }

    def _own(self) -> dict[str, str]:
        """Returns where this stack's home and state are, and its passphrase."""
        return {
            "PULUMI_HOME": str(self.folder / "home"),
            "PULUMI_BACKEND_URL": f"file://{self.folder}/backend",
            "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
        }

    def _write(self, name: str, content: dict[str, Any]) -> None:
        # JSON is YAML, and nothing in it can be taken for a date or a truth value by mistake.
        (self.folder / name).write_text(json.dumps(content))


def _ops(events: Sequence[dict[str, Any]], *, found: bool) -> dict[str, list[str]]:
    by_urn: dict[str, list[str]] = {}
    for event in events:
        step = event.get("resOutputsEvent" if found else "resourcePreEvent")
        if step is not None:
            by_urn.setdefault(step["metadata"]["urn"], []).append(step["metadata"]["op"])
    return by_urn


def _diffs(events: Sequence[dict[str, Any]]) -> dict[str, dict[str, str]]:
    steps = [event["resourcePreEvent"]["metadata"] for event in events if "resourcePreEvent" in event]
    return {
        step["urn"]: {path: change["diffKind"] for path, change in step["detailedDiff"].items()}
        for step in steps
        if step.get("detailedDiff")
    }
