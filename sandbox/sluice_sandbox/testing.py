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


@pytest.fixture
def sandbox_aws(_sandbox_aws_home: Path) -> "Iterator[Aws]":
    """An AWS of this test's own: empty, with a running clock, and quick."""
    from sluice_sandbox.aws import supervisor

    aws = supervisor.start(_sandbox_aws_home)
    aws.reset()
    yield aws
    aws.run_clock()


@pytest.fixture
def sandbox(request: pytest.FixtureRequest, tmp_path: Path) -> "Sandbox":
    """Makes stacks on the sandbox engine; see the module."""
    from sluice_sandbox.harness import Sandbox

    def aws() -> "Aws":
        found: Aws = request.getfixturevalue("sandbox_aws")
        return found

    return Sandbox(tmp_path / "sandbox", aws)
