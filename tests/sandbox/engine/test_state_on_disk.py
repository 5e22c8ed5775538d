"""The state on disk survives crashes, damage, full disks and each other."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sluice_sandbox.engine import checkpoint as checkpoints
from sluice_sandbox.engine.lock import locked
from sluice_sandbox.errors import NotWritable, StackLocked, StateDamaged
from tests.conftest import PROGRAM, Declare, thing
from tests.support.cloud import World

# A process of its own, because it is killed.
RUN = """
import json, sys
from pathlib import Path
from sluice_sandbox.harness import Sandbox
from tests.support.cloud import Cloud, World
root, world, program, config, operation = sys.argv[1:]
stack = Sandbox(Path(root), None).stack(
    Path(program), json.loads(config), providers={"cloud": lambda: Cloud(World(Path(world)))}
)
getattr(stack, operation)()
"""


def _start(root: Path, world: Path, config: dict[str, object], operation: str = "up") -> subprocess.Popen[bytes]:
    arguments = [str(root), str(world), str(PROGRAM), json.dumps(config), operation]
    repository = Path(__file__).parents[3]
    return subprocess.Popen([sys.executable, "-c", RUN, *arguments], cwd=repository)


def _wait_for(world: World, operation: str) -> None:
    deadline = time.monotonic() + 60
    while operation not in world.log:
        assert time.monotonic() < deadline, f"{operation} never came"
        time.sleep(0.02)


def test_a_killed_update_leaves_a_valid_state_that_says_what_was_under_way(
    cloud: Declare, world: World, tmp_path: Path
) -> None:
    """What was done is kept, what was begun is named, the lock is free, and the next run does the rest."""
    resources = [thing("a"), thing("b", of={"$ref": "a.out"}), thing("c", of={"$ref": "b.out"})]
    stack = cloud(*resources)
    world.delay("create:b", 60)
    killed = _start(stack.place.root, tmp_path / "world.json", {"resources": resources})
    try:
        _wait_for(world, "create:b")
    finally:
        killed.send_signal(signal.SIGKILL)
        killed.wait()
    state = stack.state()
    assert "a-1" in {resource.id for resource in state.resources}
    assert [(item.resource.name, item.type) for item in state.pending] == [("b", "creating")]
    world.heal()
    result = stack.up()
    assert "Thing::b, interrupted while creating" in result.diagnostics[0].message
    assert result.step("c").op == "create"
    stack.refresh(clear_pending_creates=True)
    assert stack.state().pending == []
    assert not stack.up().changed


def test_an_interrupted_update_or_deletion_is_settled_by_the_next_run(
    cloud: Declare, world: World, tmp_path: Path
) -> None:
    """Both can simply be done again, so they leave nothing to clear up."""
    before = [thing("a", size=1), thing("b")]
    stack = cloud(*before)
    stack.up()
    stack.config["resources"] = [thing("a", size=2), thing("b")]
    world.delay("update:a", 60)
    killed = _start(stack.place.root, tmp_path / "world.json", stack.config)
    try:
        _wait_for(world, "update:a")
    finally:
        killed.send_signal(signal.SIGKILL)
        killed.wait()
    assert [item.type for item in stack.state().pending] == ["updating"]
    world.heal()
    assert stack.up().step("a").op == "update"
    assert stack.state().pending == []


def test_an_interrupt_ends_what_is_under_way_and_starts_nothing_more(
    cloud: Declare, world: World, tmp_path: Path
) -> None:
    """Ctrl-C loses nothing: what was being made is waited for and recorded, and nothing is pending."""
    resources = [thing("a"), thing("b", of={"$ref": "a.out"}), thing("c", of={"$ref": "b.out"})]
    stack = cloud(*resources)
    world.delay("create:b", 1)
    interrupted = _start(stack.place.root, tmp_path / "world.json", {"resources": resources})
    _wait_for(world, "create:b")
    interrupted.send_signal(signal.SIGINT)
    assert interrupted.wait(timeout=60) != 0
    assert {"a-1", "b-1"} == set(world.things)
    assert {"a-1", "b-1"} <= {resource.id for resource in stack.state().resources}
    assert stack.state().pending == []
    world.heal()
    assert stack.up().step("c").op == "create"


@pytest.mark.parametrize(("operation", "slow"), [("destroy", "delete:b"), ("refresh", "read:b")])
def test_every_operation_can_be_interrupted(
    cloud: Declare, world: World, tmp_path: Path, operation: str, slow: str
) -> None:
    """It ends after what is under way, with a valid state and nothing pending."""
    stack = cloud(thing("a"), thing("b", of={"$ref": "a.out"}))
    stack.up()
    world.delay(slow, 1)
    interrupted = _start(stack.place.root, tmp_path / "world.json", stack.config, operation)
    _wait_for(world, slow)
    interrupted.send_signal(signal.SIGINT)
    assert interrupted.wait(timeout=60) != 0
    assert "delete:a" not in world.log
    assert stack.state().pending == []
    known = {resource.id for resource in stack.state().resources}
    assert set(world.things) <= known
    world.heal()
    stack.up()
    assert not stack.up().changed


def test_two_updates_at_once_are_refused(cloud: Declare) -> None:
    """The second says who holds the lock; the first is not disturbed."""
    stack = cloud(thing("a"))
    with locked(stack.place.lock, "up"), pytest.raises(StackLocked, match=rf"up since .*process {os.getpid()}"):
        stack.up()
    stack.up()


def test_a_preview_needs_no_lock(cloud: Declare) -> None:
    """Looking is allowed while somebody updates."""
    stack = cloud(thing("a"))
    with locked(stack.place.lock, "up"):
        assert stack.preview().changes == {"create": 2}


def test_a_lock_of_the_cli_is_respected(cloud: Declare) -> None:
    """While the Pulumi CLI works on the same state, the sandbox does not."""
    stack = cloud(thing("a"))
    stack.place.foreign_locks.mkdir(parents=True)
    (stack.place.foreign_locks / "x.json").write_text("{}")
    with pytest.raises(StackLocked, match="pulumi cancel"):
        stack.up()


@pytest.mark.parametrize(
    "damage", ["", "{", '{"version": 2}', '{"version": 3, "checkpoint": {"latest": {"resources": 5}}}']
)
def test_a_damaged_state_is_restored_from_its_backup(cloud: Declare, damage: str) -> None:
    """With a warning that names both files; the next run goes on from there."""
    stack = cloud(thing("a"))
    stack.up()
    stack.up()
    stack.place.checkpoint.write_text(damage)
    result = stack.up()
    assert f"{stack.place.checkpoint.name}.bak is used instead" in result.diagnostics[0].message
    assert not result.changed
    assert stack.up().diagnostics == [], "the state has been put right"


def test_a_damaged_state_without_a_good_backup_is_refused(cloud: Declare, world: World) -> None:
    """Nothing is made anew; the message says where to put a good copy, and how to start over."""
    stack = cloud(thing("a"))
    stack.up()
    for path in stack.place.checkpoint.parent.glob("test.json*"):
        path.write_text("{")
    with pytest.raises(StateDamaged, match=r"put a good copy in its place, or start over with `sluice sandbox reset`"):
        stack.up()
    assert world.log == ["create:a"]


def test_a_state_in_which_something_is_missing_is_damaged(cloud: Declare) -> None:
    """A resource whose parent or provider is gone is not taken for whole."""
    stack = cloud(thing("a"))
    stack.up()
    document = json.loads(stack.place.checkpoint.read_text())
    resources = document["checkpoint"]["latest"]["resources"]
    document["checkpoint"]["latest"]["resources"] = [item for item in resources if "providers" not in item["type"]]
    stack.place.checkpoint.write_text(json.dumps(document))
    stack.place.checkpoint.with_suffix(".json.bak").unlink(missing_ok=True)
    with pytest.raises(StateDamaged, match="provider"):
        stack.up()


def test_a_disk_that_refuses_is_named(cloud: Declare, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is created that could not be recorded, and the state that there was is unharmed."""
    stack = cloud(thing("a"))
    stack.up()
    before = stack.place.checkpoint.read_bytes()

    def refuse(*args: object, **options: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(checkpoints, "replace_file", refuse)
    stack.config["resources"] = [thing("a"), thing("b")]
    with pytest.raises(NotWritable, match="Read-only file system"):
        stack.up()
    monkeypatch.undo()
    assert stack.place.checkpoint.read_bytes() == before
    assert set(world.things) == {"a-1"}


def test_a_folder_that_cannot_be_made_is_named(cloud: Declare, world: World) -> None:
    """The message says which one; nothing has happened."""
    stack = cloud(thing("a"))
    stack.place.root.parent.mkdir(parents=True, exist_ok=True)
    stack.place.root.write_text("a file where the folder should be")
    with pytest.raises(NotWritable, match="make the folder writable"):
        stack.up()
    assert world.log == []
