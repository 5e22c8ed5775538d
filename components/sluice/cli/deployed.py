"""The endpoints that a stack has deployed, and clients of the AWS that they are in."""

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sluice.errors import SluiceError
from sluice.provider.connection import default_region, own_client
from sluice.provider.work import Work
from sluice.rollout.dynamodb import DynamoJournal

_TYPE = "sluice:index:LiveEndpoint"


@dataclass(frozen=True)
class Deployed:
    """One endpoint in a stack's state."""

    inputs: dict[str, Any]
    outputs: dict[str, Any]
    work: Work

    @property
    def name(self) -> str:
        return str(self.inputs["name"])


@dataclass(frozen=True)
class DeployedStack:
    """A stack, as its state tells."""

    name: str
    file: Path
    """Its configuration."""
    endpoints: tuple[Deployed, ...]
    sandboxed: bool

    def one(self, endpoint: str | None) -> Deployed:
        """Returns an endpoint by its name, or its component's; the only one where none is said. Raises SluiceError."""
        wanted = {endpoint, f"{endpoint}-{self.name}"}
        found = [it for it in self.endpoints if endpoint is None or it.name in wanted]
        if len(found) != 1:
            names = ", ".join(it.name for it in self.endpoints) or "none"
            what = "say which endpoint" if endpoint is None else f"there is no endpoint {endpoint}"
            raise SluiceError(f"{what}; the stack {self.name} has: {names}")
        return found[0]


def deployed(cwd: Path, stack: str | None, sandbox: bool | None, aws_port: int = 0) -> DeployedStack:
    """
    Returns a stack of the project that a folder is in: the sandbox's, or what the Pulumi CLI exports.

    Where `sandbox` is not said, it is the sandbox if that has the stack. Raises SluiceError.
    """
    local = _sandbox(cwd, aws_port)
    name = stack if stack is not None else _only(local)
    if sandbox is None:
        sandbox = local is not None and local.place(name).checkpoint.exists()
    if not sandbox:
        return _exported(cwd, name)
    if local is None:
        raise SluiceError("the sandbox is not installed; install it with: pip install 'pulumi-sluice[sandbox]'")
    return _sandboxed(local, name)


def journal_of(endpoint: Deployed) -> DynamoJournal:
    """Returns the journal of an endpoint. Raises SluiceError when it has none."""
    table = endpoint.inputs.get("journal")
    if table is None:
        raise SluiceError(f"{endpoint.name} has no journal; declare a RolloutJournal, and name its table")
    return DynamoJournal(endpoint.work.client("dynamodb", endpoint.inputs["region"]), table)


def _sandbox(cwd: Path, aws_port: int) -> Any:
    try:
        from sluice_sandbox.local import LocalSandbox
    except ModuleNotFoundError:
        return None
    return LocalSandbox.here(cwd, aws_port)


def _only(local: Any) -> str:
    from sluice.cli.sandbox_session import choose

    if local is None:
        raise SluiceError("say which stack with --stack")
    return choose(local, None)


def _sandboxed(local: Any, name: str) -> DeployedStack:
    from sluice_sandbox.aws.session import client
    from sluice_sandbox.engine.values import masked

    endpoint = local.aws_endpoint()
    work = Work(lambda service, region: client(service, region, endpoint))
    found = [(masked(it.inputs), masked(it.outputs)) for it in local.stack(name).state().resources if it.type == _TYPE]
    return DeployedStack(
        name, local.project.stack_file(name), tuple(Deployed(*values, work) for values in found), sandboxed=True
    )


def _exported(cwd: Path, name: str) -> DeployedStack:
    if shutil.which("pulumi") is None:
        raise SluiceError(
            f"the sandbox has no stack {name}, and the Pulumi CLI, which would know it, is not on PATH; "
            "install it, or deploy to the sandbox: sluice sandbox up"
        )
    root, folder = project_of(cwd)
    command = ["pulumi", "stack", "export", "--stack", name, "--cwd", str(root)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SluiceError(f"pulumi stack export --stack {name}: {done.stderr.strip() or done.stdout.strip()}")
    resources = json.loads(done.stdout)["deployment"].get("resources") or []
    work = Work(own_client, region=default_region() or "")
    endpoints = [
        Deployed(it.get("inputs") or {}, it.get("outputs") or {}, work) for it in resources if it["type"] == _TYPE
    ]
    # The CLI accepts a stack as organization/project/stack; its file is named by the last part.
    short = name.rsplit("/", 1)[-1]
    return DeployedStack(short, folder / f"Pulumi.{short}.yaml", tuple(endpoints), sandboxed=False)


def project_of(cwd: Path) -> tuple[Path, Path]:
    """Returns the folder of the project that a folder is in, and that of its stacks' files."""
    from ruamel.yaml import YAML

    from sluice.manifest.load import find_root
    from sluice.manifest.yaml_text import read_text

    root = find_root((cwd / "Pulumi.yaml").absolute())
    document = YAML(typ="safe").load(read_text(root / "Pulumi.yaml")) or {}
    return root, root / str(document.get("stackConfigDir") or "")
