"""A function of the project's own."""

import asyncio
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from sluice.errors import InvalidInput
from sluice.evaluation import runner
from sluice.evaluation.targets import Context, target_of
from tests.unit.evaluation.asking import asked, plan_of, set_of, subject_in

CODE = """
import asyncio, time
from sluice.evaluation.targets import Reply

def double(it):
    return it * 2

async def later(it):
    await asyncio.sleep(0)
    return {"it": it}

def seeded(it, run):
    return [it, run]

def counted(it):
    return Reply({1: (it,)}, tokens_in=3, tokens_out=4, latency_ms=5.0)

def slow(it):
    time.sleep(0.2)
    return it

def odd(it):
    return {it}

class Model:
    @staticmethod
    def ask(it):
        return "of a class"

value = 7
"""


@pytest.fixture(autouse=True)
def _module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "asked_module.py").write_text(CODE)
    monkeypatch.delitem(sys.modules, "asked_module", raising=False)


def plan(function: str, **keys: Any) -> Any:
    return plan_of({"callable": {"function": f"asked_module:{function}", "path": "code"}}, **keys)


def ask(root: Path, function: str, *inputs: Any) -> list[Any]:
    return asyncio.run(asked(target_of(plan(function).target, Context(subject_in(root))), *inputs))


def run(root: Path, function: str, *inputs: Any, **keys: Any) -> runner.RunSummary:
    made = plan(function, **keys)
    return asyncio.run(runner.run(made, subject_in(root), set_of(*inputs), root / "answers.jsonl"))


@pytest.mark.parametrize(
    ("function", "output"),
    [
        ("double", "xx"),
        ("later", {"it": "x"}),
        ("seeded", ["x", 1]),
        ("counted", {"1": ["x"]}),
        ("Model.ask", "of a class"),
    ],
)
def test_a_function_is_asked(tmp_path: Path, function: str, output: Any) -> None:
    """Sync or async, told the run or not, in a module or a class; the output is what JSON makes of it."""
    before = list(sys.path)
    assert ask(tmp_path, function, "x")[0].output == output
    assert sys.path == before


def test_a_function_may_count(tmp_path: Path) -> None:
    """A `Reply` says tokens and latency."""
    answer = run(tmp_path, "counted", "x").answers[0]
    assert (answer.tokens_in, answer.tokens_out, answer.latency_ms) == (3, 4, 5)


def test_functions_that_block_run_side_by_side(tmp_path: Path) -> None:
    """Each in a thread of its own: eight of 0.2 seconds take much less than 1.6."""
    started = time.monotonic()
    assert len(run(tmp_path, "slow", *range(8), concurrency=8).answers) == 8
    assert time.monotonic() - started < 1


def test_a_function_that_hangs_is_a_timeout(tmp_path: Path) -> None:
    """It is not waited for."""
    answer = run(tmp_path, "slow", 1, timeout_seconds=0.02, retries=0).answers[0]
    assert answer.error is not None
    assert answer.error.kind == "timeout"


@pytest.mark.parametrize(
    ("function", "kind", "message"),
    [
        ("double", "exception", "TypeError: unsupported operand type(s) for *: 'NoneType' and 'int'"),
        ("odd", "output", "the function returned what is no JSON: Object of type set is not JSON serializable"),
    ],
)
def test_what_a_function_does_wrong_is_an_error(tmp_path: Path, function: str, kind: str, message: str) -> None:
    """Of one call, with the function's own words."""
    error = run(tmp_path, function, None).answers[0].error
    assert error is not None
    assert (error.kind, error.message) == (kind, message)


@pytest.mark.parametrize(
    ("function", "problem"),
    [
        ("nothing", "cannot be loaded: AttributeError: module 'asked_module' has no attribute 'nothing'"),
        ("value", "which is a int; name a function"),
    ],
)
def test_what_is_no_function_is_told(tmp_path: Path, function: str, problem: str) -> None:
    """Before anything is asked, and the path is taken back."""
    before = list(sys.path)
    with pytest.raises(InvalidInput, match=r"callable\.function is 'asked_module:") as caught:
        ask(tmp_path, function, 1)
    assert problem in str(caught.value)
    assert sys.path == before


def test_a_module_that_is_not_there_is_told(tmp_path: Path) -> None:
    """By its name."""
    chosen = plan_of({"callable": {"function": "no_such_module:f"}}).target
    with pytest.raises(InvalidInput, match="No module named 'no_such_module'"):
        asyncio.run(asked(target_of(chosen, Context(subject_in(tmp_path))), 1))
