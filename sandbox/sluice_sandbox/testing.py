"""
A pytest plugin: life cycles of Pulumi programs in tests, not only mocks.

    def test_a_bucket_is_renamed_by_replacing_it(sandbox):
        stack = sandbox.stack(program, config={"name": "old"})
        stack.up()
        stack.config["name"] = "new"
        assert stack.preview().step("data").op == "replace"

`program` is a function that declares resources, or the folder of a Pulumi program. The `aws` package is served by an
AWS that lives as long as the test session and is empty at the start of every test that uses it.
"""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from sluice_sandbox.aws.supervisor import Aws
    from sluice_sandbox.harness import Sandbox


@pytest.fixture(scope="session")
def _sandbox_aws_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    home = tmp_path_factory.mktemp("sandbox-aws")
    yield home
    from sluice_sandbox.aws import supervisor

    supervisor.stop(home)


class _LazyAws:
    """The AWS of one test, started and emptied when first asked for, by whichever thread asks."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._lock = threading.Lock()
        self._aws: Aws | None = None

    def get(self) -> "Aws":
        from sluice_sandbox.aws import supervisor

        with self._lock:
            if self._aws is None:
                self._aws = supervisor.start(self._home)
                self._aws.reset()
            return self._aws

    def leave(self) -> None:
        """Lets time go on for the next test."""
        if self._aws is not None:
            self._aws.run_clock()


@pytest.fixture
def _lazy_aws(_sandbox_aws_home: Path) -> Iterator[_LazyAws]:
    lazy = _LazyAws(_sandbox_aws_home)
    yield lazy
    lazy.leave()


@pytest.fixture
def sandbox_aws(_lazy_aws: _LazyAws) -> "Aws":
    """An AWS of this test's own: empty, with a running clock, and quick."""
    return _lazy_aws.get()


@pytest.fixture
def sandbox(tmp_path: Path, _lazy_aws: _LazyAws) -> "Sandbox":
    """Makes stacks on the sandbox engine; see the module."""
    from sluice_sandbox.harness import Sandbox

    return Sandbox(tmp_path / "sandbox", _lazy_aws.get)
