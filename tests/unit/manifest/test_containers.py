"""Versions of several containers: what their manifests say, what their locks hold, and what moves."""

import json
from pathlib import Path
from typing import Any

import pytest

from sluice.errors import InvalidFile
from sluice.locking import lock, verify
from sluice.manifest import lock as locks
from sluice.manifest.changes import Side, compare
from sluice.manifest.load import load
from sluice.sources import Context
from tests.unit.manifest.conftest import API, DIGEST, IMAGE, Write

OTHER = IMAGE.replace("ab", "cd")
FEATURES = {"name": "features", "image": IMAGE, "environment": {"SCALE": "16"}}
CLASSIFIER = {"name": "classifier", "image": OTHER, "artifact": {"uri": "models/v2.tar.gz", "build_command": "make v2"}}


def _several(*containers: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"model": {"containers": list(containers) or [FEATURES, CLASSIFIER], **more}}


def _lock(path: Path) -> locks.Locked:
    file = load(path)
    locked = lock(file, Context(file.root))
    locks.write(locks.path_for(path), locked)
    return locked


def test_each_container_is_pinned(write: Write) -> None:
    """Image, artifact and environment, in order; the lock is read as it was written."""
    path = write(**_several())
    locked = _lock(path)
    features, classifier = locked.weights.containers
    assert (features.name, features.image, features.pin, features.environment) == (
        "features",
        IMAGE,
        None,
        {"SCALE": "16"},
    )
    assert classifier.pin is not None
    assert classifier.pin.reference == "models/v2.tar.gz"
    assert classifier.build_command == "make v2"
    assert (locked.weights.mode, locked.weights.image, locked.weights.images) == ("serial", None, [IMAGE, OTHER])
    assert locks.read(path) == locked


def test_the_lock_of_a_single_container_is_what_it_always_was(write: Write) -> None:
    """Locks that are committed stay current."""
    path = write()
    locked = _lock(path)
    assert set(json.loads(locks.path_for(path).read_text())["weights"]) == {"pin", "image", "build_command"}
    assert locked.weights.images == [IMAGE]
    subject = locks.subject_of(locked.weights, [], locked.data, locked.inference)
    assert subject["weights"] == {"content": locked.weights.pin.digest, "image": DIGEST}


@pytest.mark.parametrize(
    "change",
    [
        _several(CLASSIFIER, FEATURES),
        _several(FEATURES, CLASSIFIER, mode="direct"),
        _several({**FEATURES, "name": "scaling"}, CLASSIFIER),
        _several({**FEATURES, "image": OTHER}, CLASSIFIER),
        _several({**FEATURES, "environment": {"SCALE": "8"}}, CLASSIFIER),
        _several(FEATURES, {**CLASSIFIER, "artifact": {"uri": "prompts/answer.txt"}}),
        _several(FEATURES, {**CLASSIFIER, "artifact": None}),
        _several(FEATURES, CLASSIFIER, {**FEATURES, "name": "third"}),
    ],
    ids=["order", "mode", "name", "image", "environment", "artifact", "no artifact", "one more"],
)
def test_whatever_changes_answers_is_another_version(write: Write, change: dict[str, Any]) -> None:
    """Content and subject have other digests."""
    one, other = _lock(write(**_several())), _lock(write(**change))
    assert one.weights.pin.digest != other.weights.pin.digest
    assert one.subject_digest != other.subject_digest


def test_where_it_is_kept_and_how_it_is_built_is_no_other_version(write: Write, project: Path) -> None:
    """Content counts, and not its place."""
    (project / "models/copy.tar.gz").write_bytes((project / "models/v2.tar.gz").read_bytes())
    moved = _several(FEATURES, {**CLASSIFIER, "artifact": {"uri": "models/copy.tar.gz"}})
    assert _lock(write(**_several())).subject_digest == _lock(write(**moved)).subject_digest


@pytest.mark.parametrize(
    ("path", "value"),
    [(("mode",), "direct"), (("containers", 0, "image"), OTHER), (("containers", 0, "environment", "SCALE"), "1")],
)
def test_an_edited_container_is_seen(write: Write, path: tuple[str | int, ...], value: str) -> None:
    """A lock is not edited."""
    manifest = write(**_several())
    _lock(manifest)
    document = json.loads(locks.path_for(manifest).read_text())
    place: Any = document["weights"]
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    locks.path_for(manifest).write_text(json.dumps(document))
    with pytest.raises(InvalidFile, match="a lock is not edited"):
        locks.read(manifest)


def test_what_cannot_be_resolved_is_told_of_each_container(write: Write) -> None:
    """By its key path, and all together."""
    gone = {**CLASSIFIER, "artifact": {"uri": "models/none.tar.gz"}}
    other = {**FEATURES, "artifact": {"uri": "models/v2.tar.gz", "sha256": DIGEST}}
    file = load(write(**_several(gone, other)))
    with pytest.raises(InvalidFile) as error:
        lock(file, Context(file.root))
    first, second = map(str, error.value.problems)
    assert first.startswith("model.containers[0].artifact:")
    assert "models/none.tar.gz" in first
    assert second.startswith("model.containers[1].artifact:")
    assert DIGEST in second


def test_a_container_whose_artifact_moved_is_named(write: Write, project: Path) -> None:
    """And no other one."""
    path = write(**_several({**FEATURES, "artifact": {"uri": "prompts/answer.txt"}}, CLASSIFIER))
    locked, file = _lock(path), load(path)
    assert verify(file, locked, Context(file.root)) == []
    (project / "models/v2.tar.gz").write_text("poisoned")
    (moved,) = verify(file, locked, Context(file.root))
    assert moved.part == "model.containers[1].artifact"
    assert "v2.tar.gz was sha256:" in moved.what


def test_a_reviewer_is_told_of_each_container(write: Write, project: Path) -> None:
    """What changed in each, which came and went, and how they are called; nothing of what stayed."""
    (project / "models/v3.tar.gz").write_text("other weights")
    path = write(**_several())
    before = Side(_lock(path), project)
    newer = {"name": "classifier", "image": OTHER, "artifact": {"uri": "models/v3.tar.gz"}}
    change = _several({**FEATURES, "environment": {"SCALE": "8"}}, newer, {"name": "rank", "image": IMAGE})
    (part,) = compare(before, Side(_lock(write(**change)), project))
    facts = {fact.name: (fact.before, fact.after) for fact in part.facts}
    assert facts["containers"] == ("features, classifier", "features, classifier, rank")
    assert facts["features environment SCALE"] == ("16", "8")
    assert facts["classifier reference"] == ("models/v2.tar.gz", "models/v3.tar.gz")
    assert facts["classifier size"] == ("7 bytes", "13 bytes")
    assert facts["rank image"] == (None, IMAGE)
    assert not {"features image", "classifier image", "mode", "image"} & facts.keys()


def test_a_reviewer_is_told_when_one_container_becomes_several(write: Write, project: Path) -> None:
    """And how requests will reach them."""
    before = Side(_lock(write()), project)
    (part,) = compare(before, Side(_lock(write(**_several(mode="direct"))), project))
    facts = {fact.name: (fact.before, fact.after) for fact in part.facts}
    assert facts["mode"] == (None, "direct")
    assert facts["image"] == (IMAGE, None)
    assert facts["features image"] == (None, IMAGE)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (_several(FEATURES), "model: containers are 1; SageMaker takes 2 to 15; a single one is model.artifact"),
        (
            _several(*({**FEATURES, "name": f"c{index}"} for index in range(16))),
            "model: containers are 16; SageMaker takes 2 to 15",
        ),
        (_several(FEATURES, FEATURES), "model: containers has 'features' more than once; names are unique"),
        (_several(mode="parallel"), "model.mode is 'parallel'; allowed: 'serial' or 'direct'"),
        ({"model.mode": "direct"}, "model: mode is for containers, and there are none; leave it out"),
        (_several({**FEATURES, "name": "Features"}, CLASSIFIER), "model.containers[0].name is 'Features'; allowed:"),
        (_several({**FEATURES, "name": "a_b"}, CLASSIFIER), "model.containers[0].name is 'a_b'; allowed:"),
        (_several({**FEATURES, "name": "f" * 64}, CLASSIFIER), "model.containers[0].name is 'fff"),
        (_several({**FEATURES, "image": "digits:1"}, CLASSIFIER), "model.containers[0].image is 'digits:1'; allowed:"),
        (_several({**FEATURES, "environment": {"A-B": "1"}}, CLASSIFIER), "model.containers[0].environment.A-B"),
        (
            _several({**FEATURES, "environment": {"SLUICE_VERSION": "1"}}, CLASSIFIER),
            "names that begin with SLUICE_ are Sluice's own; take another one",
        ),
        ({**_several(), "data": API["data"]}, "model is containers and data is prompt; an API model, and no other"),
    ],
)
def test_what_sagemaker_does_not_take_is_refused(write: Write, change: dict[str, Any], problem: str) -> None:
    """In the manifest already."""
    with pytest.raises(InvalidFile) as error:
        load(write(**change))
    assert any(problem in str(found) for found in error.value.problems), error.value.problems


@pytest.mark.parametrize("name", ["f" * 63, "a--b", "0"])
def test_names_may_be_what_sagemaker_takes(write: Write, name: str) -> None:
    """Up to 63 letters, digits and inner hyphens."""
    assert _lock(write(**_several({**FEATURES, "name": name}, CLASSIFIER))).weights.containers[0].name == name
