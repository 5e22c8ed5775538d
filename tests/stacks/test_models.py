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

from sluice.evaluation.archives import unpack
from sluice.evaluation.comparison import Comparison, read_comparison
from sluice.evaluation.report import read_report
from sluice.evaluation.scores_parquet import read_scores
from sluice.evaluation.verdict import Verdict
from sluice.manifest import lock
from tests.stacks.conftest import STACKS, Example, Train

VERSIONS = ("v1", "v2", "v3")
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
        "v3": script["black_and_white"](train_x, train_y)[0],
    }
    return {"models": models, "images": test_x, "digits": test_y}


def sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def unpacked(example: Example, version: str, folder: Path) -> Path:
    unpack(example.archive(version), folder)
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


def test_the_committed_set_is_what_was_held_out(example: Example) -> None:
    """Training writes it anew, with the digest that manifests and contract name."""
    committed = STACKS / "models" / "digits" / "holdout.jsonl"
    assert (example.folder / "holdout.jsonl").read_bytes() == committed.read_bytes()


@pytest.mark.parametrize("version", VERSIONS)
def test_evaluating_again_finds_what_the_reports_say(example: Example, version: str, tmp_path: Path) -> None:
    """The committed report is about exactly the locked subject, and only its times and latencies are its own."""
    manifest = example.folder / f"{version}.model.yaml"
    out, kept = tmp_path / f"{version}.report.json", tmp_path / "answers"
    command = [sys.executable, "-m", "sluice", "evaluate", str(manifest), "--out", str(out), "--answers", str(kept)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=example.stacks.parent)
    assert done.returncode == 0, done.stdout + done.stderr
    again, committed = read_report(out), read_report(example.folder / f"{version}.report.json")
    assert again.subject_digest == committed.subject_digest == lock.read(manifest).subject_digest
    assert (again.metrics, again.slices, again.error_rate) == (
        committed.metrics,
        committed.slices,
        committed.error_rate,
    )
    assert again.contract == committed.contract


def compared(example: Example, incumbent: str, candidate: str) -> tuple[Comparison, int]:
    """Returns the committed comparison of two versions, which is what comparing finds, and how that ended."""
    names = [str(example.folder / f"{version}.model.yaml") for version in (incumbent, candidate)]
    done = subprocess.run(
        [sys.executable, "-m", "sluice", "compare", *names, "--json"], capture_output=True, text=True, check=False
    )
    found = Comparison.model_validate_json(done.stdout)
    kept = read_comparison(example.folder / f"{candidate}.against-{incumbent.removeprefix('v')}.comparison.json")
    assert (found.incumbent, found.candidate, found.contract) == (kept.incumbent, kept.candidate, kept.contract)
    assert {name: it.verdict for name, it in found.all().items()} == {
        name: it.verdict for name, it in kept.all().items()
    }
    assert found.worst == kept.worst
    return kept, done.returncode


def test_the_second_version_may_replace_the_first(example: Example) -> None:
    """It is better, and the comparison that says so is committed."""
    found, code = compared(example, "v1", "v2")
    assert (found.metrics["accuracy"].verdict, found.passes, code) == (Verdict.BETTER, True, 0)


def test_the_third_version_is_worse_where_twenty_examples_show_nothing(example: Example) -> None:
    """It answers the first twenty images right, all of them, meets its contract, and loses too much all the same."""
    report = read_report(example.folder / "v3.report.json")
    scores = read_scores(example.folder / report.scores.path, report.scores.digest)
    assert (scores.metrics["accuracy"][:20] == 1).all()
    found, code = compared(example, "v2", "v3")
    assert (found.metrics["accuracy"].verdict, found.passes, code) == (Verdict.WORSE, False, 1)


def test_the_locks_are_current(example: Example) -> None:
    """Resolving every manifest again finds what its lock says."""
    command = [sys.executable, "-m", "sluice", "lock", "--check", str(example.stacks)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("kind", "name"), [("manifest", "model"), ("contract", "contract"), ("plan", "plan")])
def test_the_schemas_for_editors_are_current(kind: str, name: str) -> None:
    """They are what `sluice schema` prints."""
    command = [sys.executable, "-m", "sluice", "schema", "--of", kind]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert (STACKS / "models" / f"{name}.schema.json").read_text() == done.stdout


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
