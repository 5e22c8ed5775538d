"""What a version's report and contract say of themselves."""

from datetime import date
from pathlib import Path

import pytest

from sluice.manifest import lock
from sluice.version_evidence import evidence_of
from sluice.version_metadata import metadata_of
from tests.support.versions import write_version


def test_report_and_contract_are_told(tmp_path: Path) -> None:
    """What the report is about, when it was begun and on how many examples, and what was agreed."""
    manifest = write_version(tmp_path)
    locked = lock.read(manifest)
    found = evidence_of(manifest, locked)
    assert found["report-subject"] == locked.subject_digest
    assert int(found["report-examples"]) >= int(found["contract-examples"]) > 0
    assert found["contract-agreed"][:10] <= found["report-begun"][:10]
    assert found["contract-agreed"].endswith("+00:00")


@pytest.mark.parametrize("part", ["report", "contract"])
def test_a_file_that_is_not_what_was_locked_is_not_told(tmp_path: Path, part: str) -> None:
    """Nor one that is gone: who asks for it sees that it is missing."""
    manifest = write_version(tmp_path)
    locked = lock.read(manifest)
    assert locked.evaluation.report is not None
    assert locked.contract is not None
    file = tmp_path / (locked.evaluation.report.path if part == "report" else locked.contract.reference)
    file.write_text(file.read_text() + "\n")
    assert not [key for key in evidence_of(manifest, locked) if key.startswith(part)]
    file.unlink()
    assert not [key for key in evidence_of(manifest, locked) if key.startswith(part)]


def test_owner_licence_and_end_are_told(tmp_path: Path) -> None:
    """As the manifest says them; what it does not say is not made up."""
    plain = lock.read(write_version(tmp_path, "1"))
    assert "sluice:licence" not in metadata_of(plain)
    assert "sluice:end-of-life" not in metadata_of(plain)
    said = lock.read(write_version(tmp_path, "2", licence="MIT", life={"end_of_life": date(2028, 12, 31)}))
    told = metadata_of(said, {"report-examples": "360"})
    assert told["sluice:licence"] == "MIT"
    assert told["sluice:end-of-life"] == "2028-12-31"
    assert told["sluice:report-examples"] == "360"
    assert told["sluice:contact"]


def test_a_lock_without_a_licence_is_the_text_that_it_was(tmp_path: Path) -> None:
    """So that nobody has to lock a version again that says nothing of it."""
    manifest = write_version(tmp_path)
    assert "licence" not in lock.path_for(manifest).read_text()
    assert '"licence": "MIT"' in lock.path_for(write_version(tmp_path, "2", licence="MIT")).read_text()
