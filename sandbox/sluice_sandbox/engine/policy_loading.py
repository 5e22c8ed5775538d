"""Takes what a policy pack gives to Pulumi's policy SDK, instead of letting the SDK start a server for it."""

import runpy
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import pulumi_policy
from pulumi_policy import EnforcementLevel
from pulumi_policy import policy as sdk

from sluice_sandbox.errors import SandboxError


@dataclass(frozen=True)
class Given:
    """What one PolicyPack was made of, found good by the SDK."""

    name: str
    policies: Sequence[pulumi_policy.Policy]
    level: EnforcementLevel
    config: Mapping[str, Any]


def load(folder: Path) -> Given:
    """Returns what the pack of a folder is made of. Raises SandboxError when there is none or it fails."""
    main = folder / "__main__.py"
    if not (folder / "PulumiPolicy.yaml").is_file() or not main.is_file():
        raise SandboxError(f"{folder} is not a Python policy pack; it needs PulumiPolicy.yaml and __main__.py")
    with _importing_from(folder), _capturing() as captured:
        try:
            runpy.run_path(str(main), run_name="__main__")
        except SystemExit as exited:
            raise SandboxError(f"the policy pack {folder} fails to load: it exits, with {exited.code}") from exited
        except Exception as error:
            raise SandboxError(f"the policy pack {folder} fails to load: {error}") from error
    if len(captured) != 1:
        raise SandboxError(f"{main} makes {len(captured)} PolicyPacks; it must make one")
    return captured[0]


class _FoundGood(Exception):
    """The SDK has checked a pack's arguments and would now serve it."""

    def __init__(self, given: Given) -> None:
        self.given = given


@contextmanager
def _capturing() -> Iterator[list[Given]]:
    captured: list[Given] = []
    construct = sdk.PolicyPack.__init__

    def make(pack: Any, *args: Any, **options: Any) -> None:
        try:
            construct(pack, *args, **options)
        except _FoundGood as found:
            captured.append(found.given)

    def serve(name: str, _version: str, policies: list[Any], level: EnforcementLevel, config: Any, *_: Any) -> None:
        raise _FoundGood(Given(name, policies, level, config or {}))

    # The class itself, not a name of it: a pack may import it from anywhere.
    with mock.patch.object(sdk.PolicyPack, "__init__", make), mock.patch.object(sdk, "_PolicyAnalyzerServicer", serve):
        yield captured


@contextmanager
def _importing_from(folder: Path) -> Iterator[None]:
    """Imports a pack's modules from its folder, whatever is known by their names, and forgets them after."""
    own = {path.stem for path in folder.iterdir()}
    path, hidden = list(sys.path), {name: sys.modules[name] for name in sys.modules if name.split(".")[0] in own}
    for name in hidden:
        del sys.modules[name]
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path[:] = path
        for name in [name for name in sys.modules if name.split(".")[0] in own]:
            del sys.modules[name]
        sys.modules.update(hidden)
