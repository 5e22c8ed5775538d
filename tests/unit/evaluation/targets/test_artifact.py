"""A packed model, asked through its own inference code in a process of its own."""

import asyncio
import io
import json
import os
import sys
import tarfile
import textwrap
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sluice.errors import InvalidInput, SluiceError
from sluice.evaluation import runner
from sluice.evaluation.failures import AskFailed
from sluice.evaluation.subject import Subject
from sluice.evaluation.targets import Context, Reply, target_of
from tests.support.versions import IMAGE
from tests.unit.evaluation.asking import asked, plan_of, set_of, subject_in

DIGITS = Path(__file__).parents[4] / "stacks" / "models" / "digits" / "inference.py"

ODD = """
import os, sys, time

print("loading")

def model_fn(model_dir):
    print("a line of the model's own")
    sys.stdin.readline()
    return os.getpid()

def predict_fn(data, model):
    print('{"output": "not mine", "ms": 1}', flush=True)
    os.system("echo from a child process")
    if data == "die":
        print("the last words", file=sys.stderr, flush=True)
        os._exit(7)
    if data == "kill":
        os.kill(os.getpid(), 9)
    if data == "raise":
        raise KeyError("key")
    if data == "exit":
        sys.exit(3)
    if data == "hang":
        time.sleep(600)
    if data == "nan":
        return float("nan")
    if data == "env":
        return os.environ.get("MODE")
    if data == "pid":
        return model
    if data == "large":
        return "x" * 3_000_000
    return {"seen": data, "line": "a\\nb\\u2028"}
"""


def pack(path: Path, code: str, files: dict[str, bytes] | None = None) -> Path:
    """Packs a model as a serving container expects it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w:gz") as packed:
        for name, content in {"code/inference.py": textwrap.dedent(code).encode(), **(files or {})}.items():
            header = tarfile.TarInfo(name)
            header.size = len(content)
            packed.addfile(header, io.BytesIO(content))
    return path


def version(root: Path, code: str = ODD, files: dict[str, bytes] | None = None) -> Subject:
    """Returns a version whose artifact is this code."""
    pack(root / "packed" / "model.tar.gz", code, files)
    return subject_in(root, model={"artifact": {"uri": "packed/model.tar.gz", "image": IMAGE}})


def ask(subject: Subject, *inputs: Any, **options: Any) -> list[Reply]:
    chosen = plan_of({"artifact": options}).target
    return asyncio.run(asked(target_of(chosen, Context(subject)), *inputs))


def run(subject: Subject, *inputs: Any, options: dict[str, Any] | None = None, **keys: Any) -> runner.RunSummary:
    plan = plan_of({"artifact": options or {}}, **keys)
    return asyncio.run(runner.run(plan, subject, set_of(*inputs), subject.root / "answers.jsonl"))


def array(values: Any) -> bytes:
    file = io.BytesIO()
    np.save(file, np.asarray(values))
    return file.getvalue()


def digits(root: Path) -> Subject:
    """Returns a version with the example's own inference code: the nearest of two images, all black and all white."""
    kind = json.dumps({"kind": "nearest-centroid"}).encode()
    points = array(np.stack([np.zeros(64), np.full(64, 16.0)]).astype(np.float32))
    files = {"model.json": kind, "points.npy": points, "labels.npy": array([3, 8])}
    return version(root, DIGITS.read_text(), files)


def test_the_examples_own_code_answers(tmp_path: Path) -> None:
    """As its container would: from JSON through all four functions to JSON."""
    (reply,) = ask(digits(tmp_path), {"images": [[0] * 64, [15] * 64]})
    assert reply.output == {"digits": [3, 8]}
    assert reply.latency_ms is not None
    assert 0 < reply.latency_ms < 5000


def test_what_the_code_objects_to_is_an_error(tmp_path: Path) -> None:
    """With the code's own words; the same process goes on."""
    summary = run(digits(tmp_path), {"images": [[0] * 63]}, {"images": [[0] * 64]})
    error = summary.answers[0].error
    assert error is not None
    assert error.kind == "exception"
    assert error.message == "ValueError: images have the shape (1, 63); expected rows of 64 pixels"
    assert summary.answers[1].output == {"digits": [3]}


def test_nothing_that_the_code_prints_or_reads_garbles_answers(tmp_path: Path) -> None:
    """Neither its own lines, nor a child's, nor a read from its input."""
    replies = ask(version(tmp_path), "one", {"two": 2}, "large")
    assert [it.output for it in replies[:2]] == [
        {"seen": "one", "line": "a\nb\u2028"},
        {"seen": {"two": 2}, "line": "a\nb\u2028"},
    ]
    assert len(replies[2].output) == 3_000_000


def test_a_process_that_dies_is_an_error_and_another_takes_its_place(tmp_path: Path) -> None:
    """How it ended is told, and the questions after it are answered by another process."""
    summary = run(version(tmp_path), "pid", "die", "pid", "kill", "pid")
    first, died, second, killed, third = summary.answers
    assert died.error is not None
    assert killed.error is not None
    assert (
        died.error.message
        == "the process of the model ended with exit code 7; the last that it printed: the last words"
    )
    assert killed.error.message.startswith("the process of the model ended with signal SIGKILL")
    assert {died.error.kind, killed.error.kind} == {"crash"}
    assert len({first.output, second.output, third.output}) == 3


@pytest.mark.parametrize(
    ("question", "message"),
    [("raise", "KeyError: 'key'"), ("exit", "SystemExit: 3"), ("nan", "ValueError: Out of range float values")],
)
def test_what_the_code_raises_is_an_error(tmp_path: Path, question: str, message: str) -> None:
    """Its process stays."""
    before, failed, after = run(version(tmp_path), "pid", question, "pid").answers
    assert failed.error is not None
    assert failed.error.message.startswith(message)
    assert before.output == after.output


def test_a_question_that_takes_too_long_costs_its_process(tmp_path: Path) -> None:
    """What hangs is ended, and loading the model again counts into no call."""
    code = ODD.replace("def model_fn(model_dir):", "def model_fn(model_dir):\n    time.sleep(0.6)")
    first, hung, second = run(version(tmp_path, code), "pid", "hang", "pid", timeout_seconds=0.5, retries=0).answers
    assert hung.error is not None
    assert hung.error.kind == "timeout"
    assert (first.error, second.error) == (None, None)
    assert first.output != second.output
    assert not alive(first.output)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_no_process_and_no_file_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether the evaluation ends or is broken off."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    (reply,) = ask(version(tmp_path), "pid")
    assert not alive(reply.output)

    async def broken_off() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await asked(target_of(plan_of({"artifact": {}}).target, Context(version(tmp_path))), "hang")

    started = time.monotonic()
    asyncio.run(broken_off())
    assert time.monotonic() - started < 30
    assert list(temporary.iterdir()) == []


def test_several_processes_answer_side_by_side(tmp_path: Path) -> None:
    """As many as the plan allows, each with the model loaded."""
    code = """
    import os, time
    def model_fn(model_dir):
        return os.getpid()
    def predict_fn(data, model):
        time.sleep(0.05)
        return model
    """
    summary = run(version(tmp_path, code), *range(12), options={"workers": 3}, concurrency=3)
    assert len({it.output for it in summary.answers}) == 3
    assert summary.environment["target"]["facts"]["workers"] == 3


def test_variables_reach_the_code_and_secrets_stay_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A value from the environment is not written into answers."""
    monkeypatch.setenv("MODEL_TOKEN", "token-of-the-model")
    subject = version(tmp_path)
    assert ask(subject, "env", environment={"MODE": "quick"})[0].output == "quick"
    summary = run(subject, "env", options={"environment": {"MODE": "${MODEL_TOKEN}"}})
    assert summary.answers[0].output == "[secret]"
    assert "token-of-the-model" not in (tmp_path / "answers.jsonl").read_text()


def test_functions_may_take_a_context(tmp_path: Path) -> None:
    """Newer containers pass one more argument; answers may come with their content type."""
    code = """
    def model_fn(model_dir, context):
        return 2
    def input_fn(body, content_type):
        return float(body)
    def predict_fn(data, model, context):
        return data * model
    def output_fn(found, accept):
        return str(found).encode(), "text/plain"
    """
    assert ask(version(tmp_path, code), 4)[0].output == "8.0"


def test_code_may_import_what_is_beside_it(tmp_path: Path) -> None:
    """And a module of its own does not become Sluice's, whatever its name."""
    code = "import statistics\ndef model_fn(d):\n    return 0\ndef predict_fn(x, m):\n    return statistics.OWN\n"
    subject = version(tmp_path, code, {"code/statistics.py": b"OWN = 'mine'\n"})
    assert ask(subject, 1)[0].output == "mine"


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("import nothing_like_it", "ModuleNotFoundError: No module named 'nothing_like_it'"),
        ("def model_fn(d):\n    return 0", "LookupError: code/inference.py has no predict_fn"),
        ("def model_fn(d):\n    1 / 0\ndef predict_fn(x, m): ...", "ZeroDivisionError: division by zero"),
        ("import os\nos._exit(9)", "the process of the model ended with exit code 9"),
    ],
)
def test_code_that_cannot_be_loaded_ends_the_evaluation(tmp_path: Path, code: str, problem: str) -> None:
    """Nothing was asked, and nothing is written as an answer."""
    with pytest.raises(SluiceError, match=f"cannot be asked: {problem}"):
        run(version(tmp_path, code), 1)
    assert (tmp_path / "answers.jsonl").read_bytes() == b""


def test_loading_has_its_time(tmp_path: Path) -> None:
    """A model that never loads is told."""
    with pytest.raises(SluiceError, match=r"the model was not loaded within 0\.3 s"):
        ask(version(tmp_path, "import time\ntime.sleep(60)"), start_seconds=0.3)


def test_a_python_that_is_not_there_is_told(tmp_path: Path) -> None:
    """By the name that the plan says."""
    with pytest.raises(SluiceError, match="no-python cannot be started: No such file"):
        ask(version(tmp_path), python=str(tmp_path / "no-python"))


def test_another_python_may_run_the_code(tmp_path: Path) -> None:
    """It needs nothing of Sluice."""
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nMODE=own exec {sys.executable} -S "$@"\n')
    python.chmod(0o755)
    assert ask(version(tmp_path), "env", python=str(python))[0].output == "own"


def test_an_artifact_that_is_not_what_was_locked_is_not_asked(tmp_path: Path) -> None:
    """Answers of another model would be called the version's."""
    subject = version(tmp_path)
    pack(tmp_path / "packed" / "model.tar.gz", "print('other')")
    with pytest.raises(InvalidInput, match="digits@1 is locked with sha256:"):
        ask(subject, 1)
    with pytest.raises(InvalidInput, match="digits@1 is locked with sha256:"):
        ask(subject, 1, path="packed/model.tar.gz")


def test_several_containers_are_not_one_packed_model(tmp_path: Path) -> None:
    """Whether the lock or the plan names a file: its answers would be evidence for what it is not."""
    pack(tmp_path / "packed" / "model.tar.gz", ODD)
    artifact = {"uri": "packed/model.tar.gz"}
    containers = [{"name": name, "image": IMAGE, "artifact": artifact} for name in ("features", "rank")]
    several = subject_in(tmp_path, model={"containers": containers})
    for options in ({}, {"path": "packed/model.tar.gz"}):
        with pytest.raises(InvalidInput, match=r"digits@1 is several containers \(features, rank\)") as error:
            ask(several, 1, **options)
        assert "ask them with the target sagemaker or http" in str(error.value)


def test_an_artifact_may_be_elsewhere(tmp_path: Path) -> None:
    """As long as it is the same."""
    subject = version(tmp_path)
    (tmp_path / "packed" / "model.tar.gz").rename(tmp_path / "moved.tar.gz")
    with pytest.raises(InvalidInput, match="cannot be read: no such file or directory"):
        ask(subject, "one")
    assert ask(subject, "one", path="moved.tar.gz")[0].output["seen"] == "one"


def test_an_archive_cannot_write_elsewhere(tmp_path: Path) -> None:
    """A member that leads out of the folder is refused."""
    with pytest.raises(InvalidInput, match="cannot be unpacked"):
        ask(version(tmp_path, ODD, {"../../escaped": b"x"}), 1)
    assert not list(tmp_path.rglob("escaped"))


def test_what_is_no_archive_is_told(tmp_path: Path) -> None:
    """By its name."""
    with pytest.raises(InvalidInput, match=r"1\.tar\.gz: 1 problem\n  cannot be unpacked"):
        ask(subject_in(tmp_path), 1)


def test_asking_what_has_crashed_is_told_to_who_asks(tmp_path: Path) -> None:
    """A target by itself raises what the runner keeps."""
    with pytest.raises(AskFailed) as caught:
        ask(version(tmp_path), "die")
    assert caught.value.kind == "crash"
