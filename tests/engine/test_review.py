"""The page for a pull request, from either engine's preview."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sluice_sandbox.aws.clients import Clients
from sluice_sandbox.aws.users import Users
from sluice_sandbox.local import LocalSandbox
from tests.support.example import Example

SLUICE = Path(sys.prefix) / "bin" / "sluice"


def _review(example: Example, *options: str, ends_with: int) -> Any:
    done = subprocess.run(
        [SLUICE, "review", "--stack", example.name, "--json", *options],
        cwd=example.folder,
        env=example._environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == ends_with, done.stdout + done.stderr
    return json.loads(done.stdout)


def _of_both(example: Example, ends_with: int) -> tuple[Any, Any]:
    """Returns the page of the sandbox's preview and that of the CLI's, as CI takes it."""
    plan = example.folder / "plan.json"
    made = example.run("preview", "--stack", example.name, "--json", "--show-sames", check=False)
    plan.write_text(made.stdout)
    ours = _review(example, ends_with=ends_with)
    theirs = _review(example, "--plan", str(plan), ends_with=ends_with)
    for page in (ours, theirs):
        page["resources"].sort(key=lambda it: it["urn"])
        page["policies"].sort(key=json.dumps)
    return ours, theirs


@pytest.mark.parametrize("stack", ["local", "prod"])
def test_the_page_of_a_rise_is_the_same(pulumi: None, sandboxed: LocalSandbox, stack: str) -> None:
    """Refused before it has soaked and allowed after; in traffic, gates, policies, costs and resources."""
    made = sandboxed.stack(stack).up()
    assert made.succeeded, made.errors()
    example = Example.of(sandboxed, stack)
    config = sandboxed.project.root / "stacks" / f"Pulumi.{stack}.yaml"
    before, after = ({"blue": 90, "green": 10}, 25) if stack == "local" else ({"blue": 99, "green": 1}, 5)
    text = config.read_text().replace(f"blue: {before['blue']}", f"blue: {100 - after}")
    config.write_text(text.replace(f"      green: {before['green']}\n", f"      green: {after}\n"))
    ours, theirs = _of_both(example, ends_with=1)
    assert ours == theirs
    assert ours["outcome"] == "must not be deployed"
    assert f"green {before['green']} → {after} refused" in ours["gates"][0]["refused"][0]

    alive = Clients("eu-west-1", sandboxed.aws_endpoint()).client("cloudwatch")
    people = Users(sandboxed.aws(), alive, f"digits-{stack}")
    people.ask(25, {slot: 1_000 * share for slot, share in before.items()})
    ours, theirs = _of_both(example, ends_with=0)
    assert ours == theirs
    assert f"green {before['green']} → {after} allowed" in ours["gates"][0]["allowed"][0]
