"""The same program on both engines, side by side."""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sluice_sandbox.aws import supervisor
from sluice_sandbox.engine import values
from sluice_sandbox.engine.diff import Change
from sluice_sandbox.engine.events import Status
from sluice_sandbox.engine.result import Result
from sluice_sandbox.errors import UpdateFailed
from sluice_sandbox.harness import Sandbox, SandboxStack
from sluice_sandbox.local import LocalSandbox
from tests.conftest import PROGRAM
from tests.support.cli import CliResult, CliStack
from tests.support.cloud import Cloud, World
from tests.support.example import copy_example
from tests.support.serving import served

_VOLATILE = ("created", "modified", "sourcePosition", "stackTrace")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@pytest.fixture(scope="session")
def pulumi() -> None:
    if shutil.which("pulumi") is None:
        pytest.skip("the Pulumi CLI is not on PATH; install it to compare the engines: pulumi.com/docs/install")


@dataclass
class Engines:
    """A stack on the sandbox engine and its twin under the CLI, each in a world of its own."""

    sandbox: SandboxStack
    cli: CliStack
    worlds: tuple[World, World]

    def declare(self, *resources: dict[str, Any], **config: Any) -> None:
        """Sets what both programs declare."""
        self.sandbox.config = self.cli.config = {"resources": list(resources), **config}

    def each_world(self, change: Callable[[World], None]) -> None:
        for world in self.worlds:
            change(world)

    def agree(self, operation: str) -> Result:
        """Does the same on both; asserts that the same was done, to the same end, and returns the sandbox's result."""
        ours, theirs = self._ours(operation), self._theirs(operation)
        assert ours.succeeded == theirs.succeeded, f"{ours.errors()}\n---\n{theirs.text}"
        assert _compared(_ops(ours, operation), ours) == _compared(theirs.ops, ours), theirs.text
        assert self.worlds[0].things == self.worlds[1].things
        assert sorted(self.worlds[0].log) == sorted(self.worlds[1].log)
        assert _records(self.sandbox) == _exported(self.cli)
        if operation in ("preview", "up"):
            assert _changes(ours) == theirs.diffs
        return ours

    def _ours(self, operation: str) -> Result:
        try:
            result: Result = getattr(self.sandbox, operation)()
        except UpdateFailed as failed:
            return failed.result
        return result

    def _theirs(self, operation: str) -> CliResult:
        result: CliResult = getattr(self.cli, operation)()
        return result


@pytest.fixture
def engines(pulumi: None, sandbox: Sandbox, tmp_path: Path) -> Iterator[Engines]:
    """Both engines, with nothing declared yet."""
    ours, theirs = World(tmp_path / "ours.json"), World(tmp_path / "theirs.json")
    with ExitStack() as stack:
        port = stack.enter_context(served(Cloud(theirs)))
        cli = CliStack(tmp_path / "cli", PROGRAM, {"cloud": port})
        yield Engines(sandbox.stack(PROGRAM, providers={"cloud": lambda: Cloud(ours)}), cli, (ours, theirs))


@pytest.fixture
def sandboxed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalSandbox]:
    """A copy of the example, with its sandbox; its AWS is stopped afterwards."""
    for name in ("PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"):
        monkeypatch.delenv(name, raising=False)
    local = LocalSandbox.here(copy_example(tmp_path / "project"))
    yield local
    supervisor.stop(local.aws_home)


def _compared(ops: dict[str, list[str]], result: Result) -> dict[str, list[str]]:
    # Once something has failed, whether what stays as it is was looked at yet is a matter of time.
    done = ops if result.succeeded else {urn: kinds for urn, kinds in ops.items() if kinds != ["same"]}
    return _sorted(done)


def _sorted(ops: dict[str, list[str]]) -> dict[str, list[str]]:
    # Independent steps run side by side: their order differs from run to run on either engine.
    return {urn: sorted(done) for urn, done in sorted(ops.items())}


def _ops(result: Result, operation: str) -> dict[str, list[str]]:
    if operation != "refresh":
        return result.ops
    # Of what it could not read, the CLI's log says nothing.
    return {record.urn: [record.op.value] for record in result.steps if record.status is Status.DONE}


def _changes(result: Result) -> dict[str, dict[str, str]]:
    return {
        record.urn: {path: _label(change) for path, change in record.step.changes.items()}
        for record in result.steps
        if record.step.changes and ":Thing" in record.urn
    }


def _label(change: Change) -> str:
    return f"{change.kind.value}-replace" if change.replaces else change.kind.value


def _records(stack: SandboxStack) -> dict[str, Any]:
    state = stack.state()
    records = [resource.to_json(lambda urn, properties: properties) for resource in state.resources]
    return _comparable(records)


def _exported(stack: CliStack) -> dict[str, Any]:
    return _comparable(_revealed(stack.export()["deployment"].get("resources") or []))


def _comparable(records: list[dict[str, Any]]) -> dict[str, Any]:
    """Returns every field of every record under a name of its own, so that a failure shows no more than differs."""
    fields = {}
    for record in records:
        name = f"{record['urn']} {record.get('id', '')} {'old' if record.get('delete') else ''}"
        fields |= {f"{name} {key}": value for key, value in record.items() if key not in _VOLATILE}
    return {_without_uuids(key): _without_uuids(value) for key, value in fields.items()}


def _without_uuids(value: Any) -> Any:
    match value:
        case str():
            return _UUID.sub("<uuid>", value)
        case list():
            return [_without_uuids(item) for item in value]
        case dict():
            return {key: _without_uuids(item) for key, item in value.items()}
    return value


def _revealed(value: Any) -> Any:
    match value:
        case {"plaintext": str(text)}:
            return values.make_secret(json.loads(text))
        case list():
            return [_revealed(item) for item in value]
        case dict():
            return {key: _revealed(item) for key, item in value.items()}
    return value
