"""`sluice evaluate`, `compare` and `plan-evaluation`: what is printed, what is written, and how they end."""

import json
import string
import subprocess
from typing import Any

import pytest

from sluice.manifest import lock as locks
from tests.components.cli.conftest import Project
from tests.support.evaluations import Project as Evaluated

LETTERS = dict.fromkeys(string.ascii_lowercase, "yes")


@pytest.fixture
def letters(project: Project) -> Evaluated:
    """Two versions of one evaluation, none of them evaluated."""
    made = Evaluated(project.folder, LETTERS)
    for version in ("v1", "v2"):
        made.version(version)
    return made


def evaluate(project: Project, letters: Evaluated, version: str, wrong: int = 0, **changes: Any) -> Any:
    letters.says({key: "no" if index < wrong else "yes" for index, key in enumerate(LETTERS)} | changes)
    return project.sluice("evaluate", f"digits-{version}.model.yaml", "--fresh")


def test_a_version_that_meets_its_contract_ends_with_0(project: Project, letters: Evaluated) -> None:
    """Each criterion is a line with its figure and interval; report, scores and lock are written."""
    done = evaluate(project, letters, "v1")
    assert done.code == 0, done.err
    assert done.out.splitlines()[0] == "✓ examples 26, at least 2"
    assert "✓ accuracy 1 (" in done.out
    report = json.loads((project.folder / "v1.report.json").read_text())
    assert done.out.splitlines()[-1] == f"v1.report.json: digits@v1, report {report['digest'][:19]}"
    assert (project.folder / "v1.scores.parquet").is_file()
    assert locks.read(project.folder / "digits-v1.model.yaml").evaluation.report is not None


def test_a_version_that_fails_ends_with_1_and_keeps_its_report(project: Project, letters: Evaluated) -> None:
    """A failing report is evidence too."""
    done = evaluate(project, letters, "v1", wrong=26)
    assert done.code == 1
    assert "✗ accuracy 0 (" in done.out
    assert (project.folder / "v1.report.json").is_file()


def test_calls_that_fail_are_told(project: Project, letters: Evaluated) -> None:
    """Below the criteria: how many of how many, and of what kind."""
    done = evaluate(project, letters, "v1", a="!")
    assert "1 of 26 calls failed: 1 " in done.out


def test_what_a_manifest_does_not_say_is_told_at_once(project: Project, letters: Evaluated) -> None:
    """Plan, contract and report are asked for in one message, and nothing is asked of the model."""
    path = letters.version("v3")
    manifest = path.read_text().replace("contract: letters.yaml\n", "")
    kept = [line for line in manifest.splitlines() if "plan:" not in line and "report:" not in line]
    path.write_text("\n".join(kept) + "\n")
    done = project.sluice("evaluate", "digits-v3.model.yaml")
    assert done.code == 1
    for key in ("evaluation.plan is missing", "contract is missing", "evaluation.report is missing"):
        assert key in done.err


def test_a_place_that_there_is_not_is_refused(project: Project, letters: Evaluated) -> None:
    """The message names what is allowed."""
    done = project.sluice("evaluate", "digits-v1.model.yaml", "--on", "mars")
    assert done.code == 1
    assert "--on is 'mars'; allowed: sagemaker" in done.err


def test_a_released_version_is_evaluated_beside_its_report_only(project: Project, letters: Evaluated) -> None:
    """Its report stays as it was released; `--out` writes another one."""
    evaluate(project, letters, "v1")
    git(project, "init", "-q", "-b", "main")
    git(project, "add", ".")
    git(project, "commit", "-q", "-m", "released")
    released = (project.folder / "v1.report.json").read_bytes()
    again = evaluate(project, letters, "v1", wrong=1)
    assert again.code == 1
    assert "digits@v1 is released with its report" in again.err
    assert "--out" in again.err
    beside = project.sluice("evaluate", "digits-v1.model.yaml", "--fresh", "--out", "now.report.json")
    assert beside.code == 0, beside.err
    assert (project.folder / "now.report.json").is_file()
    assert (project.folder / "v1.report.json").read_bytes() == released


def test_compare_ends_with_1_when_the_candidate_is_worse(project: Project, letters: Evaluated) -> None:
    """And writes every form that it is asked for."""
    evaluate(project, letters, "v1")
    evaluate(project, letters, "v2", wrong=13)
    forms = ("--write", "--html", "c.html", "--markdown", "c.md", "--png", "c.png")
    done = project.sluice("compare", "digits-v1.model.yaml", "digits-v2.model.yaml", *forms)
    assert done.code == 1
    assert "digits@v2 must not replace digits@v1: accuracy is worse" in " ".join(done.out.split())
    assert (project.folder / "digits-v2.against-v1.comparison.json").is_file()
    assert (project.folder / "c.html").read_text().lstrip().lower().startswith("<!doctype html>")
    assert "must not replace" in (project.folder / "c.md").read_text()
    assert (project.folder / "c.png").read_bytes().startswith(b"\x89PNG")


def test_too_small_a_set_is_no_pass(project: Project, letters: Evaluated) -> None:
    """Two equal versions on 26 letters: a margin of five points cannot be told, which ends with 1."""
    evaluate(project, letters, "v1", wrong=3)
    evaluate(project, letters, "v2", wrong=3)
    done = project.sluice("compare", "digits-v1.model.yaml", "digits-v2.model.yaml", "--json")
    assert done.code == 1
    assert json.loads(done.out)["metrics"]["accuracy"]["verdict"] == "cannot tell"


def test_a_version_that_was_not_evaluated_is_not_compared(project: Project, letters: Evaluated) -> None:
    """The message says which, and what to run."""
    evaluate(project, letters, "v1")
    done = project.sluice("compare", "digits-v1.model.yaml", "digits-v2.model.yaml")
    assert done.code == 1
    assert "sluice evaluate" in done.err
    assert "v2" in done.err


def test_plan_evaluation_ends_with_1_while_the_set_is_too_small(project: Project, letters: Evaluated) -> None:
    """It says how many examples the margin takes, with both versions' figures."""
    evaluate(project, letters, "v1", wrong=3)
    evaluate(project, letters, "v2", wrong=4)
    done = project.sluice("plan-evaluation", "digits-v1.model.yaml", "digits-v2.model.yaml", "--json")
    assert done.code == 1
    accuracy = json.loads(done.out)[0]
    assert accuracy["examples"] == 26
    assert accuracy["examples_needed"] > 26
    assert project.sluice("plan-evaluation", "digits-v1.model.yaml", "digits-v2.model.yaml").code == 1


def git(project: Project, *arguments: str) -> None:
    who = ("-c", "user.name=t", "-c", "user.email=t@example.com")
    subprocess.run(["git", *who, *arguments], cwd=project.folder, check=True, capture_output=True)


def test_a_live_variant_is_asked_in_the_stead_of_the_plan_s_target(project: Project, letters: Evaluated) -> None:
    """What is no variant is refused before anything is asked; so is publishing what no variant answered."""
    done = project.sluice("evaluate", "digits-v1.model.yaml", "--variant", "search-prod")
    assert done.code == 1
    assert "--variant is 'search-prod'; expected ENDPOINT/SLOT: search-prod/blue" in done.err
    done = project.sluice("evaluate", "digits-v1.model.yaml", "--publish")
    assert done.code == 1
    assert "--publish tells how a live variant does, and this asks callable; add --variant ENDPOINT/SLOT" in done.err


def test_a_report_alone_ends_with_0(project: Project, letters: Evaluated) -> None:
    """For who reads it elsewhere."""
    letters.says(dict.fromkeys(LETTERS, "no"))
    done = project.sluice("evaluate", "digits-v1.model.yaml", "--fresh", "--report-only")
    assert done.code == 0, done.err
    assert "✗ accuracy 0 (" in done.out
