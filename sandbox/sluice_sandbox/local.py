"""A project's sandbox: the folder `.sluice` beside `Pulumi.yaml`, with states, an AWS and a passphrase of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

from sluice_sandbox.aws import supervisor
from sluice_sandbox.aws.served import served_by
from sluice_sandbox.engine.program import Program
from sluice_sandbox.engine.project import Project, find_project
from sluice_sandbox.engine.registry import Factory
from sluice_sandbox.engine.secrets import Keys
from sluice_sandbox.engine.stack import Stack, StackPlace
from sluice_sandbox.engine.stack_config import encryption_salt, load_config
from sluice_sandbox.errors import SandboxError

if TYPE_CHECKING:
    from sluice_sandbox.engine.policies import Pack

HOME = ".sluice"


@dataclass
class LocalSandbox:
    """The sandbox of one project."""

    project: Project
    aws_port: int = 0
    """Port of its AWS on 127.0.0.1; 0 for any free one."""
    _aws: supervisor.Aws | None = None

    @classmethod
    def here(cls, folder: Path, aws_port: int = 0) -> "LocalSandbox":
        """Returns the sandbox of the project that a folder is in."""
        return cls(find_project(folder.resolve()), aws_port)

    @property
    def home(self) -> Path:
        return self.project.root / HOME

    @property
    def aws_home(self) -> Path:
        return self.home / "aws"

    @property
    def backend(self) -> Path:
        """The folder that the Pulumi CLI takes as `file://` backend to see the same states."""
        return self.home / "state"

    def place(self, name: str) -> StackPlace:
        return StackPlace(self.backend, self.project.name, name)

    def stack(
        self,
        name: str,
        policy_packs: Sequence[Path] = (),
        parallel: int = 16,
        policy_pack_configs: Sequence[Path] = (),
    ) -> Stack:
        """
        Returns one of the project's stacks; configurations of policy packs are for the packs in their order.

        Raises UnknownStack, or InvalidFile with every problem of its configuration.
        """
        self.project.require_runnable()
        if not self.place(name).checkpoint.exists():
            self.project.require_stack(name)
        file = str(self.project.stack_file(name))
        keys = Keys(self.home / "passphrase", encryption_salt(self.project, name), file)
        return Stack(
            name=name,
            project=self.project.name,
            program=Program.from_path(self.project.main),
            place=self.place(name),
            providers=self.providers(),
            config=load_config(self.project, name, keys),
            keys=keys,
            packs=_load(policy_packs, policy_pack_configs),
            parallel=parallel,
            root=self.project.root,
        )

    def providers(self) -> dict[str, Factory]:
        return served_by(self.aws_endpoint)

    def aws(self) -> supervisor.Aws:
        """Returns the sandbox's AWS, started if need be. Raises AwsUnavailable."""
        if self._aws is None:
            self._aws = supervisor.start(self.aws_home, self.aws_port)
        return self._aws

    def aws_endpoint(self) -> str:
        return self.aws().endpoint


def _load(folders: Sequence[Path], configs: Sequence[Path]) -> "list[Pack]":
    if configs and len(configs) != len(folders):
        raise SandboxError(
            f"there are {len(configs)} configurations of {len(folders)} policy packs; "
            "give --policy-pack-config once for each --policy-pack, in their order"
        )
    if not folders:
        return []
    # Only who asks for policies pays for their SDK.
    from sluice_sandbox.engine.policies import Pack

    return [Pack.load(folder, config) for folder, config in zip_longest(folders, configs)]
