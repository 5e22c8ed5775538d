"""What becomes of resources as their program changes."""

import pytest

from sluice_sandbox.errors import UpdateFailed
from tests.conftest import Declare, thing
from tests.support.cloud import World

URN = "urn:pulumi:test::test::cloud:index:Thing::{}"


def test_a_new_resource_is_created(cloud: Declare, world: World) -> None:
    """What a program declares is there after `up`, and its outputs are the stack's."""
    stack = cloud(thing("a", size=1), exports={"a": {"$ref": "a.out"}})
    result = stack.up()
    assert result.step("a").op == "create"
    assert world.things == {"a-1": {"size": 1, "out": "a:1"}}
    assert result.outputs == {"a": "a:1"}


def test_an_unchanged_program_changes_nothing(cloud: Declare, world: World) -> None:
    """A second `up` asks the provider for no change."""
    stack = cloud(thing("a", size=1))
    stack.up()
    before = world.log
    result = stack.up()
    assert not result.changed
    assert world.log == before


def test_a_preview_changes_nothing(cloud: Declare, world: World) -> None:
    """A preview tells what would happen; neither the world nor the state hears of it."""
    stack = cloud(thing("a", size=1))
    assert stack.preview().changes == {"create": 2}
    assert world.things == {}
    assert stack.state().resources == []


def test_a_changed_property_is_updated_in_place(cloud: Declare, world: World) -> None:
    """The resource stays the same one, and the diff names the property."""
    stack = cloud(thing("a", size=1, color={"hue": "red", "tone": 1}))
    stack.up()
    stack.config["resources"] = [thing("a", size=1, color={"hue": "blue", "tone": 1})]
    step = stack.up().step("a")
    assert step.op == "update"
    assert {path: change.kind.value for path, change in step.changes.items()} == {"color.hue": "update"}
    assert list(world.things) == ["a-1"]


def test_an_immutable_property_replaces_create_before_delete(cloud: Declare, world: World) -> None:
    """The new resource is there before the old one goes, and what depends on it has moved in between."""
    stack = cloud(thing("a", kind="x"), thing("b", of={"$ref": "a.out"}, on={"$ref": "a.id"}))
    stack.up()
    stack.config["resources"] = [thing("a", kind="y"), thing("b", of={"$ref": "a.out"}, on={"$ref": "a.id"})]
    result = stack.up()
    assert result.step("a").op == "replace"
    assert result.step("b").op == "update"
    assert world.log[-3:] == ["create:a", "update:b", "delete:a"]
    assert world.things["b-1"]["on"] == "a-2"


def test_an_exclusive_resource_is_deleted_before_it_is_replaced(cloud: Declare, world: World) -> None:
    """The provider may ask that the old resource goes first."""
    stack = cloud(thing("a", kind="x", exclusive=True))
    stack.up()
    stack.config["resources"] = [thing("a", kind="y", exclusive=True)]
    assert stack.up().step("a").op == "replace"
    assert world.log[-2:] == ["delete:a", "create:a"]


def test_delete_before_replace_takes_dependents_that_would_be_replaced_along(cloud: Declare, world: World) -> None:
    """What must be made anew when its dependency is goes first and comes last; what can stay stays."""

    def resources(kind: str) -> list[dict[str, object]]:
        return [
            thing("a", kind=kind, opts={"delete_before_replace": True}),
            thing("b", kind={"$ref": "a.id"}),
            thing("c", note={"$ref": "a.id"}),
        ]

    stack = cloud(*resources("x"))
    stack.up()
    stack.config["resources"] = resources("y")
    result = stack.up()
    log = world.log[3:]
    assert log.index("delete:b") < log.index("delete:a") < log.index("create:a") < log.index("create:b")
    assert result.step("b").op == "replace"
    assert result.step("c").op == "update"


def test_what_the_program_drops_is_deleted_dependents_first(cloud: Declare, world: World) -> None:
    """Deletions go against the order of dependencies."""
    stack = cloud(thing("a"), thing("b", of={"$ref": "a.out"}), thing("c", opts={"depends_on": ["b"]}))
    stack.up()
    stack.config["resources"] = []
    result = stack.up()
    assert result.changes == {"same": 1, "delete": 3}
    assert world.log[-3:] == ["delete:c", "delete:b", "delete:a"]
    assert world.things == {}


def test_destroy_deletes_everything(cloud: Declare, world: World) -> None:
    """After `destroy` neither the world nor the state has anything left."""
    stack = cloud(thing("a"), thing("b", of={"$ref": "a.out"}))
    stack.up()
    assert stack.destroy().changes == {"delete": 3}
    assert world.things == {}
    assert stack.state().resources == []


def test_refresh_takes_over_what_the_world_holds(cloud: Declare, world: World) -> None:
    """Drift is shown as an update by `refresh`, and put right by the next `up`."""
    stack = cloud(thing("a", size=1), thing("b", size=2))
    stack.up()
    world.drift("a-1", size=7)
    shown = stack.refresh(preview=True).step("a")
    assert (shown.op, list(shown.changes)) == ("update", ["size"])
    assert stack.up().step("a").op == "same", "a preview of a refresh changes no state"
    stack.refresh()
    assert stack.up().step("a").op == "update"
    assert world.things["a-1"]["size"] == 1


def test_refresh_forgets_what_is_gone(cloud: Declare, world: World) -> None:
    """A resource that somebody deleted leaves the state, and so does every mention of it; `up` makes it again."""
    stack = cloud(thing("a"), thing("b", opts={"depends_on": ["a"]}))
    stack.up()
    world.lose("a-1")
    assert stack.refresh().step("a").op == "delete"
    assert [resource.dependencies for resource in stack.state().resources if resource.name == "b"] == [[]]
    assert stack.up().step("a").op == "create"


def test_a_refresh_takes_over_what_could_be_read(cloud: Declare, world: World) -> None:
    """One resource that does not answer does not keep the others from being brought up to date."""
    stack = cloud(thing("a", size=1), thing("b"))
    stack.up()
    world.drift("a-1", size=5)
    world.fail("read:b", "no answer")
    with pytest.raises(UpdateFailed, match="no answer"):
        stack.refresh()
    sizes = {resource.name: resource.outputs.get("size") for resource in stack.state().resources}
    assert sizes["a"] == 5
    assert "b" in sizes


def test_an_asset_is_still_whole_after_a_refresh(cloud: Declare) -> None:
    """A provider is told of assets by their hashes alone; what they hold is not lost by that."""
    stack = cloud(thing("a", doc={"$text": "one"}))
    stack.up()
    stack.refresh()
    assert not stack.up().changed
    (kept,) = [resource.inputs["doc"] for resource in stack.state().resources if resource.name == "a"]
    assert kept["text"] == "one"


def test_independent_resources_are_made_at_the_same_time(cloud: Declare, world: World) -> None:
    """Creation waits for dependencies and for nothing else."""
    stack = cloud(*(thing(f"t{number}") for number in range(6)), thing("last", of={"$ref": "t0.out"}))
    for number in range(6):
        world.delay(f"create:t{number}", 0.3)
    result = stack.up()
    assert result.seconds < 6 * 0.3
    assert world.log[-1] == "create:last"


def test_a_failure_stops_what_depends_on_it_and_keeps_what_is_done(cloud: Declare, world: World) -> None:
    """The state after a failure holds what was made; the next `up` does the rest."""
    stack = cloud(thing("a"), thing("b", of={"$ref": "a.out"}), thing("c", of={"$ref": "b.out"}))
    world.fail("create:b", "there is no room")
    with pytest.raises(UpdateFailed, match="there is no room") as failed:
        stack.up()
    assert failed.value.result.step("b").status.value == "failed"
    assert {resource.name for resource in stack.state().resources if resource.custom} == {"a", "default"}
    world.heal()
    assert stack.up().changes == {"same": 2, "create": 2}


def test_a_failing_program_deletes_nothing(cloud: Declare, world: World) -> None:
    """Resources that a program did not come to declare, because it failed, are not taken for dropped."""
    stack = cloud(thing("a"), thing("b"))
    stack.up()
    stack.config |= {"resources": [thing("a")], "fails": True}
    with pytest.raises(UpdateFailed, match="the program fails after all"):
        stack.up()
    assert set(world.things) == {"a-1", "b-1"}


def test_a_resource_that_did_not_become_ready_is_recorded_and_tried_again(cloud: Declare, world: World) -> None:
    """It exists, so it must not be lost; the next `up` updates it."""
    stack = cloud(thing("a"))
    world.fail("init:a", "still warming up")
    with pytest.raises(UpdateFailed, match="still warming up"):
        stack.up()
    (recorded,) = [resource for resource in stack.state().resources if resource.name == "a"]
    assert (recorded.id, recorded.init_errors) == ("a-1", ["still warming up"])
    world.heal()
    assert stack.up().step("a").op == "update"
    assert stack.up().step("a").op == "same"


def test_a_replacement_that_did_not_become_ready_still_counts(cloud: Declare, world: World) -> None:
    """There is one live resource of its name; the old one is deleted by the next `up`."""
    stack = cloud(thing("a", kind="x"))
    stack.up()
    stack.config["resources"] = [thing("a", kind="y")]
    world.fail("init:a", "still warming up")
    with pytest.raises(UpdateFailed, match="still warming up"):
        stack.up()
    assert sorted((item.id, item.delete) for item in stack.state().resources if item.name == "a") == [
        ("a-1", True),
        ("a-2", False),
    ]
    world.heal()
    stack.up()
    assert set(world.things) == {"a-2"}


def test_invalid_inputs_are_refused_before_anything_happens(cloud: Declare, world: World) -> None:
    """The message says which resource, which property and why."""
    stack = cloud(thing("a", size=-1))
    with pytest.raises(UpdateFailed, match=r"cloud:index:Thing resource 'a': property size: is negative"):
        stack.up()
    assert world.log == []


def test_two_resources_of_one_name_are_refused(cloud: Declare) -> None:
    """A URN stands for one resource."""
    with pytest.raises(UpdateFailed, match="Duplicate resource URN"):
        cloud(thing("a"), thing("a")).up()
