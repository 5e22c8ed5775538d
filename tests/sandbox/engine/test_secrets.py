"""Secrets stay secret: on disk, on the screen, in errors."""

import json
from pathlib import Path

import pulumi
import pytest

from sluice_sandbox.engine.secrets import Keys
from sluice_sandbox.errors import UpdateFailed, WrongPassphrase
from sluice_sandbox.harness import Sandbox
from tests.conftest import Declare, thing
from tests.support.cloud import World

HUSH = "correct-horse-battery"


def _texts(folder: Path) -> str:
    return "\n".join(path.read_text() for path in folder.rglob("*") if path.is_file())


def test_no_secret_is_in_the_clear_on_disk(cloud: Declare, world: World) -> None:
    """Neither the state nor its backup has the text, in inputs, outputs, or what other resources derived from it."""
    stack = cloud(
        thing("a", password={"$secret": HUSH}, deep=[{"x": {"$secret": {"y": HUSH}}}]),
        thing("b", of={"$ref": "a.password"}),
        exports={"password": {"$ref": "a.password"}, "b": {"$ref": "b.of"}},
    )
    stack.up()
    stack.up()
    assert world.things["b-1"]["of"] == HUSH, "the provider gets the secret in the clear"
    assert HUSH not in _texts(stack.place.root)
    assert HUSH not in json.dumps(stack.export())


def test_a_changed_secret_is_a_change_that_is_not_told(cloud: Declare) -> None:
    """The diff names the property; its values are masked."""
    stack = cloud(thing("a", password={"$secret": HUSH}))
    stack.up()
    stack.config["resources"] = [thing("a", password={"$secret": "another"})]
    assert list(stack.preview().step("a").changes) == ["password"]


def test_an_unchanged_secret_keeps_its_ciphertext(cloud: Declare) -> None:
    """An update without changes writes the same state, so that states can be compared."""
    stack = cloud(thing("a", password={"$secret": HUSH}))
    stack.up()
    before = stack.export()["deployment"]["resources"]
    stack.up()
    assert stack.export()["deployment"]["resources"] == before


def test_errors_do_not_tell_secrets(cloud: Declare, world: World) -> None:
    """A provider that quotes a secret in its error is not quoted."""
    stack = cloud(thing("a", password={"$secret": HUSH}))
    world.fail("create:a", f"the password {HUSH} is too weak")
    with pytest.raises(UpdateFailed) as failed:
        stack.up()
    assert "the password [secret] is too weak" in str(failed.value)
    assert HUSH not in str(failed.value.result.diagnostics)


def test_a_secret_in_the_configuration_is_not_told_by_a_failing_program(sandbox: Sandbox) -> None:
    """Even when the program itself puts it into its error."""

    def program() -> None:
        raise RuntimeError(f"cannot log in with {pulumi.Config().require('password')}")

    stack = sandbox.stack(program, {"password": HUSH}, secrets=["password"])
    errors = stack.preview().errors()
    assert "cannot log in with [secret]" in errors
    assert HUSH not in errors


def test_a_wrong_passphrase_is_refused(cloud: Declare, monkeypatch: pytest.MonkeyPatch) -> None:
    """The state stays as it is, and the message says which passphrase is asked for."""
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "one")
    stack = cloud(thing("a", password={"$secret": HUSH}))
    stack.up()
    before = stack.place.checkpoint.read_bytes()
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "another")
    with pytest.raises(WrongPassphrase, match="the passphrase is not the one"):
        stack.up()
    assert stack.place.checkpoint.read_bytes() == before


def test_a_passphrase_file_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Instead of a traceback, the variable and the file."""
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE", raising=False)
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE_FILE", str(tmp_path / "nowhere"))
    with pytest.raises(WrongPassphrase, match=r"PULUMI_CONFIG_PASSPHRASE_FILE names .*nowhere"):
        Keys().ensure()


def test_a_made_up_passphrase_is_only_the_owner_s(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who sets no passphrase gets one that nobody else on the machine can read."""
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE", raising=False)
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE_FILE", raising=False)
    kept = tmp_path / "passphrase"
    made = Keys(kept).ensure()
    assert len(made) >= 32
    assert Keys(kept).ensure() == made
    assert kept.stat().st_mode & 0o777 == 0o600
