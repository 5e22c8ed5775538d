"""The example, built as `make up` builds it, in a folder of the test session's own."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

STACKS = Path(__file__).parents[2] / "stacks"
Train = Callable[..., "Example"]


@dataclass(frozen=True)
class Example:
    """A copy of `stacks` whose models have been trained."""

    stacks: Path
    told: str
    """What the training script said, on both streams."""

    @property
    def folder(self) -> Path:
        return self.stacks / "models" / "digits"

    def archive(self, version: str) -> Path:
        return self.folder / "build" / version / "model.tar.gz"

    def config(self) -> dict[str, Any]:
        """Returns what the stack `local` is configured with."""
        text = (self.stacks / "Pulumi.local.yaml").read_text(encoding="utf-8")
        config: dict[str, Any] = YAML(typ="safe").load(text)["config"]
        return config


@pytest.fixture(scope="session")
def train(tmp_path_factory: pytest.TempPathFactory) -> Train:
    """Returns a copy of the example, trained in a process of its own under a given environment."""
    pytest.importorskip("sklearn", reason="training the example takes scikit-learn: pip install -e '.[example]'")

    def trained(**environment: str) -> Example:
        stacks = tmp_path_factory.mktemp("example") / "stacks"
        shutil.copytree(STACKS, stacks, ignore=shutil.ignore_patterns("build", "__pycache__"))
        # What manifests name, they name from the project's folder.
        shutil.copy(STACKS.parent / "Pulumi.yaml", stacks.parent)
        script = stacks / "models" / "digits" / "train.py"
        done = subprocess.run(
            [sys.executable, str(script)],
            env={**os.environ, **environment},
            cwd=stacks.parent,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        return Example(stacks, done.stdout)

    return trained


@pytest.fixture(scope="session")
def example(train: Train) -> Example:
    """The example as it is."""
    return train(PYTHONHASHSEED="1", OMP_NUM_THREADS="1")
