"""The example of this repository under the policy pack, in every environment."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from sluice_sandbox.aws import supervisor
from sluice_sandbox.local import LocalSandbox
from tests.policies.conftest import PACK
from tests.support.example import REPOSITORY, copy_example


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalSandbox]:
    """A copy of the example, with an AWS of its own."""
    sandbox = LocalSandbox.here(copy_example(tmp_path_factory.mktemp("example") / "project"))
    yield sandbox
    supervisor.stop(sandbox.aws_home)


def _all_mandatory(environment: str, folder: Path) -> Path:
    """Writes an environment's configuration with every level mandatory; its settings stay."""
    given = json.loads((PACK / "config" / f"{environment}.json").read_text())
    settings = {
        name: {key: it for key, it in entry.items() if key != "enforcementLevel"}
        for name, entry in given.items()
        if isinstance(entry, dict)
    }
    file = folder / f"{environment}.json"
    file.write_text(json.dumps({"all": "mandatory", **settings}))
    return file


@pytest.mark.parametrize("environment", ["local", "dev", "staging", "prod"])
def test_the_example_keeps_to_all_policies(environment: str, project: LocalSandbox, tmp_path: Path) -> None:
    """With every level mandatory."""
    stack = project.stack(environment, [PACK], policy_pack_configs=[_all_mandatory(environment, tmp_path)])
    result = stack.preview()
    assert result.errors() == ""
    assert [(it.policy, it.message) for it in result.violations] == []
    assert result.packs == ["sluice"]
    assert result.succeeded


@pytest.mark.parametrize("environment", ["local", "prod"])
def test_what_was_made_is_as_good_as_what_was_planned(environment: str, project: LocalSandbox, tmp_path: Path) -> None:
    """Looked at again when nothing is unknown any more: by the engine, and as an export without it."""
    stack = project.stack(environment, [PACK], policy_pack_configs=[_all_mandatory(environment, tmp_path)])
    for result in (stack.up(), stack.preview()):
        assert result.errors() == ""
        assert result.violations == []
        assert result.succeeded
    exported = tmp_path / "state.json"
    exported.write_text(json.dumps(stack.export()))

    from configuration import read_configuration
    from discovery import discover
    from state_check import check_state, read_export

    rules = list(discover())
    configuration = read_configuration(_all_mandatory(environment, tmp_path), rules)
    assert list(check_state(read_export(exported), rules, configuration)) == []


def test_the_small_example_keeps_to_all_policies(tmp_path: Path) -> None:
    """One model version behind an endpoint, as development has it; YAML and TypeScript declare the same."""
    left_out = shutil.ignore_patterns("node_modules", "sdks", "__pycache__", ".sluice")
    shutil.copytree(REPOSITORY / "examples", tmp_path / "examples", ignore=left_out)
    # What manifests name, they name from the project's folder.
    shutil.copy(REPOSITORY / "Pulumi.yaml", tmp_path)
    sandbox = LocalSandbox.here(tmp_path / "examples" / "python")
    configs = [_all_mandatory("dev", tmp_path)]
    try:
        result = sandbox.stack("dev", [PACK], policy_pack_configs=configs).preview()
    finally:
        supervisor.stop(sandbox.aws_home)
    assert result.errors() == ""
    assert [(it.policy, it.message) for it in result.violations] == []
