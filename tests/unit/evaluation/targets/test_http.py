"""Any HTTP API, against a server of our own."""

import asyncio
import itertools
from pathlib import Path
from typing import Any

import pytest

from sluice.errors import InvalidInput
from sluice.evaluation import runner
from sluice.evaluation.failures import AskFailed, CredentialsRefused
from sluice.evaluation.targets import Context, Reply, target_of
from tests.unit.evaluation.asking import TurnedClock, asked, plan_of, set_of, subject_in
from tests.unit.evaluation.targets.api_server import Answer, Api
from tests.unit.sources.servers import down, hanging


def ask(root: Path, url: str, *inputs: Any, timeout_seconds: float = 10, **options: Any) -> list[Reply]:
    chosen = plan_of({"http": {"url": url, **options}}).target
    return asyncio.run(asked(target_of(chosen, Context(subject_in(root), 1, timeout_seconds)), *inputs))


def run(root: Path, url: str, *inputs: Any, options: dict[str, Any] | None = None, **keys: Any) -> runner.RunSummary:
    plan = plan_of({"http": {"url": url, **(options or {})}}, **keys)
    store = root / "answers.jsonl"
    return asyncio.run(runner.run(plan, subject_in(root), set_of(*inputs), store, clock=TurnedClock()))


@pytest.fixture
def echo(api: Api) -> Api:
    """A server that says back what it was sent."""

    def answer(request: dict[str, Any]) -> Answer:
        return 200, {}, {"sent": request["body"], "headers": request["headers"], "usage": [3, 4]}

    api.whatever = answer
    return api


def test_the_input_is_sent_and_the_response_is_the_output(tmp_path: Path, echo: Api) -> None:
    """When the plan says no more than where."""
    (reply,) = ask(tmp_path, f"{echo.url}/predict", {"a": [1, None]})
    assert reply.output["sent"] == {"a": [1, None]}
    assert (reply.tokens_in, reply.tokens_out) == (None, None)
    assert echo.requests[0]["path"] == "/predict"


def test_a_body_has_places_for_the_input(tmp_path: Path, echo: Api) -> None:
    """By itself it stays what it is; within a text it becomes text; parts of it can be named."""
    body = {
        "whole": "{{input}}",
        "list": [1, "{{ input.question }}", True],
        "text": "Q{{run}}: {{input.question}} {{input.tags}}",
    }
    ask(tmp_path, echo.url, {"question": "ü?", "tags": ["x"]}, body=body)
    assert echo.bodies() == [
        {"whole": {"question": "ü?", "tags": ["x"]}, "list": [1, "ü?", True], "text": 'Q1: ü? ["x"]'}
    ]


def test_the_output_is_where_the_plan_says(tmp_path: Path, echo: Api) -> None:
    """As are the numbers of tokens."""
    options = {"output": "sent[0].text", "tokens_in": "usage[0]", "tokens_out": "usage[1]"}
    (reply,) = ask(tmp_path, echo.url, [{"text": "there"}], **options)
    assert (reply.output, reply.tokens_in, reply.tokens_out) == ("there", 3, 4)


def test_a_response_without_the_output_is_an_error(tmp_path: Path, echo: Api) -> None:
    """What is there instead is told."""
    with pytest.raises(AskFailed, match=r"the response has no choices\[0\]: \{\"sent\": 1") as caught:
        ask(tmp_path, echo.url, 1, output="choices[0]")
    assert caught.value.kind == "output"


def test_an_output_of_zero_is_an_output(tmp_path: Path, echo: Api) -> None:
    """Zero, false and the empty text are values."""
    assert [it.output for it in ask(tmp_path, echo.url, 0, False, "", output="sent")] == [0, False, ""]


def test_a_part_of_the_input_may_be_in_the_address(tmp_path: Path, echo: Api) -> None:
    """Escaped, so that it stays one part; a GET sends no body."""
    ask(tmp_path, f"{echo.url}/items/{{{{input.name}}}}", {"name": "a/b ?"}, method="GET")
    assert [(it["path"], it["body"]) for it in echo.requests] == [("/items/a%2Fb%20%3F", None)]


def test_headers_come_from_the_environment_and_are_not_written(
    tmp_path: Path, echo: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The plan has their names, the server their values, and the answers neither."""
    monkeypatch.setenv("API_TOKEN", "token-of-the-api")
    headers = {"Authorization": "Bearer ${API_TOKEN}", "X-Team": "ml"}
    summary = run(tmp_path, echo.url, "q", options={"headers": headers})
    sent = echo.requests[0]["headers"]
    assert (sent["authorization"], sent["x-team"]) == ("Bearer token-of-the-api", "ml")
    assert summary.answers[0].output["headers"]["authorization"] == "Bearer [secret]"
    assert "token-of-the-api" not in (tmp_path / "answers.jsonl").read_text()


def test_a_header_that_the_environment_lacks_is_told(tmp_path: Path, echo: Api) -> None:
    """Before anything is asked."""
    with pytest.raises(InvalidInput, match=r"http\.headers\.X needs NO_SUCH_TOKEN"):
        ask(tmp_path, echo.url, 1, headers={"X": "${NO_SUCH_TOKEN}"})
    assert not echo.requests


def test_a_text_is_an_output_too(tmp_path: Path, api: Api) -> None:
    """What is no JSON is taken as text."""
    api.whatever = lambda request: (200, {"Content-Type": "text/plain"}, "hello")
    assert ask(tmp_path, api.url, 1)[0].output == "hello"


def test_half_of_the_calls_fail_and_all_are_kept(tmp_path: Path, api: Api) -> None:
    """The errors are answers, each with its kind, and none is dropped."""
    turn = itertools.count()

    def half(request: dict[str, Any]) -> Answer:
        return (503, {}, "overloaded") if next(turn) % 2 else (200, {}, request["body"])

    api.whatever = half
    summary = run(tmp_path, api.url, *range(40), retries=0, concurrency=4)
    assert (len(summary.answers), summary.failed, len(api.requests)) == (40, 20, 40)
    errors = [(it.error.kind, it.error.message) for it in summary.answers if it.error]
    assert errors == [("server", "HTTP 503: overloaded")] * 20
    assert all(it.output == int(it.example[1:]) for it in summary.answers if not it.error)


def test_retries_bring_most_answers(tmp_path: Path, api: Api) -> None:
    """A server that fails every other time answers at the second attempt."""
    turn = itertools.count(1)
    api.whatever = lambda request: (503, {}, "") if next(turn) % 2 else (200, {}, request["body"])
    summary = run(tmp_path, api.url, *range(10), retries=1, concurrency=1)
    assert (summary.failed, {it.attempts for it in summary.answers}) == (0, {2})


@pytest.mark.parametrize(("status", "kind"), [(429, "throttled"), (500, "server"), (404, "request"), (302, "request")])
def test_a_status_says_how_it_failed(tmp_path: Path, api: Api, status: int, kind: str) -> None:
    """With the beginning of what the server said; a redirection is not followed."""
    api.whatever = lambda request: (status, {"Retry-After": "7", "Location": "/other"}, "x" * 1000)
    with pytest.raises(AskFailed) as caught:
        ask(tmp_path, api.url, 1)
    assert (caught.value.kind, caught.value.retry_after) == (kind, 7)
    assert caught.value.message == f"HTTP {status}: {'x' * 200}"


def test_credentials_that_are_not_taken_end_the_evaluation(tmp_path: Path, api: Api) -> None:
    """That is not the version's doing."""
    api.whatever = lambda request: (401, {}, "who?")
    with pytest.raises(CredentialsRefused, match="does not know who asks"):
        run(tmp_path, api.url, 1, 2, 3)


def test_a_server_that_is_down_is_a_connection_that_failed(tmp_path: Path) -> None:
    """Retryable."""
    with pytest.raises(AskFailed) as caught:
        ask(tmp_path, down(), 1)
    assert caught.value.kind == "connection"


def test_a_server_that_is_silent_is_a_timeout(tmp_path: Path) -> None:
    """Retryable."""
    with hanging() as url, pytest.raises(AskFailed) as caught:
        ask(tmp_path, url, 1, timeout_seconds=0.1)
    assert caught.value.kind == "timeout"
