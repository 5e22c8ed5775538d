"""The examples in each language go up and down under the CLI, on the sandbox's AWS."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from sluice.provider.construction import Components
from sluice.provider.schema import package_schema
from sluice_sandbox.aws import supervisor
from sluice_sandbox.cli_home import exports
from sluice_sandbox.local import LocalSandbox
from tests.support.cli import CliResult
from tests.support.example import REPOSITORY, Example

STACK = "dev"
AS_PYTHON = """
from pathlib import Path
from tests.support.yaml_program import run

run(Path(__file__).parent / "declared.yaml")
"""
Run = Callable[[str], Example]


@pytest.fixture
def examples(tmp_path: Path) -> Path:
    """A copy of the examples beside one of the plugin; what is in `examples` is tried as it is."""
    ignored = shutil.ignore_patterns("node_modules", "sdks", "__pycache__", ".sluice")
    shutil.copytree(REPOSITORY / "examples", tmp_path / "examples", ignore=ignored)
    # What manifests name, they name from the project's folder.
    shutil.copy(REPOSITORY / "Pulumi.yaml", tmp_path)
    plugin = tmp_path / "components"
    plugin.mkdir()
    shutil.copy(REPOSITORY / "components" / "__main__.py", plugin)
    settings = (REPOSITORY / "components" / "PulumiPlugin.yaml").read_text()
    (plugin / "PulumiPlugin.yaml").write_text(settings.replace("../.venv", sys.prefix))
    in_python = tmp_path / "examples" / "python" / "Pulumi.yaml"
    in_python.write_text(in_python.read_text().replace("../../.venv", sys.prefix))
    return tmp_path / "examples"


@pytest.fixture
def opened(pulumi: None, examples: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Opens an example's stack under the CLI, with a sandbox's AWS of its own."""
    for name in ("PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"):
        monkeypatch.delenv(name, raising=False)
    sandboxes: list[LocalSandbox] = []

    def open_stack(language: str) -> Example:
        folder = examples / language
        sandboxes.append(LocalSandbox.here(folder))
        environment = {**exports(sandboxes[-1]), "PYTHONPATH": str(REPOSITORY)}
        example = Example(folder, folder, environment=environment, name=STACK)
        example.run("stack", "select", "--create", STACK)
        return example

    yield open_stack
    for sandbox in sandboxes:
        supervisor.stop(sandbox.aws_home)


def test_python(opened: Run) -> None:
    """The example in Python is deployed, is stable, and is removed wholly."""
    _lives(opened("python"))


def test_yaml(opened: Run) -> None:
    """The example in YAML is deployed by the plugin's components, is stable, and is removed wholly."""
    if shutil.which("pulumi-language-yaml") is None:
        pytest.skip("the YAML language host is not on PATH; it comes with the Pulumi CLI's own downloads")
    _lives(opened("yaml"))


def test_what_yaml_declares(opened: Run, examples: Path) -> None:
    """What the example in YAML declares is made by the plugin's components, whoever asks for it."""
    _in_python(examples / "yaml")
    _lives(opened("yaml"))


def test_a_refusal_is_told_plainly(opened: Run, examples: Path) -> None:
    """All that a component refuses is in one message at the preview, and no traceback of the plugin's."""
    declared = _in_python(examples / "yaml")
    declared.write_text(declared.read_text().replace("blue: 100", "blue: 50").replace("ml.m5.large", "m5"))
    planned = opened("yaml").preview()
    assert not planned.succeeded
    _, _, told = planned.text.rpartition("error: sluice:index:ModelEndpoint resource 'parity' has a problem: ")
    lines = told.splitlines()
    assert lines[0] == "ModelEndpoint 'parity': 2 problems"
    assert any("traffic sums to 50" in line for line in lines[1:3]), told
    assert any("'m5'" in line for line in lines[1:3]), told
    assert "sluice/model_endpoint.py" not in planned.text


def test_what_decides_must_be_known(opened: Run, examples: Path) -> None:
    """A manifest whose path only a deployment would tell is refused at the preview, by its name."""
    declared = _in_python(examples / "yaml")
    declared.write_text(declared.read_text().replace("../models/parity/v1.model.yaml", "${models.keyArn}"))
    planned = opened("yaml").preview()
    assert not planned.succeeded
    assert "ModelVersion 'parity-1': 1 problem\n      manifest is not known yet" in planned.text


def test_a_page_shows_the_alarms_that_a_guard_comes_to_have(opened: Run, examples: Path) -> None:
    """The plugin's dashboard takes another component's output as it is, which no preview knows."""
    declared = _in_python(examples / "yaml")
    document = YAML(typ="safe").load(declared)
    version = document["resources"]["parity"]["properties"]["variants"]["blue"]["version"]
    shared = {"endpoint": "parity", "versions": {"blue": version, "green": version}, "baseline": "blue"}
    document["resources"] |= {
        "journal": {"type": "sluice:RolloutJournal", "properties": {"forceDestroy": True}},
        "guard": {
            "type": "sluice:RollbackGuard",
            "properties": {**shared, "journalTableArn": "${journal.tableArn}", "journalKeyArn": "${journal.keyArn}"},
        },
        "page": {
            "type": "sluice:EndpointDashboard",
            "properties": {**shared, "owner": "ml-platform", "alarms": "${guard.alarmNames}"},
        },
    }
    declared.write_text(json.dumps(document))
    example = opened("yaml")
    planned = example.preview()
    assert planned.succeeded, planned.text
    _lives(example, shows=f":alarm:parity-{STACK}-green-errors")


def test_typescript(pulumi: None, examples: Path) -> None:
    """The example in TypeScript agrees with the SDK that the CLI generates from the schema."""
    for tool in ("pulumi-language-nodejs", "node", "npm"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not on PATH; the SDK for TypeScript is generated and checked with it")
    folder = examples / "typescript"
    schema = folder / "schema.json"
    # From a file: of a plugin's folder, the CLI would change the virtual environment.
    schema.write_text(package_schema(Components("0.1.0")))
    out = folder / "generated"
    _done(["pulumi", "package", "gen-sdk", str(schema), "--language", "nodejs", "--out", str(out)], folder)
    (folder / "sdks").mkdir()
    shutil.move(out / "nodejs", folder / "sdks" / "sluice")
    install = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline"]
    installed = subprocess.run(install, cwd=folder, capture_output=True, text=True, timeout=100, check=False)
    if installed.returncode:
        pytest.skip(f"npm cannot install the example's packages here: {installed.stderr[-300:]}")
    _done(["npx", "--no-install", "tsc", "--project", "."], folder)


def _lives(example: Example, shows: str = "") -> None:
    made = example.up()
    assert made.succeeded, made.text
    boards = [it for it in example.export()["deployment"]["resources"] if it["type"].endswith(":Dashboard")]
    assert [shows in it["outputs"]["dashboardBody"] for it in boards] == [True] * bool(shows)
    outputs: dict[str, Any] = json.loads(example.run("stack", "output", "--json", "--stack", STACK).stdout)
    assert outputs == {"endpoint": f"parity-{STACK}", "versions": {"blue": "parity@1 sha256:2f1dcb2e365c"}}
    assert _kinds(made) >= {"ModelEndpoint", "ModelVersion", "LiveEndpoint", "ModelPackage", "CheckpointStore"}
    again = example.operate("preview", "--expect-no-changes")
    assert again.succeeded, again.text
    gone = example.destroy()
    assert gone.succeeded, gone.text
    assert not example.export()["deployment"].get("resources")


def _kinds(result: CliResult) -> set[str]:
    return {urn.split("::")[2].rpartition(":")[2] for urn, ops in result.ops.items() if "create" in ops}


def _in_python(folder: Path) -> Path:
    """Makes the example in YAML a program in Python that registers what it declares; returns the declarations."""
    project, declared = folder / "Pulumi.yaml", folder / "declared.yaml"
    document = YAML(typ="safe").load(project)
    shutil.move(project, declared)
    runtime = {"name": "python", "options": {"toolchain": "pip", "virtualenv": sys.prefix}}
    kept = {"name": document["name"], "runtime": runtime, "plugins": document["plugins"]}
    project.write_text(json.dumps(kept))
    (folder / "__main__.py").write_text(AS_PYTHON)
    return declared


def _done(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, f"{' '.join(command)}:\n{done.stdout}{done.stderr}"
