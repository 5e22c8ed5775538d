"""The example's models: what the training script builds."""

import hashlib
import json
import runpy
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

from sluice.manifest import lock
from tests.stacks.conftest import STACKS, Example, Train

VERSIONS = ("v1", "v2")
SERVE = """
import importlib.util, json, sys
spec = importlib.util.spec_from_file_location("inference", "code/inference.py")
code = importlib.util.module_from_spec(spec)
spec.loader.exec_module(code)
asked = code.input_fn(sys.stdin.read(), "application/json")
sys.stdout.write(code.output_fn(code.predict_fn(asked, code.model_fn(".")), "application/json"))
assert not [name for name in sys.modules if name.split(".")[0] in ("sklearn", "scipy", "sluice", "pulumi")]
"""


@pytest.fixture(scope="session")
def trained(example: Example) -> dict[str, Any]:
    """What the training script trains on, and the models that it trains, made here by its own functions."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    script = runpy.run_path(str(example.folder / "train.py"))
    digits = load_digits()
    train_x, test_x, train_y, test_y = train_test_split(
        digits.data, digits.target, test_size=0.2, random_state=0, stratify=digits.target
    )
    models = {
        "v1": script["nearest_centroid"](train_x, train_y)[0],
        "v2": script["nearest_neighbours"](train_x, train_y)[0],
    }
    return {"models": models, "images": test_x, "digits": test_y}


def sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def unpacked(example: Example, version: str, folder: Path) -> Path:
    with tarfile.open(example.archive(version)) as archive:
        archive.extractall(folder, filter="data")
    return folder


def answers(example: Example, version: str, folder: Path, images: Any) -> list[int]:
    """Returns the digits that the packed inference code answers, alone in a process of its own."""
    served = subprocess.run(
        [sys.executable, "-I", "-c", SERVE],
        cwd=unpacked(example, version, folder),
        input=json.dumps({"images": images.tolist()}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert served.returncode == 0, served.stderr
    digits: list[int] = json.loads(served.stdout)["digits"]
    return digits


def test_training_twice_makes_the_same_bytes(example: Example, train: Train) -> None:
    """Another folder, process, hash seed and number of threads make no difference."""
    again = train(PYTHONHASHSEED="2", OMP_NUM_THREADS="4", TZ="Asia/Tokyo")
    assert again.folder != example.folder
    for version in VERSIONS:
        assert sha256(again.archive(version)) == sha256(example.archive(version))


def test_the_locks_hold_what_training_makes(example: Example) -> None:
    """The digests in the committed locks are those of the files that training makes anywhere."""
    for version in VERSIONS:
        locked = lock.read(example.folder / f"{version}.model.yaml")
        assert locked.weights.pin.digest == f"sha256:{sha256(example.archive(version))}"
        assert locked.weights.build_command == "python stacks/models/digits/train.py"


def test_the_manifests_name_the_data_that_there_is(example: Example) -> None:
    """What was trained on and what was held out have the digests that training tells."""
    for version in VERSIONS:
        locked = lock.read(example.folder / f"{version}.model.yaml")
        assert f"training data {locked.data.pin.digest}, holdout {locked.evaluation.set['digest']}\n" in example.told


def test_the_reports_are_what_evaluating_finds(example: Example) -> None:
    """Evaluating again gives the committed reports, byte for byte, about exactly the locked subjects."""
    script = example.folder / "evaluate.py"
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for version in VERSIONS:
        report = example.folder / f"{version}.report.json"
        assert report.read_bytes() == (STACKS / "models" / "digits" / report.name).read_bytes()
        locked = lock.read(example.folder / f"{version}.model.yaml")
        assert json.loads(report.read_text())["subject_digest"] == locked.subject_digest


def test_the_locks_are_current(example: Example) -> None:
    """Resolving every manifest again finds what its lock says."""
    command = [sys.executable, "-m", "sluice", "lock", "--check", str(example.stacks)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_schema_for_editors_is_current() -> None:
    """It is what `sluice schema` prints."""
    done = subprocess.run([sys.executable, "-m", "sluice", "schema"], capture_output=True, text=True, check=True)
    assert (STACKS / "models" / "model.schema.json").read_text() == done.stdout


def test_training_says_what_it_made_and_nothing_else(example: Example) -> None:
    """The data, then one line a version, with its digest: no warnings."""
    _, *lines = example.told.splitlines()
    assert len(lines) == len(VERSIONS)
    for version, line in zip(VERSIONS, lines, strict=True):
        assert line.startswith(f"digits-{version}: accuracy ")
        assert line.endswith(sha256(example.archive(version)))


@pytest.mark.parametrize("version", VERSIONS)
def test_an_artifact_has_sagemakers_layout(example: Example, version: str) -> None:
    """The model lies at the top, the inference code under `code/`; nothing tells who packed it, or when."""
    with tarfile.open(example.archive(version), "r:gz") as archive:
        members = archive.getmembers()
    assert {member.name for member in members} == {"model.json", "points.npy", "labels.npy", "code/inference.py"}
    for member in members:
        assert member.isfile()
        assert (member.mtime, member.uid, member.gid, member.uname, member.gname) == (0, 0, 0, "", "")


@pytest.mark.parametrize("version", VERSIONS)
def test_what_is_served_answers_as_what_was_trained(
    example: Example, trained: dict[str, Any], version: str, tmp_path: Path
) -> None:
    """The inference code, unpacked alone in a fresh process, gives the model's answer to every test image."""
    expected = trained["models"][version].predict(trained["images"])
    assert answers(example, version, tmp_path, trained["images"]) == expected.tolist()


def test_the_two_versions_differ(example: Example, trained: dict[str, Any], tmp_path: Path) -> None:
    """They are other bytes, give other answers, and the second is right more often: a release worth its steps."""
    assert sha256(example.archive("v1")) != sha256(example.archive("v2"))
    right = {}
    for version in VERSIONS:
        given = answers(example, version, tmp_path / version, trained["images"])
        right[version] = sum(map(int.__eq__, given, trained["digits"].tolist()))
    assert len(trained["digits"]) / 2 < right["v1"] < right["v2"]


@pytest.mark.parametrize(
    ("body", "content_type", "reason"),
    [
        ('{"images": [[1, 2]]}', "application/json", r"shape \(1, 2\); expected rows of 64 pixels"),
        ("1,2", "text/csv", "'text/csv'; expected application/json"),
    ],
)
def test_a_request_that_holds_no_images_is_refused(example: Example, body: str, content_type: str, reason: str) -> None:
    """The serving code says what it got and what it expects."""
    code = runpy.run_path(str(example.folder / "inference.py"))
    with pytest.raises(ValueError, match=reason):
        code["input_fn"](body, content_type)
