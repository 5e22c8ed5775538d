"""What the sandbox engine makes of policies; `tests/engine` has the CLI say the same."""

from pathlib import Path

import pytest

from sluice_sandbox.engine import values
from sluice_sandbox.engine.display import summary
from sluice_sandbox.engine.policies import Pack
from sluice_sandbox.errors import SandboxError, UpdateFailed
from sluice_sandbox.harness import SandboxStack
from tests.conftest import Declare, thing
from tests.policies.packs import CRASH, HEAD, PACKS, REFUSED
from tests.support.cloud import World


@pytest.fixture
def stack(cloud: Declare) -> SandboxStack:
    """Two things, one with a secret; the other comes from it."""
    return cloud(thing("a", size=1, password={"$secret": "hush-hush"}), thing("b", of={"$ref": "a.out"}))


def _pack(folder: Path, code: str) -> Path:
    folder.mkdir()
    (folder / "PulumiPolicy.yaml").write_text("runtime: python\n")
    (folder / "__main__.py").write_text(HEAD + code)
    return folder


@pytest.mark.parametrize("name", PACKS)
def test_what_is_said(name: str, stack: SandboxStack, tmp_path: Path) -> None:
    """Levels, resources and messages are as the pack says; a mandatory one, and no other, fails the preview."""
    code, said = PACKS[name]
    stack.policy_packs = [_pack(tmp_path / "pack", code)]
    result = stack.preview()
    assert [
        (item.level, item.policy, item.urn.rpartition("::")[2], item.message.splitlines()[-1])
        for item in result.violations
    ] == said
    assert result.succeeded is not any(level == "mandatory" for level, *_ in said)


def test_a_policy_that_crashes_fails_the_deployment(stack: SandboxStack, world: World, tmp_path: Path) -> None:
    """Though it would only have advised: nobody knows what it would have said."""
    stack.policy_packs = [_pack(tmp_path / "pack", CRASH)]
    assert not stack.preview().succeeded
    with pytest.raises(UpdateFailed) as failed:
        stack.up()
    assert "the policy itself failed: KeyError: 'oops'" in failed.value.result.violations[0].message
    assert world.things == {}


@pytest.mark.parametrize("kind", ["ResourceValidationPolicy", "StackValidationPolicy"])
def test_a_policy_that_exits_has_not_passed(kind: str, stack: SandboxStack, tmp_path: Path) -> None:
    """Not even with 0: it must not end the command as if all were well."""
    code = f"""
def check(args, report):
    raise SystemExit(0)
PolicyPack("p", [{kind}("x", "D.", check, A)])
"""
    stack.policy_packs = [_pack(tmp_path / "pack", code)]
    result = stack.preview()
    assert not result.succeeded
    assert {item.message.splitlines()[-1] for item in result.violations} == {"the policy itself failed: SystemExit: 0"}


@pytest.mark.parametrize("name", REFUSED)
def test_a_pack_that_the_cli_would_not_start(name: str, tmp_path: Path) -> None:
    """It is refused before anything runs, with its folder and the reason."""
    code, reason = REFUSED[name]
    folder = _pack(tmp_path / "pack", code)
    with pytest.raises(SandboxError, match=reason) as refused:
        Pack.load(folder)
    assert str(folder) in str(refused.value)


def test_what_stops_a_deployment_is_shown_first(stack: SandboxStack, tmp_path: Path) -> None:
    """Then by policy, then by resource: the order does not hang on which resource was looked at first."""
    code = """
def check(args, report):
    if args.name in ("a", "b"):
        report("not good")
PolicyPack("p", [
    ResourceValidationPolicy("told", "D.", check, A),
    ResourceValidationPolicy("stops-too", "D.", check, M),
    ResourceValidationPolicy("stops", "D.", check, M),
])
"""
    stack.policy_packs = [_pack(tmp_path / "pack", code)]
    shown = [line.plain.split() for line in summary.policy_lines(stack.preview()) if "- [" in line.plain]
    assert [(level, policy, name) for _, level, policy, _, name in shown] == [
        (level, policy, name)
        for level, policy in (("[mandatory]", "stops"), ("[mandatory]", "stops-too"), ("[advisory]", "told"))
        for name in ("a)", "b)")
    ]


def test_a_message_does_not_tell_a_secret(stack: SandboxStack, tmp_path: Path) -> None:
    """Policies see secrets in the clear; whoever reads what they say does not."""
    code = """
def check(args, report):
    if args.name == "a":
        report(f"password is {args.props['password']}")
PolicyPack("p", [ResourceValidationPolicy("x", "D.", check, A)])
"""
    stack.policy_packs = [_pack(tmp_path / "pack", code)]
    assert [item.message for item in stack.preview().violations] == ["D.\npassword is [secret]"]


def test_a_remediation_keeps_secrets(stack: SandboxStack, world: World, tmp_path: Path) -> None:
    """A secret that it leaves alone, or gives another value, is made as it says and stored as a secret."""
    code = """
def change(args):
    if args.name == "a":
        args.props["size"] = 2
        return args.props
def renew(args):
    if args.name == "a":
        args.props["password"] = "hush-more"
        return args.props
PolicyPack("p", [
    ResourceValidationPolicy("x", "D.", enforcement_level=R, remediate=change),
    ResourceValidationPolicy("y", "D.", enforcement_level=R, remediate=renew),
])
"""
    stack.policy_packs = [_pack(tmp_path / "pack", code)]
    stack.up()
    assert world.things["a-1"] == {"size": 2, "password": "hush-more", "out": "a:2"}
    (stored,) = [resource for resource in stack.state().resources if resource.name == "a"]
    assert stored.inputs["password"] == values.make_secret("hush-more")
    assert "hush" not in stack.place.checkpoint.read_text()


def test_a_pack_without_the_configuration_that_it_needs(tmp_path: Path) -> None:
    """It is refused before anything runs, by the policy's name and the key."""
    code = """
NEEDS = PolicyConfigSchema({"limit": {"type": "number"}}, required=["limit"])
PolicyPack("p", [ResourceValidationPolicy("x", "D.", lambda args, report: None, config_schema=NEEDS)])
"""
    with pytest.raises(SandboxError, match="policy x needs limit in its configuration"):
        Pack.load(_pack(tmp_path / "pack", code))
