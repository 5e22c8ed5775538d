"""The sandbox engine does what the Pulumi CLI does: the same steps, to the same state."""

from typing import Any

from tests.conftest import thing
from tests.engine.conftest import Engines


def test_create_and_leave_alone(engines: Engines) -> None:
    """A new program is created; an unchanged one is left alone; destroying it leaves nothing."""
    engines.declare(
        thing("a", size=1, list=[1, "two", {"three": None}], secret={"$secret": "hush"}),
        thing("b", of={"$ref": "a.out"}, opts={"depends_on": ["a"]}),
        exports={"b": {"$ref": "b.out"}, "hidden": {"$secret": "hush"}},
    )
    engines.agree("preview")
    engines.agree("up")
    assert not engines.agree("up").changed
    engines.agree("destroy")


def test_update(engines: Engines) -> None:
    """Properties that are added, changed and removed, nested ones too, are told by the same paths."""
    engines.declare(thing("a", size=1, gone=1, deep={"x": [1, 2, {"y": 1}]}), thing("b", of={"$ref": "a.out"}))
    engines.agree("up")
    engines.declare(thing("a", size=2, come=1, deep={"x": [1, 3, {"y": 2}, 4]}), thing("b", of={"$ref": "a.out"}))
    engines.agree("preview")
    assert engines.agree("up").step("a").op == "update"


def test_replace(engines: Engines) -> None:
    """A replacement is created before the old one is deleted, and what depends on it moves in between."""

    def declare(kind: str) -> None:
        engines.declare(
            thing("a", kind=kind), thing("b", on={"$ref": "a.id"}), thing("c", kind={"$ref": "a.id"}), thing("d")
        )

    declare("x")
    engines.agree("up")
    declare("y")
    engines.agree("preview")
    assert engines.agree("up").step("c").op == "replace"


def test_replace_on_request_or_by_the_provider_delete_first(engines: Engines) -> None:
    """A delete-before-replace takes along what cannot stay without it."""

    def declare(kind: str) -> None:
        engines.declare(
            thing("a", kind=kind, opts={"delete_before_replace": True}),
            thing("b", on={"$ref": "a.id"}),
            thing("c", kind={"$ref": "a.id"}),
            thing("d", of={"$ref": "c.out"}),
            thing("e", kind=kind, exclusive=True),
        )

    declare("x")
    engines.agree("up")
    declare("y")
    engines.agree("preview")
    engines.agree("up")
    assert not engines.agree("up").changed


def test_refresh_with_drift(engines: Engines) -> None:
    """Both take over what changed and forget what is gone; the next update puts it right."""
    engines.declare(thing("a", size=1), thing("b", size=1), thing("c", opts={"depends_on": ["b"]}), thing("d"))
    engines.agree("up")
    engines.each_world(lambda world: world.drift("a-1", size=5, extra="surprise"))
    engines.each_world(lambda world: world.lose("b-1"))
    engines.agree("refresh")
    engines.agree("preview")
    engines.agree("up")
    engines.agree("refresh")


def test_refresh_that_fails_for_one(engines: Engines) -> None:
    """What could be read is taken over, what could not stays as it was."""
    engines.declare(thing("a", size=1), thing("b", size=1), thing("c", of={"$ref": "b.out"}))
    engines.agree("up")
    engines.each_world(lambda world: world.drift("a-1", size=5))
    engines.each_world(lambda world: world.fail("read:b"))
    assert not engines.agree("refresh").succeeded
    engines.each_world(lambda world: world.heal())
    assert engines.agree("refresh").succeeded


def test_destroy_that_fails_half_way(engines: Engines) -> None:
    """What depends on what is left is gone, what it depends on is there."""
    engines.declare(thing("a"), thing("b", of={"$ref": "a.out"}), thing("c", of={"$ref": "b.out"}))
    engines.agree("up")
    engines.each_world(lambda world: world.fail("delete:b"))
    assert not engines.agree("destroy").succeeded
    engines.each_world(lambda world: world.heal())
    assert engines.agree("destroy").succeeded


def test_a_replacement_in_the_middle_of_others(engines: Engines) -> None:
    """Its dependents that can stay are updated, those that cannot are replaced, and a failing one stops the rest."""

    def declare(kind: str) -> None:
        engines.declare(
            thing("a", kind=kind),
            thing("b", kind={"$ref": "a.id"}),
            thing("c", note={"$ref": "b.id"}),
            thing("d", kind={"$ref": "c.out"}),
        )

    declare("x")
    engines.agree("up")
    declare("y")
    engines.each_world(lambda world: world.fail("update:c"))
    assert not engines.agree("up").succeeded
    engines.each_world(lambda world: world.heal())
    assert engines.agree("up").succeeded
    assert not engines.agree("up").changed


def test_providers_come_and_go(engines: Engines) -> None:
    """A provider lives as long as a resource needs it, and is deleted after the last of them."""
    engines.declare(
        {"name": "p", "kind": "provider", "props": {"zone": "one"}},
        {"name": "q", "kind": "provider", "props": {"zone": {"$ref": "p.id"}}},
        thing("a", opts={"provider": "p"}),
        thing("b", opts={"provider": "q"}),
    )
    engines.agree("preview")
    engines.agree("up")
    engines.declare({"name": "p", "kind": "provider", "props": {"zone": "one"}}, thing("a", opts={"provider": "p"}))
    engines.agree("up")
    engines.agree("refresh")
    engines.agree("destroy")


def test_failure_half_way(engines: Engines) -> None:
    """A failure keeps what is done; the next update does the rest."""
    engines.declare(thing("a"), thing("b", of={"$ref": "a.out"}), thing("c", of={"$ref": "b.out"}))
    engines.each_world(lambda world: world.fail("create:b"))
    assert not engines.agree("up").succeeded
    engines.each_world(lambda world: world.heal())
    assert engines.agree("up").succeeded


def test_failing_update_replacement_and_deletion(engines: Engines) -> None:
    """Whatever step fails, both are left with the same state, and recover from it in the same way."""
    engines.declare(thing("a", size=1), thing("b", kind="x"), thing("c"))
    engines.agree("up")
    for fault, resources in (
        ("update:a", [thing("a", size=2), thing("b", kind="x"), thing("c")]),
        ("create:b", [thing("a", size=2), thing("b", kind="y"), thing("c")]),
        ("delete:b", [thing("a", size=2), thing("b", kind="z"), thing("c")]),
        ("delete:c", [thing("a", size=2), thing("b", kind="z")]),
    ):
        engines.declare(*resources)
        engines.each_world(lambda world, fault=fault: world.fail(fault))  # type: ignore[misc]
        assert not engines.agree("up").succeeded, fault
        engines.each_world(lambda world: world.heal())
        assert engines.agree("up").succeeded, fault
    engines.agree("destroy")


def test_failure_between_deletion_and_creation(engines: Engines) -> None:
    """A delete-before-replace that lost its first half only is completed by the next update."""
    engines.declare(thing("a", kind="x", exclusive=True), thing("b", kind={"$ref": "a.id"}))
    engines.agree("up")
    engines.declare(thing("a", kind="y", exclusive=True), thing("b", kind={"$ref": "a.id"}))
    engines.each_world(lambda world: world.fail("create:a"))
    assert not engines.agree("up").succeeded
    engines.each_world(lambda world: world.heal())
    assert engines.agree("up").succeeded
    assert not engines.agree("up").changed


def test_a_resource_that_did_not_become_ready(engines: Engines) -> None:
    """It is recorded with its reason, and updated the next time."""
    engines.declare(thing("a"), thing("b", of={"$ref": "a.out"}))
    engines.each_world(lambda world: world.fail("init:a", "still warming up"))
    assert not engines.agree("up").succeeded
    engines.each_world(lambda world: world.heal())
    assert engines.agree("up").step("a").op == "update"


def test_a_replacement_that_did_not_become_ready(engines: Engines) -> None:
    """The new one counts; the old one goes with the next update."""
    engines.declare(thing("a", kind="x"))
    engines.agree("up")
    engines.declare(thing("a", kind="y"))
    engines.each_world(lambda world: world.fail("init:a", "still warming up"))
    assert not engines.agree("up").succeeded
    engines.each_world(lambda world: world.heal())
    assert engines.agree("up").succeeded
    assert set(engines.worlds[0].things) == {"a-2"}


def test_a_failing_program(engines: Engines) -> None:
    """What a failing program did not come to declare is not deleted."""
    engines.declare(thing("a"), thing("b"), exports={"x": {"$ref": "a.out"}})
    engines.agree("up")
    engines.declare(thing("a", size=2), fails=True)
    assert not engines.agree("up").succeeded


def test_invalid_inputs(engines: Engines) -> None:
    """A resource that its provider refuses stops both before anything is done."""
    engines.declare(thing("a", size=-1))
    assert not engines.agree("preview").succeeded
    assert not engines.agree("up").succeeded


def test_components_and_aliases(engines: Engines) -> None:
    """Moving resources into a component, and renaming them, keeps them when aliases say so."""
    engines.declare(thing("a"), thing("b"), {"name": "g", "kind": "group"}, thing("c", opts={"parent": "g"}))
    engines.agree("up")
    engines.declare(
        {"name": "h", "kind": "group", "opts": {"aliases": [{"name": "g"}]}},
        thing("a", opts={"parent": "h", "aliases": [{"parent": None}]}),
        thing("renamed", opts={"aliases": [{"name": "b"}]}),
        thing("c", opts={"parent": "h"}),
    )
    engines.agree("preview")
    assert engines.agree("up").changes == {"same": 5}
    engines.agree("up")
    engines.agree("destroy")


def test_explicit_providers(engines: Engines) -> None:
    """A change of provider that the provider calls harmless is an update of the provider only; another replaces all."""

    def declare(**zone: Any) -> None:
        engines.declare(
            {"name": "p", "kind": "provider", "props": zone},
            thing("a", opts={"provider": "p"}),
            {"name": "g", "kind": "group", "opts": {"providers": ["p"]}},
            thing("b", opts={"parent": "g"}),
            thing("c"),
        )

    declare(zone="one", label="x")
    engines.agree("up")
    declare(zone="one", label="y")
    engines.agree("up")
    declare(zone="two", label="y")
    engines.agree("preview")
    engines.agree("up")
    engines.agree("destroy")


def test_a_resource_moves_between_providers(engines: Engines) -> None:
    """A resource whose provider changes from the default to an explicit one is replaced if the providers differ."""
    engines.declare(thing("a"))
    engines.agree("up")
    engines.declare({"name": "p", "kind": "provider", "props": {"zone": "one"}}, thing("a", opts={"provider": "p"}))
    engines.agree("preview")
    engines.agree("up")


def test_protect(engines: Engines) -> None:
    """A protected resource is neither deleted nor replaced until the program releases it."""
    protected = {"protect": True, "depends_on": ["b"]}
    engines.declare(thing("b"), thing("a", kind="x", opts=protected))
    engines.agree("up")
    engines.declare(thing("b", size=3))
    assert not engines.agree("preview").succeeded
    assert not engines.agree("up").succeeded
    engines.declare(thing("b", size=3), thing("a", kind="y", opts=protected))
    assert not engines.agree("up").succeeded
    assert not engines.agree("destroy").succeeded
    engines.declare(thing("b", size=3), thing("a", kind="y", opts={"depends_on": ["b"]}))
    assert engines.agree("up").step("a").op == "replace"


def test_ignore_changes(engines: Engines) -> None:
    """Ignored properties keep what they were; the others change."""
    opts = {"ignore_changes": ["size", "deep.x"]}
    engines.declare(thing("a", size=1, deep={"x": 1, "y": 1}, opts=opts))
    engines.agree("up")
    engines.declare(thing("a", size=2, deep={"x": 2, "y": 2}, opts=opts))
    assert list(engines.agree("up").step("a").changes) == ["deep.y"]


def test_replace_on_changes(engines: Engines) -> None:
    """A named property replaces though the provider would update."""
    engines.declare(thing("a", deep={"x": 1, "y": 1}, opts={"replace_on_changes": ["deep.x"]}))
    engines.agree("up")
    engines.declare(thing("a", deep={"x": 1, "y": 2}, opts={"replace_on_changes": ["deep.x"]}))
    assert engines.agree("up").step("a").op == "update"
    engines.declare(thing("a", deep={"x": 2, "y": 2}, opts={"replace_on_changes": ["deep.x"]}))
    assert engines.agree("up").step("a").op == "replace"


def test_secret_outputs_and_timeouts(engines: Engines) -> None:
    """Outputs named secret are secret in the state, and timeouts are recorded in seconds."""
    opts = {"additional_secret_outputs": ["out"], "custom_timeouts": {"create": "5m", "delete": "1h30m"}}
    engines.declare(thing("a", opts=opts), thing("b", of={"$ref": "a.out"}), exports={"a": {"$ref": "a.out"}})
    engines.agree("up")
    engines.agree("up")


def test_retained_and_deleted_with(engines: Engines) -> None:
    """What is retained, or goes along with another resource, is not deleted by itself."""
    engines.declare(
        thing("a", opts={"retain_on_delete": True}), thing("b"), thing("c", opts={"deleted_with": "b"}), thing("d")
    )
    engines.agree("up")
    engines.declare(thing("d"))
    engines.agree("preview")
    engines.agree("up")


def test_texts_as_assets(engines: Engines) -> None:
    """An asset is compared by its content, and stored by its hash."""
    engines.declare(thing("a", doc={"$text": "one"}))
    engines.agree("up")
    assert not engines.agree("up").changed
    engines.agree("refresh")
    assert not engines.agree("up").changed
    engines.declare(thing("a", doc={"$text": "two"}))
    assert engines.agree("up").step("a").op == "update"
