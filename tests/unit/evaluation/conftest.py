"""Fixtures of the runner's tests."""

from pathlib import Path

import pytest

from tests.unit.evaluation.asking import Evaluation, Told, subject_in


@pytest.fixture
def evaluation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Evaluation:
    """An evaluation with a target that does as it is told, and a clock that nobody waits for."""
    return Evaluation(Told(), subject_in(tmp_path), tmp_path / "answers.jsonl", monkeypatch)
