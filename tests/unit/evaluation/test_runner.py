"""Asking a version: side by side, patiently, and never the same twice."""

import asyncio
import json
import signal
import subprocess
import sys
import textwrap
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from sluice.errors import InvalidFile
from sluice.evaluation.answers import read_answers
from sluice.evaluation.failures import AskFailed, CredentialsRefused, Failure
from sluice.evaluation.progress import Progress
from sluice.evaluation.targets import Reply
from tests.unit.evaluation.asking import Evaluation

PRICE = {"as_of": "2026-10-01", "per_request": 0.5, "per_million_input_tokens": 1e6, "per_million_output_tokens": 2e6}


def test_each_example_is_asked_as_often_as_the_plan_says(evaluation: Evaluation) -> None:
    """Two examples with three runs make six answers, one for each run of each."""
    summary = evaluation.run("a", "b", runs=3)
    assert Counter(evaluation.target.calls) == Counter((it, run) for it in "ab" for run in (1, 2, 3))
    assert [(it.example, it.run, it.output) for it in summary.answers] == [
        (f"e{number}", run, f"{text}!") for run in (1, 2, 3) for number, text in enumerate("ab")
    ]
    assert (summary.asked, summary.resumed, summary.failed) == (6, 0, 0)


def test_what_the_store_holds_is_what_the_summary_says(evaluation: Evaluation) -> None:
    """The file, read again, gives the same answers, and says what they are about."""
    summary = evaluation.run({"q": [1, None, 2.5]}, "ü\u2028", runs=2)
    kept = read_answers(evaluation.store)
    assert sorted(kept.answers, key=lambda it: (it.run, it.example)) == list(summary.answers)
    assert kept.header.subject == evaluation.subject.subject_digest
    assert kept.header.started == summary.started <= summary.finished


def test_calls_are_made_side_by_side(evaluation: Evaluation) -> None:
    """As many as the plan says are under way at a time, and never more."""
    evaluation.run(*range(20), concurrency=4)
    assert evaluation.target.most == 4


def test_a_target_may_take_fewer_calls_than_the_plan(evaluation: Evaluation) -> None:
    """A target that takes two at a time gets two, however many the plan allows."""
    evaluation.target.most_calls = 2
    evaluation.run(*range(20), concurrency=8)
    assert evaluation.target.most == 2


def test_a_call_that_fails_for_good_is_an_answer(evaluation: Evaluation) -> None:
    """An error after all retries is kept with its kind, and the others are answered all the same."""

    def half(example_input: int, run: int) -> str:
        if example_input % 2:
            raise AskFailed(Failure.SERVER, "HTTP 500")
        return "fine"

    evaluation.target.answer = half
    summary = evaluation.run(*range(10), retries=2)
    errors = [it for it in summary.answers if it.error is not None]
    assert summary.failed == len(errors) == 5
    assert {(it.error.kind, it.error.message, it.attempts) for it in errors if it.error} == {("server", "HTTP 500", 3)}
    assert Counter(it for it, _ in evaluation.target.calls) == {number: 3 if number % 2 else 1 for number in range(10)}


def test_what_cannot_go_well_is_not_asked_again(evaluation: Evaluation) -> None:
    """A question that the target does not take is asked once."""

    def refuse(example_input: Any, run: int) -> str:
        raise AskFailed(Failure.REQUEST, "HTTP 400")

    evaluation.target.answer = refuse
    assert evaluation.run("a", retries=5).answers[0].attempts == 1
    assert evaluation.clock.slept == []


def test_latency_is_that_of_the_attempt_that_was_answered(evaluation: Evaluation) -> None:
    """Neither failed attempts nor the pauses between them count."""

    def slow(example_input: Any, run: int) -> str:
        evaluation.clock.time += 7 if len(evaluation.target.calls) == 1 else 0.25
        if len(evaluation.target.calls) == 1:
            raise AskFailed(Failure.THROTTLED, "HTTP 429")
        return "fine"

    evaluation.target.answer = slow
    answer = evaluation.run("a").answers[0]
    assert (answer.attempts, answer.latency_ms) == (2, 250)
    assert len(evaluation.clock.slept) == 1


def test_a_target_knows_best_how_long_it_took(evaluation: Evaluation) -> None:
    """A latency that the target measured itself is taken."""
    evaluation.target.answer = lambda example_input, run: Reply("fine", latency_ms=12.5)
    assert evaluation.run("a").answers[0].latency_ms == 12.5


def test_tokens_cost_what_the_plan_says(evaluation: Evaluation) -> None:
    """A cost is made of the request and of the tokens in and out, in the plan's price."""
    evaluation.target.answer = lambda example_input, run: Reply("fine", 3, 4)
    assert evaluation.run("a", price=PRICE).answers[0].cost == 0.5 + 3 + 8


def test_a_cost_that_nobody_can_know_is_not_told(evaluation: Evaluation) -> None:
    """A price by tokens says nothing about an answer whose tokens were not counted."""
    assert evaluation.run("a", price=PRICE).answers[0].cost is None


def test_without_a_price_no_cost_is_told(evaluation: Evaluation) -> None:
    """None is not zero."""
    evaluation.target.answer = lambda example_input, run: Reply("fine", 3, 4)
    assert evaluation.run("a").answers[0].cost is None


def test_a_call_that_takes_too_long_is_a_timeout(evaluation: Evaluation) -> None:
    """The call is given up after the plan's time, and is an error after its retries."""
    evaluation.target.answer = lambda example_input, run: asyncio.sleep(30)
    answer = evaluation.run("a", timeout_seconds=0.02, retries=1).answers[0]
    assert answer.error is not None
    assert (answer.error.kind, answer.error.message, answer.attempts) == ("timeout", "no answer within 0.02 s", 2)


def test_a_targets_own_mistake_is_an_answer(evaluation: Evaluation) -> None:
    """An exception that no target should raise spoils one call and not the evaluation."""

    def broken(example_input: Any, run: int) -> str:
        raise ZeroDivisionError("by zero")

    evaluation.target.answer = broken
    error = evaluation.run("a").answers[0].error
    assert error is not None
    assert (error.kind, error.message) == ("exception", "ZeroDivisionError: by zero")


@pytest.mark.parametrize("output", [float("nan"), float("inf"), {1, 2}, "\ud800", [{"deep": object()}]])
def test_an_output_that_json_does_not_have_is_an_error(evaluation: Evaluation, output: Any) -> None:
    """It is kept as an answer without output, and the file stays readable."""
    evaluation.target.answer = lambda example_input, run: output
    answer = evaluation.run("a").answers[0]
    assert answer.error is not None
    assert (answer.output, answer.error.kind) == (None, "output")
    assert read_answers(evaluation.store).answers == (answer,)


def test_secrets_stand_neither_in_errors_nor_in_answers(evaluation: Evaluation) -> None:
    """What a server sends back of a key is not written down."""
    evaluation.target.secrets = ("sk-123456789",)

    def echo(example_input: str, run: int) -> Any:
        if example_input == "fail":
            raise AskFailed(Failure.REQUEST, "the key sk-123456789 is wrong")
        return {"headers": ["Bearer sk-123456789"], "sk-123456789": 1}

    evaluation.target.answer = echo
    evaluation.target.facts = {"url": "http://sk-123456789"}
    summary = evaluation.run("fail", "echo")
    assert "sk-123456789" not in evaluation.store.read_text()
    assert summary.answers[1].output == {"headers": ["Bearer [secret]"], "[secret]": 1}


def test_an_interrupted_run_goes_on_where_it_was(evaluation: Evaluation) -> None:
    """Each question is asked once in both sessions together, but for those that were under way."""

    def interrupted(example_input: int, run: int) -> str:
        if len(evaluation.target.calls) == 8:
            raise KeyboardInterrupt
        return "fine"

    evaluation.target.answer = interrupted
    with pytest.raises(KeyboardInterrupt):
        evaluation.run(*range(5), runs=3, concurrency=1)
    assert evaluation.target.opened == 0
    assert len(read_answers(evaluation.store).answers) == 7

    evaluation.target.answer = lambda example_input, run: "fine"
    summary = evaluation.run(*range(5), runs=3)
    assert (summary.asked, summary.resumed, len(summary.answers)) == (8, 7, 15)
    counts = Counter(evaluation.target.calls)
    assert counts.pop((2, 2)) == 2, "the one that was under way"
    assert set(counts.values()) == {1}


def test_what_failed_for_good_is_not_asked_until_it_goes_well(evaluation: Evaluation) -> None:
    """A second session takes errors as answers."""

    def refuse(example_input: Any, run: int) -> str:
        raise AskFailed(Failure.REQUEST, "HTTP 400")

    evaluation.target.answer = refuse
    evaluation.run("a")
    evaluation.target.answer = lambda example_input, run: "fine"
    summary = evaluation.run("a")
    assert (summary.asked, summary.failed) == (0, 1)


def test_a_complete_store_opens_no_target(evaluation: Evaluation) -> None:
    """What is answered needs neither endpoint nor key, and gives the same summary, environment included."""
    evaluation.target.facts = {"model": "m-1"}
    first = evaluation.run("a", "b")
    evaluation.target.facts = {"model": "m-2"}
    second = evaluation.run("a", "b")
    assert len(evaluation.target.calls) == 2
    assert second.answers == first.answers
    assert second.environment == first.environment
    assert second.environment["target"]["facts"] == {"model": "m-1"}


def test_more_runs_are_added_to_those_that_are_there(evaluation: Evaluation) -> None:
    """A plan with more runs asks only those that are new."""
    evaluation.run("a", "b", runs=1)
    assert evaluation.run("a", "b", runs=3).asked == 4


def test_a_store_of_another_set_is_not_used(evaluation: Evaluation) -> None:
    """Answers to other questions are refused, and stay as they are."""
    evaluation.run("a")
    before = evaluation.store.read_bytes()
    with pytest.raises(InvalidFile, match="the answers are of another evaluation set, sha256:"):
        evaluation.run("b")
    assert evaluation.store.read_bytes() == before


def test_a_store_of_another_target_is_not_used(evaluation: Evaluation) -> None:
    """Answers of something else are refused; how fast it was asked does not matter."""
    evaluation.run("a", concurrency=1)
    assert evaluation.run("a", concurrency=9, retries=0, rate_per_second=5).asked == 0
    with pytest.raises(InvalidFile, match="the answers are of another target, sha256:"):
        evaluation.run("a", target={"callable": {"function": "m:g"}})


def test_credentials_that_are_not_taken_end_the_evaluation(evaluation: Evaluation) -> None:
    """That is no answer of the version, so nothing is written, and the next session asks again."""

    def refuse(example_input: Any, run: int) -> str:
        raise CredentialsRefused("the API does not take the key")

    evaluation.target.answer = refuse
    with pytest.raises(CredentialsRefused, match="does not take the key"):
        evaluation.run(*range(9), concurrency=3)
    assert read_answers(evaluation.store).answers == ()
    evaluation.target.answer = lambda example_input, run: "fine"
    assert evaluation.run(*range(9)).asked == 9


def test_calls_begin_at_the_plans_pace(evaluation: Evaluation) -> None:
    """Ten calls at two a second take four seconds and a half, by the clock, retries among them."""

    def once_throttled(example_input: int, run: int) -> str:
        if len(evaluation.target.calls) == 1:
            raise AskFailed(Failure.THROTTLED, "HTTP 429", retry_after=0)
        return "fine"

    evaluation.target.answer = once_throttled
    before = evaluation.clock.time
    evaluation.run(*range(9), rate_per_second=2, concurrency=1)
    assert evaluation.clock.time - before == pytest.approx(4.5, abs=0.51)
    assert len(evaluation.target.calls) == 10


def test_progress_is_told_after_each_answer(evaluation: Evaluation) -> None:
    """Whoever watches sees how many are done, how many failed, and what is left to wait."""
    told: list[Progress] = []

    def slow(example_input: int, run: int) -> str:
        evaluation.clock.time += 2
        if example_input == 1:
            raise AskFailed(Failure.REQUEST, "HTTP 400")
        return "fine"

    evaluation.target.answer = slow
    evaluation.run(*range(4), concurrency=1, progress=told.append)
    assert told == [
        Progress(0, 4, 0, None),
        Progress(1, 4, 0, 6),
        Progress(2, 4, 1, 4),
        Progress(3, 4, 1, 2),
        Progress(4, 4, 1, 0),
    ]


def test_ctrl_c_keeps_what_was_answered(tmp_path: Path) -> None:
    """A process that is interrupted from the keyboard ends soon, and another one asks only what is left."""
    (tmp_path / "Pulumi.yaml").touch()
    (tmp_path / "slow.py").write_text("import time\ndef ask(it):\n    time.sleep(0.05)\n    return it\n")
    program = tmp_path / "program.py"
    program.write_text(
        textwrap.dedent("""
        import asyncio, sys
        from pathlib import Path
        from sluice.evaluation.runner import run
        from tests.unit.evaluation.asking import plan_of, set_of, subject_in
        root = Path(sys.argv[1])
        plan = plan_of({"callable": {"function": "slow:ask", "path": "."}}, concurrency=2)
        done = asyncio.run(run(plan, subject_in(root), set_of(*range(40)), root / "answers.jsonl"))
        print(done.asked, done.resumed, len(done.answers))
        """)
    )
    command = [sys.executable, str(program), str(tmp_path)]
    environment = {"PYTHONPATH": str(Path(__file__).parents[3]), "PATH": ""}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE) as first:
        store = tmp_path / "answers.jsonl"
        deadline = time.monotonic() + 60
        while not store.exists() or store.read_bytes().count(b"\n") < 5:
            assert first.poll() is None, first.communicate()[1].decode()
            assert time.monotonic() < deadline
            time.sleep(0.01)
        first.send_signal(signal.SIGINT)
        assert first.wait(20) != 0
    kept = len(read_answers(store).answers)
    assert 4 <= kept < 40
    second = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert second.stdout.split() == [str(40 - kept), str(kept), "40"], second.stderr
    lines = [json.loads(line) for line in store.read_text().splitlines()[1:]]
    assert sorted(it["output"] for it in lines) == list(range(40)), "each was answered once"
