"""What programs can do besides declaring resources, and what they are refused."""

import re
from collections.abc import Callable
from typing import Any

import pulumi
import pytest
from pulumi.provider.experimental import provider as sdk

from sluice_sandbox.errors import UpdateFailed
from sluice_sandbox.harness import Sandbox
from tests.support.cloud import Cloud, World


class Thing(pulumi.CustomResource):
    """A thing in the small cloud."""

    out: pulumi.Output[str]

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None, **props: Any) -> None:
        super().__init__("cloud:index:Thing", name, {**props, "out": None}, opts)


@pytest.fixture
def providers(world: World) -> dict[str, Callable[[], sdk.Provider]]:
    return {"cloud": lambda: Cloud(world)}


def test_outputs_are_unknown_in_a_preview(sandbox: Sandbox, providers: Any) -> None:
    """What only creation tells is unknown before; nothing that hangs on it runs."""
    seen = []

    def program() -> None:
        Thing("a").out.apply(seen.append)

    stack = sandbox.stack(program, providers=providers)
    stack.preview()
    assert seen == []
    stack.up()
    stack.preview()
    assert seen == ["a:0", "a:0"]


def test_a_resource_that_exists_is_read(sandbox: Sandbox, providers: Any, world: World) -> None:
    """It can be used like one's own, and is never deleted."""

    def program() -> None:
        theirs = Thing.__new__(Thing)
        pulumi.CustomResource.__init__(
            theirs, "cloud:index:Thing", "theirs", {"out": None}, pulumi.ResourceOptions(id="other-1")
        )
        pulumi.export("out", theirs.out)

    stack = sandbox.stack(program, providers=providers)
    with pytest.raises(UpdateFailed, match="'other-1' does not exist"):
        stack.up()
    with world.open() as content:
        content["things"]["other-1"] = {"out": "of others"}
    result = stack.up()
    assert result.step("theirs").op == "read"
    assert result.outputs == {"out": "of others"}
    stack.destroy()
    assert set(world.things) == {"other-1"}


def test_a_function_is_invoked(sandbox: Sandbox, providers: Any) -> None:
    """Its result comes from the provider, and so does the reason for a refusal."""
    key = "good"

    def program() -> None:
        answer = pulumi.runtime.invoke("cloud:index:lookup", {"key": key}).value
        pulumi.export("answer", answer["value"])

    stack = sandbox.stack(program, providers=providers)
    assert stack.up().outputs == {"answer": "value of good"}
    key = "bad"
    with pytest.raises(UpdateFailed, match="is bad"):
        stack.up()


def _import() -> None:
    Thing("a", pulumi.ResourceOptions(import_="a-1"))


def _stack_reference() -> None:
    pulumi.StackReference("organization/other/dev")


def _transform() -> None:
    pulumi.runtime.register_resource_transform(lambda args: None)


def _resource_transform() -> None:
    Thing("a", pulumi.ResourceOptions(transforms=[lambda args: None]))


def _hook() -> None:
    hook = pulumi.ResourceHook("notify", lambda args: None)
    Thing("a", pulumi.ResourceOptions(hooks=pulumi.ResourceHookBinding(after_create=[hook])))


class _Remote(pulumi.ComponentResource):
    def __init__(self, name: str) -> None:
        super().__init__("cloud:index:Remote", name, {}, None, remote=True)


def _remote() -> None:
    _Remote("a")


def _url() -> None:
    Thing("a", pulumi.ResourceOptions(plugin_download_url="https://example.com"))


def _unknown_provider() -> None:
    pulumi.CustomResource("gcp:storage/bucket:Bucket", "a", {})


@pytest.mark.parametrize(
    ("program", "feature"),
    [
        (_import, "importing resources"),
        (_stack_reference, "stack references"),
        (_transform, "transforms"),
        (_resource_transform, "transforms"),
        (_hook, "hooks"),
        (_remote, "remote components"),
        (_url, "the `plugin_download_url`"),
        (_unknown_provider, "the provider 'gcp'"),
    ],
)
def test_what_the_engine_does_not_have_is_refused_by_name(
    sandbox: Sandbox, providers: Any, world: World, program: Callable[[], None], feature: str
) -> None:
    """The error names the feature and points to the CLI; nothing is ignored, nothing is made."""
    stack = sandbox.stack(program, providers=providers)
    result = stack.preview()
    assert not result.succeeded
    assert re.search(rf"does not support .*{feature}", result.errors())
    assert "Pulumi CLI" in result.errors()
    with pytest.raises(UpdateFailed, match="does not support"):
        stack.up()
    assert world.things == {}


def test_a_failing_program_shows_its_own_code(sandbox: Sandbox) -> None:
    """The traceback has the lines of the program, and none of the SDK's or the engine's."""

    def program() -> None:
        raise ValueError("no such model")

    errors = sandbox.stack(program).preview().errors()
    assert "ValueError: no such model" in errors
    assert "test_programs.py" in errors
    assert "pulumi/runtime" not in errors


def test_logs_of_a_program_are_told(sandbox: Sandbox) -> None:
    """`pulumi.warn` reaches the user; `pulumi.error` makes the update fail."""

    def warns() -> None:
        pulumi.warn("beware")

    def errs() -> None:
        pulumi.error("this cannot be")

    assert [item.message for item in sandbox.stack(warns).up().diagnostics] == ["beware"]
    with pytest.raises(UpdateFailed, match="this cannot be"):
        sandbox.stack(errs).up()


def test_an_asynchronous_program_is_awaited(sandbox: Sandbox, providers: Any, world: World) -> None:
    """A program may be a coroutine function."""

    async def program() -> None:
        Thing("a")

    sandbox.stack(program, providers=providers).up()
    assert set(world.things) == {"a-1"}
