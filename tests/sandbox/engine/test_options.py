"""What resource options do."""

import pytest

from sluice_sandbox.engine.values import is_secret
from sluice_sandbox.errors import UpdateFailed
from tests.conftest import Declare, thing
from tests.support.cloud import World


def test_a_protected_resource_is_not_deleted(cloud: Declare, world: World) -> None:
    """Dropping it, replacing it and destroying the stack all fail, and say how to unprotect it."""
    stack = cloud(thing("a", kind="x", opts={"protect": True}))
    stack.up()
    for resources in ([], [thing("a", kind="y", opts={"protect": True})]):
        stack.config["resources"] = resources
        assert not stack.preview().succeeded
        with pytest.raises(UpdateFailed, match="remove the `protect` flag"):
            stack.up()
    with pytest.raises(UpdateFailed, match="protected"):
        stack.destroy()
    assert set(world.things) == {"a-1"}
    stack.config["resources"] = [thing("a", kind="x")]
    assert stack.up().step("a").op == "same", "lifting the protection is no change of the resource"
    stack.destroy()
    assert world.things == {}


def test_nothing_that_a_protected_resource_needs_is_deleted(cloud: Declare, world: World) -> None:
    """A destroy that a protected resource refuses stops before what that resource stands on."""
    stack = cloud(thing("a"), thing("b", opts={"protect": True, "depends_on": ["a"]}))
    stack.up()
    with pytest.raises(UpdateFailed):
        stack.destroy()
    assert set(world.things) == {"a-1", "b-1"}


def test_ignored_changes_keep_the_old_value(cloud: Declare, world: World) -> None:
    """Only what is not ignored changes; an ignored property of a new resource is set all the same."""
    opts = {"ignore_changes": ["size", "deep.x"]}
    stack = cloud(thing("a", size=1, deep={"x": 1, "y": 1}, opts=opts))
    stack.up()
    assert world.things["a-1"]["size"] == 1
    stack.config["resources"] = [thing("a", size=2, deep={"x": 2, "y": 2}, opts=opts)]
    assert list(stack.up().step("a").changes) == ["deep.y"]
    assert world.things["a-1"]["deep"] == {"x": 1, "y": 2}


def test_replace_on_changes_replaces_for_what_it_names(cloud: Declare) -> None:
    """Other properties still change in place."""
    opts = {"replace_on_changes": ["deep.x"]}
    stack = cloud(thing("a", deep={"x": 1, "y": 1}, opts=opts))
    stack.up()
    stack.config["resources"] = [thing("a", deep={"x": 1, "y": 2}, opts=opts)]
    assert stack.up().step("a").op == "update"
    stack.config["resources"] = [thing("a", deep={"x": 2, "y": 2}, opts=opts)]
    assert stack.up().step("a").op == "replace"


def test_outputs_can_be_made_secret(cloud: Declare) -> None:
    """An output named in `additional_secret_outputs` is secret in the state and for whatever uses it."""
    opts = {"additional_secret_outputs": ["out"]}
    stack = cloud(thing("a", opts=opts), thing("b", of={"$ref": "a.out"}), exports={"b": {"$ref": "b.of"}})
    stack.config["exports"] = {"a": {"$ref": "a.out"}}
    result = stack.up()
    outputs = {resource.name: resource.outputs for resource in stack.state().resources}
    assert is_secret(outputs["a"]["out"])
    assert is_secret(outputs["b"]["of"])
    assert result.masked_outputs == {"a": "[secret]"}


@pytest.mark.parametrize(
    "alias", [{"name": "old"}, "urn:pulumi:test::test::cloud:index:Thing::old"], ids=["by name", "by URN"]
)
def test_an_alias_keeps_a_renamed_resource(cloud: Declare, world: World, alias: object) -> None:
    """The resource is the same one under its new name, and what depends on it follows."""
    stack = cloud(thing("old", size=1), thing("b", of={"$ref": "old.out"}))
    stack.up()
    stack.config["resources"] = [
        thing("new", size=1, opts={"aliases": [alias]}),
        thing("b", of={"$ref": "new.out"}),
    ]
    assert stack.up().changes == {"same": 3}
    assert set(world.things) == {"old-1", "b-1"}
    (b,) = [resource for resource in stack.state().resources if resource.name == "b"]
    assert b.dependencies == ["urn:pulumi:test::test::cloud:index:Thing::new"]
    stack.config["resources"] = [thing("new", size=1), thing("b", of={"$ref": "new.out"})]
    assert not stack.up().changed, "the alias may go once it has done its work"


def test_children_follow_a_renamed_component(cloud: Declare, world: World) -> None:
    """An alias of a component is one for all that is in it."""
    stack = cloud({"name": "g", "kind": "group"}, thing("a", opts={"parent": "g"}))
    stack.up()
    stack.config["resources"] = [
        {"name": "h", "kind": "group", "opts": {"aliases": [{"name": "g"}]}},
        thing("a", opts={"parent": "h"}),
    ]
    assert stack.up().changes == {"same": 3}
    assert set(world.things) == {"a-1"}


def test_two_resources_cannot_claim_one_past(cloud: Declare) -> None:
    """The error names the alias and both resources."""
    stack = cloud(thing("old"))
    stack.up()
    stack.config["resources"] = [thing(name, opts={"aliases": [{"name": "old"}]}) for name in "ab"]
    with pytest.raises(UpdateFailed, match=r"alias .*::old"):
        stack.up()


def test_a_retained_resource_is_forgotten_and_not_deleted(cloud: Declare, world: World) -> None:
    """It leaves the state and stays in the world."""
    stack = cloud(thing("a", opts={"retain_on_delete": True}))
    stack.up()
    stack.config["resources"] = []
    assert stack.up().step("a").op == "delete"
    assert set(world.things) == {"a-1"}
    assert "delete:a" not in world.log


def test_what_is_deleted_with_another_is_not_deleted_by_itself(cloud: Declare, world: World) -> None:
    """Only when the other goes in the same update; otherwise it is deleted as usual."""
    stack = cloud(thing("a"), thing("b", opts={"deleted_with": "a"}), thing("c", opts={"deleted_with": "a"}))
    stack.up()
    stack.config["resources"] = [thing("a"), thing("b", opts={"deleted_with": "a"})]
    stack.up()
    assert "delete:c" in world.log
    stack.config["resources"] = []
    stack.up()
    assert "delete:b" not in world.log
    assert stack.state().resources != []


def test_timeouts_reach_the_provider_and_the_state(cloud: Declare) -> None:
    """They are recorded in seconds; a text that is no duration is refused."""
    stack = cloud(thing("a", opts={"custom_timeouts": {"create": "1m30s", "delete": "2h"}}))
    stack.up()
    (recorded,) = [resource.custom_timeouts for resource in stack.state().resources if resource.name == "a"]
    assert recorded == {"create": 90, "delete": 7200}
    stack.config["resources"] = [thing("a", opts={"custom_timeouts": {"create": "soon"}})]
    with pytest.raises(UpdateFailed, match="'soon' is not a duration"):
        stack.up()


def test_depends_on_a_component_waits_for_its_children(cloud: Declare, world: World) -> None:
    """A component is done when all within it is."""
    stack = cloud(
        {"name": "g", "kind": "group"}, thing("slow", opts={"parent": "g"}), thing("last", opts={"depends_on": ["g"]})
    )
    world.delay("create:slow", 0.1)
    stack.up()
    assert world.log == ["create:slow", "create:last"]


def test_an_explicit_provider_serves_a_component_s_children(cloud: Declare) -> None:
    """Children take the provider that their component was given."""
    stack = cloud(
        {"name": "p", "kind": "provider", "props": {"zone": "one"}},
        {"name": "g", "kind": "group", "opts": {"providers": ["p"]}},
        thing("a", opts={"parent": "g"}),
        thing("b"),
    )
    stack.up()
    providers = {resource.name: resource.provider for resource in stack.state().resources}
    assert "providers:cloud::p::" in providers["a"]
    assert "providers:cloud::default::" in providers["b"]


def test_a_provider_that_moves_replaces_its_resources(cloud: Declare, world: World) -> None:
    """A change that the provider calls harmless is an update of the provider alone."""

    def declare(zone: str, label: str) -> list[dict[str, object]]:
        return [
            {"name": "p", "kind": "provider", "props": {"zone": zone, "label": label}},
            thing("a", opts={"provider": "p"}),
        ]

    stack = cloud(*declare("one", "x"))
    stack.up()
    stack.config["resources"] = declare("one", "y")
    assert stack.up().changes == {"same": 2, "update": 1}
    stack.config["resources"] = declare("two", "y")
    result = stack.up()
    assert result.step("a").op == "replace"
    assert world.log[-2:] == ["create:a", "delete:a"]
