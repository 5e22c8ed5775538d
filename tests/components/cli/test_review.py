"""`sluice review`: a deployment on one page."""

import json
import subprocess
from pathlib import Path

import pytest

from sluice.cli import review_plan
from tests.components.cli.conftest import Project, Run
from tests.components.cli.test_rollout import Shop, shop  # noqa: F401
from tests.support.versions import write_version

PACK = Path(__file__).parents[3] / "policies"
VERSIONED = """\
config:
  shop:versions:
    manifests: [{manifests}]
  shop:endpoint:
    variants: {{blue: {{version: digits@1}}, green: {{version: digits@2}}}}
    traffic: {{blue: {blue}, green: {green}}}
"""


def _git(folder: Path, *arguments: str) -> None:
    own = ["-c", "user.name=someone", "-c", "user.email=someone@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *own, *arguments], cwd=folder, check=True, capture_output=True)


def _commit(folder: Path) -> None:
    """Commits the project as it is, as `main`."""
    (folder / ".gitignore").write_text(".sluice\n__pycache__\n")
    if not (folder / ".git").exists():
        _git(folder, "init", "--initial-branch=main")
    _git(folder, "add", "--all")
    _git(folder, "commit", "--message=a state")


def _planned(project: Project, stack: str = "dev") -> Path:
    """Writes what the sandbox prints as `pulumi preview --json` would: without policies and without a result."""
    done = project.sandbox("preview", "--stack", stack, "--json")
    document = json.loads(done.out)
    kept = {key: document[key] for key in ("config", "steps", "diagnostics", "changeSummary")}
    file = project.folder / "plan.json"
    file.write_text(json.dumps(kept))
    return file


def _review(shop: Shop, *arguments: str) -> Run:  # noqa: F811
    return shop.run("review", *arguments)


def test_a_refused_rise_is_the_verdict(shop: Shop) -> None:  # noqa: F811
    """In the gate's words, and the command ends with 1."""
    _commit(shop.project.folder)
    shop.declare(75, 25)
    done = _review(shop, "--base", "main")
    assert done.code == 1, done.err
    assert "## ❌ dev must not be deployed" in done.out
    assert "green 10 → 25 refused" in done.out.split("### Traffic")[0]
    assert "- green (digits@2) rises from 10 % to 25 %" in done.out
    assert "| `shop:endpoint.traffic.green` | `10` | `25` |" in done.out
    assert "+    weights.green: 25" in done.out


def test_a_rise_that_gates_allow_is_told(shop: Shop) -> None:  # noqa: F811
    """With what they say of it."""
    assert shop.run_sandbox("use", "--hours", "25").code == 0
    shop.declare(75, 25)
    done = _review(shop, "--json")
    assert done.code == 0, done.out + done.err
    found = json.loads(done.out)
    assert found["outcome"] == "may be deployed"
    assert found["gates"][0]["refused"] == []
    assert "green 10 → 25" in found["gates"][0]["allowed"][0]


def test_no_change_is_said(shop: Shop) -> None:  # noqa: F811
    """Of what is deployed as declared."""
    _commit(shop.project.folder)
    done = _review(shop, "--base", "main")
    assert done.code == 0, done.err
    assert "## ➖ dev changes nothing" in done.out
    assert "the traffic of search stays as it is" in done.out


def test_the_plan_of_the_pulumi_cli_is_told_as_well(shop: Shop, tmp_path: Path) -> None:  # noqa: F811
    """From its file: nothing is asked of any cloud, and what it does not tell is not made up."""
    shop.declare(75, 25)
    plan = _planned(shop.project)
    page = tmp_path / "page.md"
    done = _review(shop, "--plan", str(plan), "--output", str(page))
    assert done.code == 1, done.err
    assert done.out == ""
    text = page.read_text()
    assert "green 10 → 25 refused" in text
    assert "No policy was asked" in text


def test_policies_and_prices_of_a_plan_are_those_of_the_pack(shop: Shop) -> None:  # noqa: F811
    """The CLI leaves policies out of its document; here the pack is asked itself."""
    shop.declare(99, 1)
    plan = _planned(shop.project)
    config = shop.project.folder / "config.json"
    config.write_text('{"guarded-endpoints": {"stacks": ["dev"]}}')
    pack = ("--policy-pack", str(PACK), "--policy-pack-config", str(config))
    done = _review(shop, "--plan", str(plan), *pack, "--json")
    found = json.loads(done.out)
    assert "guarded-endpoints" in {it["policy"] for it in found["policies"]}
    assert found["cost"]["currency"] == "USD"
    assert found["cost"]["difference"] == 0


def test_policies_are_not_asked_of_a_part_of_a_stack(shop: Shop) -> None:  # noqa: F811
    """The CLI leaves out what stays unless it is asked for it: nobody can say then that all policies hold."""
    shop.declare(99, 1)
    plan = _planned(shop.project)
    document = json.loads(plan.read_text())
    document["steps"] = [it for it in document["steps"] if it["op"] != "same"]
    plan.write_text(json.dumps(document))
    done = _review(shop, "--plan", str(plan), "--policy-pack", str(PACK))
    assert done.code == 0, done.err
    assert "## ⚠️ dev needs attention" in done.out
    assert "pulumi preview --json --show-sames" in done.out
    assert "No policy was asked." in done.out
    assert "no policy pack with a price table was asked" in done.out


def test_versions_are_compared_with_those_of_the_base(project: Project) -> None:
    """Manifests and locks are read as they were at the ref: an edited version shows."""
    folder = project.folder
    for number in ("1", "2"):
        write_version(folder, number)
    manifests = "digits-1.model.yaml, digits-2.model.yaml"
    project.configure(VERSIONED.format(manifests=manifests, blue=90, green=10))
    _commit(folder)
    write_version(folder, "2", inference={"max_tokens": 7})
    project.configure(VERSIONED.format(manifests=manifests, blue=75, green=25))
    done = project.sluice("review", "--stack", "dev", "--base", "main")
    assert done.code == 0, done.err
    assert "digits@2 is not what it was" in done.out
    assert "-max_tokens: 1\n+max_tokens: 7" in done.out
    assert str(folder) not in done.out


def test_a_lock_that_is_not_at_hand_is_told(project: Project) -> None:
    """The page is there without it, and without the place where it is on this machine."""
    write_version(project.folder, "1").with_suffix(".lock.json").unlink()
    project.configure(VERSIONED.format(manifests="digits-1.model.yaml, ../../secret.yaml", blue=90, green=10))
    _commit(project.folder)
    done = project.sluice("review", "--stack", "dev", "--base", "main", "--json")
    problems = " ".join(json.loads(done.out)["problems"])
    assert "digits-1.model.lock.json" in problems
    assert "the manifest ../../secret.yaml is outside of the project" in problems
    assert str(project.folder) not in done.out


def test_a_stack_that_is_new_has_no_base(project: Project) -> None:
    """All that it declares is new."""
    _commit(project.folder)
    project.configure("config:\n  boxes: {small: 1}\n", "prod")
    done = project.sluice("review", "--stack", "prod", "--base", "main")
    assert done.code == 0, done.err
    assert "| `boxes.small` | none | `1` |" in done.out


def test_secrets_of_the_stacks_file_are_not_shown(project: Project) -> None:
    """Neither before nor after."""
    project.configure("config:\n  boxes: {small: 1}\n  label: {secure: v1:abcdef}\n")
    _commit(project.folder)
    project.configure("config:\n  boxes: {small: 1}\n")
    done = project.sluice("review", "--stack", "dev", "--base", "main")
    assert "| `label` | `[secret]` | none |" in done.out
    assert "abcdef" not in done.out


@pytest.mark.parametrize("ref", ["nowhere", "--output=/tmp/x", ":/"])
def test_a_ref_that_git_does_not_know_is_refused(project: Project, ref: str) -> None:
    """Also one that looks like an option."""
    (project.folder / "empty").mkdir()
    _git(project.folder, "init", "--initial-branch=main")
    done = project.sluice("review", "--stack", "dev", f"--base={ref}")
    assert done.code == 1
    assert "which Git does not know" in done.err


def test_bad_plans_and_stacks_are_refused(project: Project) -> None:
    """With what to do."""
    file = project.folder / "plan.json"
    file.write_text("Previewing update")
    assert "is no JSON" in project.sluice("review", "--stack", "dev", "--plan", str(file)).err
    assert "say which stack the plan is of" in project.sluice("review", "--plan", str(file)).err
    assert "name a stack that has one" in project.sluice("review", "--stack", "nowhere", "--plan", str(file)).err
    file.write_text("{}")
    assert "is no plan" in project.sluice("review", "--stack", "dev", "--plan", str(file)).err


def test_a_pack_without_rules_cannot_look_at_a_plan(project: Project, tmp_path: Path) -> None:
    """That nobody was asked is never taken for a yes."""
    file = project.folder / "plan.json"
    file.write_text('{"steps": []}')
    done = project.sluice("review", "--stack", "dev", "--plan", str(file), "--policy-pack", str(tmp_path))
    assert done.code == 1
    assert "cannot look at a plan" in done.err


def test_hostile_names_stay_names(project: Project) -> None:
    """From the program to the page: a resource's name closes no fold."""
    project.configure('config:\n  boxes: {"</details> `` # x": 1}\n')
    done = project.sluice("review", "--stack", "dev")
    assert done.code == 0, done.err
    page, _, diff = done.out.partition("```diff")
    assert "</details>" not in page
    assert "+ test:index:Box </details> `` # x: create" in diff


def test_without_the_sandbox_a_plan_is_asked_for(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says how to have either."""
    monkeypatch.setattr(review_plan, "find_spec", lambda _: None)
    done = project.sluice("review", "--stack", "dev")
    assert done.code == 1
    assert "pulumi-sluice[sandbox]" in done.err
    assert "--plan" in done.err
