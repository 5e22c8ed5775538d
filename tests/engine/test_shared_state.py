"""A state is the same state to both engines: either takes over from the other."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sluice_sandbox.harness import Sandbox, SandboxStack
from tests.conftest import PROGRAM, thing
from tests.support.cli import PASSPHRASE, CliStack
from tests.support.cloud import Cloud, World
from tests.support.serving import served

RESOURCES = [
    {"name": "p", "kind": "provider", "props": {"zone": "one", "token": {"$secret": "let me in"}}},
    {"name": "g", "kind": "group", "opts": {"providers": ["p"]}},
    thing("a", size=1, list=[1, {"x": None}], hidden={"deep": [{"$secret": {"a": "hush"}}]}, doc={"$text": "text"}),
    thing("b", of={"$ref": "a.out"}, opts={"parent": "g", "additional_secret_outputs": ["out"]}),
    thing("c", opts={"depends_on": ["g"], "protect": True, "custom_timeouts": {"create": "90s"}, "deleted_with": "a"}),
]
CONFIG: dict[str, Any] = {"resources": RESOURCES, "exports": {"b": {"$ref": "b.out"}, "a": {"$ref": "a.hidden"}}}


@pytest.fixture
def ours(sandbox: Sandbox, world: World) -> SandboxStack:
    """A stack of the sandbox engine."""
    return sandbox.stack(PROGRAM, CONFIG, providers={"cloud": lambda: Cloud(world)})


@pytest.fixture
def theirs(pulumi: None, tmp_path: Path, world: World) -> Iterator[CliStack]:
    """A stack of the CLI in the same world, with the sandbox's passphrase."""
    with served(Cloud(world)) as port:
        passphrase = tmp_path / "sandbox" / "passphrase"
        passphrase.parent.mkdir(exist_ok=True)
        passphrase.write_text(PASSPHRASE)
        yield CliStack(tmp_path / "cli", PROGRAM, {"cloud": port}, dict(CONFIG))


def test_the_cli_imports_the_sandbox_s_state(ours: SandboxStack, theirs: CliStack, world: World) -> None:
    """After `stack import` the CLI plans no change, knows the secrets and can destroy it all."""
    ours.up()
    theirs.run("stack", "import", text=json.dumps(ours.export()))
    planned = theirs.operate("preview", "--expect-no-changes")
    assert planned.succeeded, planned.text
    assert {op for ops in planned.ops.values() for op in ops} == {"same"}
    outputs = json.loads(theirs.run("stack", "output", "--json", "--show-secrets").stdout)
    assert outputs == {"b": "b:0", "a": {"deep": [{"a": "hush"}]}}
    theirs.run("state", "unprotect", "--all", "--yes")
    assert theirs.destroy().succeeded
    assert set(world.things) == {"c-1"}, "c goes with a, so nobody deletes it by itself"


def test_both_work_on_one_backend_in_turn(ours: SandboxStack, theirs: CliStack, world: World) -> None:
    """The sandbox keeps its states where the CLI looks for them, so that each continues what the other left."""
    theirs.environment["PULUMI_BACKEND_URL"] = f"file://{ours.place.root}"
    ours.up()
    planned = theirs.operate("preview", "--expect-no-changes")
    assert planned.succeeded, planned.text
    theirs.config["resources"] = [*RESOURCES, thing("d", of={"$ref": "c.out"})]
    assert theirs.up().succeeded
    ours.config = theirs.config
    assert not ours.up().changed
    ours.config = {**CONFIG, "resources": RESOURCES[:-1]}
    theirs.run("state", "unprotect", "--all", "--yes")
    ours.up()
    theirs.config = ours.config
    assert theirs.operate("preview", "--expect-no-changes").succeeded
    assert set(world.things) == {"a-1", "b-1"}


def test_both_know_what_was_interrupted(ours: SandboxStack, theirs: CliStack) -> None:
    """An operation that a crash left pending is told by either, and settled for both."""
    theirs.environment["PULUMI_BACKEND_URL"] = f"file://{ours.place.root}"
    ours.up()
    document = json.loads(ours.place.checkpoint.read_text())
    latest = document["checkpoint"]["latest"]
    (made,) = [record for record in latest["resources"] if record["urn"].endswith("Thing::a")]
    lost = {**made, "urn": f"{made['urn']}-lost", "id": ""}
    latest["pending_operations"] = [{"resource": lost, "type": "creating"}]
    ours.place.checkpoint.write_text(json.dumps(document))
    warned = theirs.up()
    assert "interrupted while creating" in warned.text
    assert lost["urn"] in warned.text
    assert f"{lost['urn']}, interrupted while creating" in ours.up().diagnostics[0].message
    assert [item.type for item in ours.state().pending] == ["creating"], "an update alone does not settle it"
    ours.refresh(clear_pending_creates=True)
    assert "interrupted" not in theirs.operate("preview", "--expect-no-changes").text
