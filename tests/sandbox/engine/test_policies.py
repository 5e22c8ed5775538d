"""Policy packs on the sandbox engine."""

from collections.abc import Callable
from pathlib import Path

import pytest

from sluice_sandbox.engine.policies import Pack
from sluice_sandbox.errors import SandboxError, UpdateFailed
from sluice_sandbox.harness import SandboxStack
from tests.conftest import Declare, thing
from tests.support.cloud import World

HEAD = "from pulumi_policy import *\n"
SIZE = """
def small(args, report):
    if args.props.get("size", 0) > 10:
        report(f"size is {args.props['size']:g}; make it smaller")
PolicyPack("sizes", [ResourceValidationPolicy("small", "Things are small.", small%s)]%s)
"""
Packed = Callable[..., SandboxStack]


@pytest.fixture
def packed(cloud: Declare, tmp_path: Path) -> Packed:
    """Returns a stack under a pack of the given code."""

    def declare(code: str, *resources: dict[str, object]) -> SandboxStack:
        folder = tmp_path / "pack"
        folder.mkdir(exist_ok=True)
        (folder / "PulumiPolicy.yaml").write_text("runtime: python\n")
        (folder / "__main__.py").write_text(HEAD + code)
        stack = cloud(*resources)
        stack.policy_packs = [folder]
        return stack

    return declare


def test_a_mandatory_policy_stops_before_anything_is_made(packed: Packed, world: World) -> None:
    """The preview tells all violations; the update makes nothing of what violates."""
    level = ", enforcement_level=EnforcementLevel.MANDATORY"
    stack = packed(SIZE % ("", level), thing("a", size=20), thing("b", size=30), thing("c", size=1))
    shown = stack.preview()
    assert not shown.succeeded
    assert {(item.pack, item.policy, item.urn.rpartition("::")[2]) for item in shown.violations} == {
        ("sizes", "small", "a"),
        ("sizes", "small", "b"),
    }
    assert {item.message for item in shown.violations} == {
        "Things are small.\nsize is 20; make it smaller",
        "Things are small.\nsize is 30; make it smaller",
    }
    with pytest.raises(UpdateFailed):
        stack.up()
    assert not {"create:a", "create:b"} & set(world.log)


def test_an_advisory_policy_only_tells(packed: Packed, world: World) -> None:
    """The update goes on."""
    stack = packed(SIZE % ("", ""), thing("a", size=20))
    (violation,) = stack.up().violations
    assert not violation.mandatory
    assert set(world.things) == {"a-1"}


def test_a_disabled_policy_is_not_asked(packed: Packed) -> None:
    """Its own level goes before the pack's."""
    code = SIZE % (", EnforcementLevel.DISABLED", ", enforcement_level=EnforcementLevel.MANDATORY")
    assert packed(code, thing("a", size=20)).up().violations == []


def test_a_stack_policy_sees_everything_together(packed: Packed, world: World) -> None:
    """With what depends on what; a mandatory violation fails the preview."""
    code = """
def lonely(args, report):
    for resource in args.resources:
        if resource.resource_type == "cloud:index:Thing" and not resource.dependencies:
            report(f"{resource.name} depends on nothing", resource.urn)
PolicyPack("graph", [StackValidationPolicy("company", "Nobody is alone.", lonely, EnforcementLevel.MANDATORY)])
"""
    stack = packed(code, thing("a"), thing("b", of={"$ref": "a.out"}))
    shown = stack.preview()
    assert not shown.succeeded
    (violation,) = shown.violations
    assert violation.message.endswith("a depends on nothing")
    assert violation.urn.endswith("Thing::a")


def test_a_remediation_changes_the_inputs(packed: Packed, world: World) -> None:
    """What the policy returns is what is made, and the user is told."""
    code = """
def shrink(args):
    return {**args.props, "size": 1}
PolicyPack("sizes", [ResourceValidationPolicy("small", "Things are small.", remediate=shrink,
    enforcement_level=EnforcementLevel.REMEDIATE)])
"""
    result = packed(code, thing("a", size=20)).up()
    assert world.things["a-1"]["size"] == 1
    assert "small remedied this resource" in result.diagnostics[0].message


def test_what_is_not_known_cannot_be_judged_yet(packed: Packed) -> None:
    """A policy that looks at an unknown is said not to have run in the preview, and runs in the update."""
    code = """
def look(args, report):
    if args.props.get("of") == "a:20":
        report("it is of a big one")
PolicyPack("sizes", [ResourceValidationPolicy("look", "Looks.", look, EnforcementLevel.MANDATORY)])
"""
    stack = packed(code, thing("a", size=20), thing("b", of={"$ref": "a.out"}))
    shown = stack.preview()
    assert shown.succeeded
    (said,) = shown.violations
    assert "can't run policy 'look' during preview" in said.message
    with pytest.raises(UpdateFailed):
        stack.up()


def test_a_policy_that_crashes_has_not_passed(packed: Packed) -> None:
    """A mandatory one fails the preview, and its error is told."""
    code = """
def crash(args, report):
    raise KeyError("oops")
PolicyPack("broken", [ResourceValidationPolicy("crash", "Crashes.", crash, EnforcementLevel.MANDATORY)])
"""
    shown = packed(code, thing("a")).preview()
    assert not shown.succeeded
    assert "the policy itself failed: KeyError: 'oops'" in shown.violations[0].message


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("raise RuntimeError('no luck')", "fails to load: no luck"),
        ("", "makes 0 PolicyPacks; it must make one"),
        ("for name in 'ab': PolicyPack(name, [ResourceValidationPolicy('x', 'D.', print)])", "makes 2 PolicyPacks"),
    ],
)
def test_a_pack_that_is_none(packed: Packed, code: str, message: str) -> None:
    """The error names the pack's folder or file."""
    with pytest.raises(SandboxError, match=message):
        packed(code, thing("a")).preview()


def test_a_folder_without_a_pack(tmp_path: Path) -> None:
    """It says what a pack needs."""
    with pytest.raises(SandboxError, match=r"it needs PulumiPolicy\.yaml and __main__\.py"):
        Pack.load(tmp_path)
