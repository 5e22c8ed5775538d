"""What every source is called with."""

from pathlib import Path

import pytest

from sluice.sources import Context


@pytest.fixture
def context(tmp_path: Path) -> Context:
    """A project's folder, and no patience."""
    return Context(root=tmp_path, timeout=10.0)


@pytest.fixture
def hasty(tmp_path: Path) -> Context:
    """The same, for a source that does not answer."""
    return Context(root=tmp_path, timeout=0.5)
