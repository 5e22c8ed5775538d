"""The example of this repository under the policy pack."""

from pathlib import Path

from sluice_sandbox.aws import supervisor
from sluice_sandbox.local import LocalSandbox
from tests.policies.conftest import PACK
from tests.support.example import copy_example


def test_the_example_keeps_to_all_policies(tmp_path: Path) -> None:
    """Planned, made, and looked at again when nothing is unknown any more."""
    sandbox = LocalSandbox.here(copy_example(tmp_path / "project"))
    stack = sandbox.stack("local", [PACK])
    try:
        for result in (stack.preview(), stack.up(), stack.preview()):
            assert result.errors() == ""
            assert result.violations == []
            assert result.packs == ["sluice"]
            assert result.succeeded
    finally:
        supervisor.stop(sandbox.aws_home)
