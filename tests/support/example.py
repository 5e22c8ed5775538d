"""The example of this repository, in a folder of a test's own."""

import shutil
import subprocess
import sys
from pathlib import Path

from ruamel.yaml import YAML

from sluice_sandbox.cli_home import exports
from sluice_sandbox.local import LocalSandbox
from tests.support.cli import CliResult, CliStack

REPOSITORY = Path(__file__).parents[2]


class Example(CliStack):
    """The example under the CLI, served by the sandbox as `sluice sandbox serve` sets it up."""

    @classmethod
    def of(cls, sandbox: LocalSandbox, name: str = "local") -> "Example":
        """Returns a stack; starts the sandbox's AWS."""
        root = sandbox.project.root
        example = cls(root, root, environment=exports(sandbox), name=name)
        example.run("stack", "select", "--create", name)
        return example

    def __post_init__(self) -> None:
        return

    def operate(self, command: str, *options: str) -> CliResult:
        return self.follow(command, *options, "--stack", self.name)

    def _own(self) -> dict[str, str]:
        return {}


def copy_example(folder: Path) -> Path:
    """Makes a folder a project with the example's program, trained models and policies; returns it."""
    left_out = shutil.ignore_patterns("build", "__pycache__")
    for name in ("stacks", "policies"):
        shutil.copytree(REPOSITORY / name, folder / name, ignore=left_out)
    document = YAML(typ="safe").load(REPOSITORY / "Pulumi.yaml")
    document["runtime"]["options"]["virtualenv"] = sys.prefix
    YAML(typ="safe").dump(document, folder / "Pulumi.yaml")
    (folder / "components").mkdir()
    for name in ("PulumiPlugin.yaml", "__main__.py"):
        shutil.copy(REPOSITORY / "components" / name, folder / "components")
    for name in ("policies/PulumiPolicy.yaml", "components/PulumiPlugin.yaml"):
        settings = folder / name
        settings.write_text(settings.read_text().replace("../.venv", sys.prefix))
    trained = [sys.executable, "stacks/models/digits/train.py"]
    subprocess.run(trained, cwd=folder, check=True, capture_output=True)
    return folder
