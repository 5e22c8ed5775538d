"""Stacks for tests: what the pytest plugin hands out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import Any

from pulumi.provider.experimental import provider as sdk

from sluice_sandbox.aws.served import served_by
from sluice_sandbox.aws.supervisor import Aws
from sluice_sandbox.engine.checkpoint import Deployment
from sluice_sandbox.engine.events import Listener
from sluice_sandbox.engine.program import Declare, Program
from sluice_sandbox.engine.result import Result
from sluice_sandbox.engine.secrets import Keys
from sluice_sandbox.engine.stack import Stack, StackPlace
from sluice_sandbox.engine.stack_config import StackConfig, as_text
from sluice_sandbox.errors import UpdateFailed


@dataclass
class SandboxStack:
    """
    One stack of a test. Change `program` or `config` between operations as a person would change files.

    `up`, `refresh` and `destroy` raise UpdateFailed, which has the result, when they do not succeed.
    """

    program: Program
    place: StackPlace
    providers: Mapping[str, Callable[[], sdk.Provider]]
    config: dict[str, Any] = field(default_factory=dict)
    """Without a namespace, a key is the project's. What is no text becomes one as in `Pulumi.<stack>.yaml`."""
    secrets: set[str] = field(default_factory=set)
    """The keys of `config` that are secret."""
    policy_packs: Sequence[Path] = ()
    policy_pack_configs: Sequence[Path] = ()
    """For the packs, in their order."""

    def preview(self, *listeners: Listener) -> Result:
        """Returns what `up` would do; a preview that fails is a result too."""
        return self._stack().preview(*listeners)

    def up(self, *listeners: Listener) -> Result:
        return _succeeded(self._stack().up(*listeners))

    def refresh(self, *listeners: Listener, preview: bool = False, clear_pending_creates: bool = False) -> Result:
        stack = self._stack()
        return _succeeded(stack.refresh(*listeners, preview=preview, clear_pending_creates=clear_pending_creates))

    def destroy(self, *listeners: Listener, preview: bool = False) -> Result:
        return _succeeded(self._stack().destroy(*listeners, preview=preview))

    def state(self) -> Deployment:
        """Returns the state as stored."""
        return self._stack().state()

    def export(self) -> dict[str, Any]:
        """Returns the state as `pulumi stack import` takes it."""
        return self._stack().export()

    def declare(self, program: Declare) -> None:
        """Sets another program, as a person would by editing it."""
        self.program = Program(program)

    def _stack(self) -> Stack:
        packs = []
        if self.policy_packs:
            from sluice_sandbox.engine.policies import Pack

            configs = zip_longest(self.policy_packs, self.policy_pack_configs)
            packs = [Pack.load(folder, config) for folder, config in configs if folder is not None]
        return Stack(
            name=self.place.stack,
            project=self.place.project,
            program=self.program,
            place=self.place,
            providers=self.providers,
            config=StackConfig(
                {self._full(key): as_text(value) for key, value in self.config.items()},
                frozenset(map(self._full, self.secrets)),
            ),
            keys=Keys(self.place.root / "passphrase"),
            packs=packs,
        )

    def _full(self, key: str) -> str:
        return key if ":" in key else f"{self.place.project}:{key}"


@dataclass
class Sandbox:
    """Makes stacks that share an AWS and nothing else."""

    root: Path
    aws: Callable[[], Aws]
    """Returns the AWS of this test, started when first asked for."""

    def stack(
        self,
        program: Declare | Path,
        config: Mapping[str, Any] | None = None,
        *,
        name: str = "test",
        project: str = "test",
        secrets: Sequence[str] = (),
        providers: Mapping[str, Callable[[], sdk.Provider]] | None = None,
        policy_packs: Sequence[Path] = (),
        policy_pack_configs: Sequence[Path] = (),
    ) -> SandboxStack:
        """
        Returns a stack of a program.

        `program` is a function, or the folder of a program; `providers` are those besides `aws` and `sluice`.
        """
        served = {**served_by(lambda: self.aws().endpoint), **(providers or {})}
        runs = Program.from_path(program) if isinstance(program, Path) else Program(program)
        place = StackPlace(self.root, project, name)
        return SandboxStack(runs, place, served, dict(config or {}), set(secrets), policy_packs, policy_pack_configs)


def _succeeded(result: Result) -> Result:
    if not result.succeeded:
        raise UpdateFailed(f"the {result.kind} failed:\n{result.errors()}", result)
    return result
