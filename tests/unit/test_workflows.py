"""What the workflows that users copy may do, and what they may not."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.support.workflows import ACTIONS, GITHUB, WORKFLOWS, jobs, read, steps

_FILES = pytest.mark.parametrize("path", [*WORKFLOWS, *ACTIONS], ids=lambda path: f"{path.parent.name}-{path.stem}")
_WORKFLOWS = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
_PINNED = re.compile(r"[\w-]+/[\w./-]+@[0-9a-f]{40}")
_EXPRESSION = re.compile(r"\$\{\{.*?\}\}", re.DOTALL)
_SLUICE = re.compile(r"^\s*(sluice .*?)(?:[|>&;]|\d>|$)", re.MULTILINE)


def _uses(path: Path) -> list[str]:
    called = [job["uses"] for job in jobs(path).values() if "uses" in job]
    return [*called, *(step["uses"] for step in steps(path) if "uses" in step)]


def _commands() -> set[tuple[str, str]]:
    """Returns each command of ours with one option that it is given."""
    found = set()
    for path in [*WORKFLOWS, *ACTIONS]:
        for step in steps(path):
            text = str(step.get("run", "")).replace("\\\n", " ")
            for line in _SLUICE.findall(text):
                _, command, *rest = shlex.split(line)
                found |= {(command, option) for option in rest if option.startswith("-")}
    return found


def test_there_are_workflows() -> None:
    """Users find a preview, an update, a step by itself and a look for drift."""
    assert {path.stem for path in WORKFLOWS} >= {"preview", "deploy", "up", "advance", "drift"}


@_FILES
def test_actions_are_pinned(path: Path) -> None:
    """What others wrote is named by a commit, because a tag can be moved to other code."""
    others = [uses for uses in _uses(path) if not uses.startswith("./")]
    assert [uses for uses in others if not _PINNED.fullmatch(uses)] == []


@_FILES
def test_pins_say_their_version(path: Path) -> None:
    """A pin says which version it is, so that a person can tell how old it is, and a bot can raise it."""
    pinned = [line for line in path.read_text(encoding="utf-8").splitlines() if re.search(r"uses: [^.]", line)]
    assert [line for line in pinned if not re.search(r"@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line)] == []


def test_a_version_is_one_commit() -> None:
    """An action is the same commit wherever it is used."""
    found: dict[str, set[str]] = {}
    for uses in {it for path in [*WORKFLOWS, *ACTIONS] for it in _uses(path) if "@" in it}:
        name, commit = uses.split("@")
        found.setdefault(name, set()).add(commit)
    assert {name: commits for name, commits in found.items() if len(commits) > 1} == {}


@_FILES
def test_own_actions_exist(path: Path) -> None:
    """What is named by a path is in the repository."""
    root = path.parents[2] if path in WORKFLOWS else path.parents[3]
    assert [uses for uses in _uses(path) if uses.startswith("./") and not (root / uses).exists()] == []


@_WORKFLOWS
def test_a_workflow_may_nothing_until_a_job_says_so(path: Path) -> None:
    """The token of a job that is added without a thought may nothing."""
    assert read(path)["permissions"] == {}


@_WORKFLOWS
def test_each_job_says_what_it_may(path: Path) -> None:
    """Each job names its permissions one by one."""
    wrong = {name for name, job in jobs(path).items() if not isinstance(job.get("permissions"), dict)}
    assert wrong == set()


@_WORKFLOWS
def test_who_takes_a_role_may_not_write(path: Path) -> None:
    """No job runs the program with credentials and holds a token that changes the repository."""
    for name, job in jobs(path).items():
        given: dict[str, str] = job["permissions"]
        if given.get("id-token") == "write":
            assert {it for it, level in given.items() if level == "write"} == {"id-token"}, name


@_WORKFLOWS
def test_each_job_ends(path: Path) -> None:
    """A job that hangs is stopped long before GitHub's six hours; a called workflow's jobs say it themselves."""
    limits = {name: job.get("timeout-minutes") for name, job in jobs(path).items() if "uses" not in job}
    assert {name: limit for name, limit in limits.items() if not (isinstance(limit, int) and 0 < limit < 360)} == {}


@_FILES
def test_scripts_contain_no_expressions(path: Path) -> None:
    """What others may choose, a branch's name or a title, reaches a script by its environment, never as its text."""
    scripts = [str(step["run"]) for step in steps(path) if "run" in step]
    assert [found for text in scripts for found in _EXPRESSION.findall(text)] == []


@_FILES
def test_no_long_lived_secrets(path: Path) -> None:
    """Nothing needs a stored secret, and no code of a pull request runs with the base's rights."""
    text = path.read_text(encoding="utf-8")
    assert [word for word in ("secrets.", "secrets:", "pull_request_target", "workflow_run") if word in text] == []


@_WORKFLOWS
def test_nothing_runs_where_it_is_not_configured(path: Path) -> None:
    """A copy does nothing until the repository's variable says so."""
    first = {name: str(job.get("if", "")) for name, job in jobs(path).items() if "needs" not in job}
    assert first
    assert {name: told for name, told in first.items() if "vars.SLUICE_DEPLOY == 'true'" not in told} == {}


def test_forks_get_no_credentials() -> None:
    """A pull request from a fork takes no role."""
    preview = next(path for path in WORKFLOWS if path.stem == "preview")
    assert "head.repo.full_name == github.repository" in str(jobs(preview)["preview"]["if"])


@_WORKFLOWS
def test_updates_of_a_stack_wait_for_each_other(path: Path) -> None:
    """Two updates of an environment never run at once, and none is stopped in the middle by the next."""
    for job in jobs(path).values():
        if any("pulumi up" in str(step.get("run", "")) for step in job.get("steps") or []):
            group: dict[str, Any] = job["concurrency"]
            assert job["environment"] == "${{ inputs.stack }}"
            assert "inputs.stack" in group["group"]
            assert group["cancel-in-progress"] is False


@_FILES
def test_checkouts_leave_no_token(path: Path) -> None:
    """The repository's token is not left in the checkout, where any program could read it."""
    found = [step.get("with") or {} for step in steps(path) if str(step.get("uses", "")).startswith("actions/checkout")]
    assert all(it.get("persist-credentials") is False for it in found)


def test_sluice_is_asked_for_something() -> None:
    """The commands of ours are found in the scripts."""
    assert {("advance", "--stack"), ("review", "--plan"), ("status", "--stack")} <= _commands()


@pytest.mark.parametrize(("command", "option"), sorted(_commands()))
def test_sluice_commands_exist(command: str, option: str) -> None:
    """A command in a workflow exists, and takes this option."""
    done = subprocess.run(
        [sys.executable, "-m", "sluice", command, "--help"],
        env={**os.environ, "COLUMNS": "200", "NO_COLOR": "1", "TERM": "dumb"},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert re.search(rf"(?<![\w-]){re.escape(option)}(?![\w-])", done.stdout), done.stdout


@pytest.mark.parametrize("file", [".github/workflows/preview.yml", "docs/ci.md"])
def test_the_plan_that_is_reviewed_has_what_stays(file: str) -> None:
    """Of a plan without it neither policies nor prices are asked."""
    lines = (GITHUB.parent / file).read_text(encoding="utf-8").splitlines()
    made = [line for line in lines if "> plan.json" in line]
    assert made
    assert all("--json --show-sames" in line for line in made)


def test_the_gitlab_pipeline_does_the_same() -> None:
    """The pipeline in the docs is YAML, asks for the same commands, and takes its role by an ID token."""
    text = (GITHUB.parent / "docs/ci.md").read_text(encoding="utf-8")
    found = re.findall(r"^```yaml\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    pipeline = YAML(typ="safe").load(found[-1])
    assert pipeline[".aws"]["id_tokens"]["AWS_TOKEN"]["aud"] == "sts.amazonaws.com"
    scripts = {
        name: "\n".join(job["script"]) for name, job in pipeline.items() if isinstance(job, dict) and "script" in job
    }
    assert all(
        isinstance(line, str) for job in pipeline.values() if isinstance(job, dict) for line in job.get("script", [])
    )
    assert "sluice review --stack" in scripts["preview"]
    assert "pulumi up" in scripts["up"]
    assert "sluice advance" in scripts["advance"]
    assert "--refresh --expect-no-changes" in scripts["drift"]
    assert pipeline["up"]["resource_group"] == "$STACK"
