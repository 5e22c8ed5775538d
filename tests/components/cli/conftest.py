"""The command line, run in this process on a project of a test's own."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from sluice import cli

PROGRAM = """
import pulumi

config = pulumi.Config()


class Box(pulumi.ComponentResource):
    def __init__(self, name, props, opts=None):
        super().__init__("test:index:Box", name, props, opts)
        self.register_outputs({})


for name, size in (config.get_object("boxes") or {}).items():
    Box(name, {"size": size, "label": config.get("label")})
pulumi.export("count", len(config.get_object("boxes") or {}))
pulumi.export("password", pulumi.Output.secret("hush hush"))
"""


@dataclass
class Run:
    """What a command printed, and what it ended with."""

    code: int
    out: str
    err: str


@dataclass
class Project:
    """A project without cloud resources, with one stack, `dev`."""

    folder: Path
    _capture: pytest.CaptureFixture[str]
    _patch: pytest.MonkeyPatch

    def configure(self, text: str, stack: str = "dev") -> None:
        (self.folder / f"Pulumi.{stack}.yaml").write_text(text)

    def sluice(self, *arguments: str) -> Run:
        """Runs `sluice <arguments>` in the project's folder."""
        self._patch.setattr(sys, "argv", ["sluice", *arguments])
        self._patch.chdir(self.folder)
        self._capture.readouterr()
        code: object = 0
        try:
            cli.main()
        except SystemExit as ended:
            code = ended.code
        printed = self._capture.readouterr()
        return Run(code if isinstance(code, int) else 0, printed.out, printed.err)

    def sandbox(self, *arguments: str) -> Run:
        return self.sluice("sandbox", *arguments)


@pytest.fixture
def project(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project that declares the boxes of its configuration."""
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    (folder / "__main__.py").write_text(PROGRAM)
    for name in ("PULUMI_STACK", "PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"):
        monkeypatch.delenv(name, raising=False)
    made = Project(folder, capsys, monkeypatch)
    made.configure("config:\n  boxes: {small: 1, large: 9}\n")
    return made


Sluice = Callable[..., Run]
