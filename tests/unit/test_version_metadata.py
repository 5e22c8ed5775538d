"""What the Model Registry is told of a version."""

from functools import lru_cache
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sluice.manifest import lock
from sluice.manifest.lock import Locked
from sluice.provider.model_package import MAX_METADATA, ModelPackage
from sluice.version_metadata import description_of, metadata_of
from tests.support.versions import DIGEST, IMAGE, write_version


@lru_cache
def _known(root: Path) -> Locked:
    return lock.read(write_version(root))


def locked(root: Path, **changes: Any) -> Locked:
    return lock.read(write_version(root, **changes))


def test_all_digests_are_told(tmp_path: Path) -> None:
    """Of the unit, of what is evaluated, and of each part."""
    version = locked(tmp_path)
    told = metadata_of(version)
    assert told["sluice:version"] == "digits@1"
    assert told["sluice:version-digest"] == version.version_digest
    assert told["sluice:subject-digest"] == version.subject_digest
    assert told["sluice:weights"] == version.weights.pin.digest
    assert told["sluice:data"] == DIGEST
    assert version.contract is not None
    assert told["sluice:contract"] == version.contract.digest


def test_several_containers_are_told(tmp_path: Path) -> None:
    """In the order of their calls, and how requests reach them."""
    containers = [{"name": name, "image": IMAGE} for name in ("features", "classifier")]
    version = locked(tmp_path, model={"containers": containers, "mode": "direct"})
    assert metadata_of(version)["sluice:containers"] == "direct features classifier"
    assert "sluice:containers" not in metadata_of(locked(tmp_path))


def test_a_long_report_is_told_by_its_foremost_figures(tmp_path: Path) -> None:
    """Those that are least deep; a package has room for no more."""
    version = locked(tmp_path)
    assert version.evaluation.report is not None
    deep = {f"slices.a{index}.accuracy": 0.5 for index in range(100)}
    report = version.evaluation.report.model_copy(update={"metrics": {**deep, "accuracy": 0.97}})
    evaluation = version.evaluation.model_copy(update={"report": report})
    told = metadata_of(version.model_copy(update={"evaluation": evaluation}))
    assert told["metric:accuracy"] == "0.97"
    assert len(told) <= MAX_METADATA


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(text=st.text(min_size=1, max_size=300), number=st.floats(allow_nan=False, allow_infinity=False))
def test_whatever_a_manifest_says_sagemaker_takes(tmp_path: Path, text: str, number: float) -> None:
    """Teams, sets and metrics of any name, in any script, and any number."""
    version = _known(tmp_path)
    report = version.evaluation.report
    assert report is not None
    evaluation = version.evaluation.model_copy(
        update={
            "set": {**version.evaluation.set, "name": text},
            "report": report.model_copy(update={"metrics": {text: number}}),
        }
    )
    odd = version.model_copy(update={"owner": {"team": text, "contact": text}, "evaluation": evaluation})
    inputs = {
        "modelPackageGroupName": "digits",
        "region": "eu-west-1",
        "sourceUri": "x",
        "metadata": metadata_of(odd),
    }
    assert list(ModelPackage().check(inputs, {})) == []
    assert 1 <= len(description_of(odd)) <= 1024
