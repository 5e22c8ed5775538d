"""What the scripts in the workflows do, with other people's commands played by small ones."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.workflows import outputs, run, script

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not on PATH")

_GH = """
printf '%s\\n' "$*" >> "$CALLS"
case "$*" in
  *--paginate*) printf '%s' "$FOUND" ;;
  "pr list"*) echo "$STATE" ;;
esac
"""
_STACK = "config:\n  digits:endpoint:\n    traffic:\n      green: {}\n"


def _git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-c", "user.name=a", "-c", "user.email=a@example.com", *arguments],
        cwd=folder, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout.strip()


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A checkout with two stacks, and the repository that it came from."""
    folder = tmp_path / "work"
    (folder / "stacks").mkdir(parents=True)
    for stack in ("dev", "prod"):
        (folder / f"stacks/Pulumi.{stack}.yaml").write_text(_STACK.format(1), encoding="utf-8")
    _git(tmp_path, "init", "--quiet", "--bare", "origin.git")
    _git(folder, "init", "--quiet", "--initial-branch", "main")
    _git(folder, "add", ".")
    _git(folder, "commit", "--quiet", "--message", "first")
    _git(folder, "remote", "add", "origin", str(tmp_path / "origin.git"))
    _git(folder, "push", "--quiet", "origin", "main")
    return folder


def _comment(tmp_path: Path, pages: dict[str, str], found: str = "") -> tuple[str, str]:
    """Returns the comment, and what GitHub was asked to do with it."""
    folder = tmp_path / "comment"
    (folder / "pages").mkdir(parents=True)
    for stack, text in pages.items():
        (folder / f"pages/{stack}.md").write_text(text, encoding="utf-8")
    calls = tmp_path / "calls"
    done = run(
        script("preview", "Write the comment, or write it anew"), folder, {"gh": _GH},
        CALLS=str(calls), FOUND=found, NUMBER="7", RUN="https://example.com/run", GITHUB_REPOSITORY="o/r", STATE="",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return (folder / "comment.md").read_text(encoding="utf-8"), calls.read_text(encoding="utf-8").splitlines()[-1]


def test_the_first_review_is_a_new_comment(tmp_path: Path) -> None:
    """Where there is no comment yet, one is written, with the page of each stack."""
    text, call = _comment(tmp_path, {"dev": "dev is fine\n", "prod": "prod is fine\n"})
    assert text.startswith("<!-- sluice review -->\n")
    assert "dev is fine" in text
    assert "prod is fine" in text
    assert call.startswith("api --method POST repos/o/r/issues/7/comments ")


def test_the_next_review_replaces_it(tmp_path: Path) -> None:
    """Where there is a comment, its text is replaced, so that there is only ever one."""
    _, call = _comment(tmp_path, {"prod": "prod is fine\n"}, found="41\n42\n")
    assert call.startswith("api --method PATCH repos/o/r/issues/comments/41 ")


@pytest.mark.parametrize("verdict", ["good", "worse"])
def test_a_long_review_is_shortened(tmp_path: Path, verdict: str) -> None:
    """A comment stays under GitHub's limit: of a page that is too long, what is folded is left out, and linked."""
    page = f"{verdict}\n" + "é" * 200_000 + "\n<details>\n" + "x" * 60_000 + "\n</details>\n"
    text, _ = _comment(tmp_path, {"dev": page, "prod": "prod is fine\n"})
    assert len(text) < 65_536
    assert f"{verdict}\né" in text
    assert "<details>" not in text
    assert "[the summary](https://example.com/run)" in text
    assert "prod is fine" in text


def test_no_page_is_said(tmp_path: Path) -> None:
    """Where no stack got as far as a page, the comment says so instead of showing an old one."""
    text, _ = _comment(tmp_path, {})
    assert "There is no review" in text


def _ask(work: Path, sluice: str) -> "tuple[subprocess.CompletedProcess[str], dict[str, str]]":
    return run(script("advance", "Ask the gates"), work, {"sluice": sluice}, STACK="prod"), outputs(work)


def test_a_gate_that_does_not_pass_is_no_failure(work: Path) -> None:
    """Nothing is proposed where a gate does not pass, and the run does not fail."""
    done, told = _ask(work, "echo 'soaks until tomorrow'; exit 1")
    assert done.returncode == 0
    assert told == {}
    assert "soaks until tomorrow" in done.stdout


@pytest.mark.parametrize("sluice", ["echo 'error: no stack' >&2; exit 1", "echo 'Usage' >&2; exit 2"])
def test_an_error_fails_the_run(work: Path, sluice: str) -> None:
    """An error is not taken for a gate that does not pass."""
    done, told = _ask(work, sluice)
    assert done.returncode != 0
    assert told == {}


def test_a_step_is_a_patch_of_the_stack_alone(work: Path) -> None:
    """When the gates pass, the stack's file is what is proposed, and nothing else that lies about."""
    edit = "for stack in dev prod; do sed -i.old s/1/5/ stacks/Pulumi.$stack.yaml; done; echo 'green to 5 %'"
    done, told = _ask(work, edit)
    assert done.returncode == 0, done.stderr
    assert told == {"passed": "true"}
    patch = (work / "step/prod.patch").read_text(encoding="utf-8")
    assert "+      green: 5" in patch
    assert "dev" not in patch


def _propose(work: Path, state: str, *stacks: str, share: int = 5) -> list[str]:
    """Proposes a step of each stack, and returns what GitHub was asked for."""
    folder = work.parent / "steps"
    folder.mkdir(exist_ok=True)
    for stack in stacks:
        file = work / f"stacks/Pulumi.{stack}.yaml"
        file.write_text(_STACK.format(share), encoding="utf-8")
        (folder / f"{stack}.patch").write_text(_git(work, "diff", "--", str(file)) + "\n", encoding="utf-8")
        (folder / f"{stack}.txt").write_text(f"green to {share} %\n", encoding="utf-8")
        _git(work, "checkout", "--quiet", "main", "--", ".")
    _git(work, "checkout", "--quiet", "--force", "main")
    calls = work.parent / "calls"
    calls.write_text("", encoding="utf-8")
    done = run(
        script("advance", "Open a pull request for each step"), work, {"gh": _GH},
        CALLS=str(calls), STATE=state, FOUND="", STEPS=str(folder), GITHUB_SHA=_git(work, "rev-parse", "main"),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    _git(work, "checkout", "--quiet", "--force", "main")
    return [" ".join(it.split()[:2]) for it in calls.read_text(encoding="utf-8").splitlines()]


def _proposed(work: Path, stack: str) -> list[str]:
    """Returns the files that a stack's branch changes, as the origin has it."""
    _git(work, "fetch", "--quiet", "origin", f"sluice/advance-{stack}")
    return _git(work, "diff", "--name-only", "main", "FETCH_HEAD").splitlines()


def test_each_stack_gets_its_own_pull_request(work: Path) -> None:
    """Two stacks that advance at once are two branches, each with its own file."""
    calls = _propose(work, "NONE", "dev", "prod")
    assert calls.count("pr create") == 2
    assert _proposed(work, "dev") == ["stacks/Pulumi.dev.yaml"]
    assert _proposed(work, "prod") == ["stacks/Pulumi.prod.yaml"]


def test_a_stack_that_waits_does_not_hold_up_the_next(work: Path) -> None:
    """Beside a step that is proposed already, another stack's is proposed, and is about that stack alone."""
    _propose(work, "NONE", "dev")
    _propose(work, "OPEN", "dev", "prod")
    assert _proposed(work, "prod") == ["stacks/Pulumi.prod.yaml"]


@pytest.mark.parametrize("state", ["OPEN", "CLOSED"])
def test_what_is_proposed_is_not_proposed_again(work: Path, state: str) -> None:
    """A pull request that is open keeps its approvals, and one that was closed stays declined."""
    _propose(work, "NONE", "prod")
    before = _git(work, "ls-remote", "origin")
    assert _propose(work, state, "prod") == ["auth setup-git", "pr list"]
    assert _git(work, "ls-remote", "origin") == before


def test_another_step_replaces_an_open_one(work: Path) -> None:
    """An open pull request gets the step that the gates allow now."""
    _propose(work, "NONE", "prod")
    assert _propose(work, "OPEN", "prod", share=10)[-1] == "pr edit"
    _proposed(work, "prod")
    assert "green: 10" in _git(work, "show", "FETCH_HEAD:stacks/Pulumi.prod.yaml")


def test_a_merged_step_may_come_again(work: Path) -> None:
    """After a rollback the same step is proposed anew, though it was merged before."""
    _propose(work, "NONE", "prod")
    assert _propose(work, "MERGED", "prod")[-1] == "pr create"
