"""OpenAI's and Anthropic's real clients, against a server of our own that speaks their APIs."""

import asyncio
import json
import os
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from sluice.errors import InvalidFile, InvalidInput
from sluice.evaluation import runner
from sluice.evaluation.failures import AskFailed, CredentialsRefused
from sluice.evaluation.runner import RunSummary, about
from sluice.evaluation.subject import Subject
from sluice.evaluation.targets import Context, Reply, target_of
from tests.unit.evaluation.asking import TurnedClock, asked, plan_of, set_of, subject_in
from tests.unit.evaluation.targets.api_server import KEY, Api, failing
from tests.unit.sources.servers import down, hanging

MODELS = {"openai": "gpt-4.1-2025-04-14", "anthropic": "claude-opus-5-5"}
PATHS = {"openai": "/v1", "anthropic": ""}
TEMPLATE = "Capital of {{ country }}?"
SHOTS = '{"input": {"country": "Italy"}, "output": "Rome"}\n\n{"input": {"country": "Chad"}, "output": {"a": 1}}\n'
INFERENCE = {"system_prompt": "Be brief.", "temperature": 0.2, "top_p": 0.9, "max_tokens": 50, "stop_sequences": ["."]}

both = pytest.mark.parametrize("kind", ["openai", "anthropic"])


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)


def version(root: Path, kind: str, **changes: Any) -> Subject:
    """Returns a version of a model of this provider's, with a prompt and two examples."""
    (root / "prompt.jinja").write_text(TEMPLATE)
    (root / "shots.jsonl").write_text(SHOTS)
    prompt = {"template": "prompt.jinja", "examples": "shots.jsonl"}
    made = {
        "model": {"api": {"provider": kind, "id": MODELS[kind]}},
        "data": {"prompt": prompt},
        "inference": INFERENCE,
        **changes,
    }
    # With a key, locking would ask the provider.
    with mock.patch.dict(os.environ):
        os.environ.pop(f"{kind.upper()}_API_KEY", None)
        return subject_in(root, **made)


def target(kind: str, url: str, **options: Any) -> dict[str, Any]:
    return {kind: {"base_url": f"{url}{PATHS[kind]}", **options}}


def ask(
    subject: Subject, kind: str, url: str, *inputs: Any, timeout_seconds: float = 10, **options: Any
) -> list[Reply]:
    chosen = plan_of(target(kind, url, **options)).target
    return asyncio.run(asked(target_of(chosen, Context(subject, 1, timeout_seconds)), *inputs))


def run(
    subject: Subject, kind: str, url: str, *inputs: Any, options: dict[str, Any] | None = None, **keys: Any
) -> RunSummary:
    plan = plan_of(target(kind, url, **(options or {})), **keys)
    store = subject.root / "answers.jsonl"
    return asyncio.run(runner.run(plan, subject, set_of(*inputs), store, clock=TurnedClock()))


def test_openai_is_asked_as_the_version_was_locked(tmp_path: Path, api: Api) -> None:
    """Model, prompt, examples and parameters are the version's; usage and text come back."""
    (reply,) = ask(version(tmp_path, "openai"), "openai", api.url, {"country": "Norway"})
    assert api.bodies() == [
        {
            "model": "gpt-4.1-2025-04-14",
            "messages": [
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": "Capital of Italy?"},
                {"role": "assistant", "content": "Rome"},
                {"role": "user", "content": "Capital of Chad?"},
                {"role": "assistant", "content": '{"a": 1}'},
                {"role": "user", "content": "Capital of Norway?"},
            ],
            "temperature": 0.2,
            "top_p": 0.9,
            "max_completion_tokens": 50,
            "stop": ["."],
        }
    ]
    assert reply.output.startswith("system: Be brief. | user: Capital of Italy?")
    assert (reply.tokens_in, reply.tokens_out) == (11, 7)
    assert reply.latency_ms is not None
    assert 0 < reply.latency_ms < 10_000


def test_anthropic_is_asked_as_the_version_was_locked(tmp_path: Path, api: Api) -> None:
    """The system prompt stands by itself; tokens read from the cache count as told."""
    (reply,) = ask(version(tmp_path, "anthropic"), "anthropic", api.url, {"country": "Norway"})
    (body,) = api.bodies()
    assert body["messages"][-1] == {"role": "user", "content": "Capital of Norway?"}
    assert len(body["messages"]) == 5
    parameters = {key: value for key, value in body.items() if key != "messages"}
    assert parameters == {
        "model": "claude-opus-5-5",
        "system": "Be brief.",
        "temperature": 0.2,
        "top_p": 0.9,
        "max_tokens": 50,
        "stop_sequences": ["."],
    }
    assert reply.output.endswith("user: Capital of Norway?")
    assert (reply.tokens_in, reply.tokens_out) == (17, 5)


@pytest.mark.parametrize(
    ("inference", "api_version"),
    [
        ({"max_tokens": 50}, "2026-10-21"),
        ({"max_tokens": 50, "temperature": 0.0}, "2023-06-01"),
        ({"max_tokens": 50, "top_p": 0.5}, "2023-06-01"),
        ({"max_tokens": 50, "extras": {"top_k": 5}}, "2023-06-01"),
    ],
)
def test_anthropics_api_is_asked_in_a_version_that_takes_what_was_locked(
    tmp_path: Path, api: Api, inference: dict[str, Any], api_version: str
) -> None:
    """The newest API version refuses what steers sampling, so that a version locked with it is asked in the older."""
    (reply,) = ask(version(tmp_path, "anthropic", inference=inference), "anthropic", api.url, {"country": "Norway"})
    assert reply.output.endswith("Norway?")
    assert api.requests[0]["headers"]["anthropic-version"] == api_version


@both
def test_a_plan_may_say_otherwise(tmp_path: Path, api: Api, kind: str) -> None:
    """What the plan says takes the place of what was locked; zero is a value."""
    subject = version(tmp_path, kind)
    (tmp_path / "other.jinja").write_text("{{ input | upper }}")
    (tmp_path / "none.jsonl").write_text("")
    own = {"model": "m-1", "system_prompt": "Hm.", "temperature": 0.0, "max_tokens": 9}
    ask(subject, kind, api.url, "norway", template="other.jinja", examples="none.jsonl", **own)
    (body,) = api.bodies()
    assert (body["model"], body["temperature"], body["top_p"]) == ("m-1", 0, 0.9)
    assert body["messages"][-1] == {"role": "user", "content": "NORWAY"}
    assert "Be brief." not in json.dumps(body)


@both
def test_a_template_may_place_the_examples_itself(tmp_path: Path, api: Api, kind: str) -> None:
    """Then they are not said a second time."""
    subject = version(tmp_path, kind)
    (tmp_path / "other.jinja").write_text("{% for it in examples %}{{ it.output }} {% endfor %}{{ input }}")
    ask(subject, kind, api.url, "x", template="other.jinja")
    (body,) = api.bodies()
    assert [it["content"] for it in body["messages"] if it["role"] != "system"] == ["Rome {'a': 1} x"]


@both
def test_without_a_template_the_input_is_said_as_it_is(tmp_path: Path, api: Api, kind: str) -> None:
    """A text as text, anything else as JSON: for a version's own weights that a server with this API serves."""
    ask(subject_in(tmp_path, inference=INFERENCE), kind, api.url, "hi", {"ä": 1}, model="digits-1")
    assert {body["model"] for body in api.bodies()} == {"digits-1"}
    assert [body["messages"][-1]["content"] for body in api.bodies()] == ["hi", '{"ä": 1}']


@both
def test_calls_of_tools_are_part_of_the_answer(tmp_path: Path, api: Api, kind: str) -> None:
    """The version's tools are offered, and what the model calls is an output with its arguments."""
    parameters = {"type": "object", "properties": {"city": {"type": "string"}}}
    tool = {"name": "weather", "description": "Tells it.", "parameters": parameters}
    subject = version(tmp_path, kind, inference={**INFERENCE, "tools": [tool]})
    (reply,) = ask(subject, kind, api.url, {"country": "Norway"})
    assert reply.output["tool_calls"] == [{"name": "weather", "arguments": {"city": "Oslo"}}]
    offered = api.bodies()[0]["tools"][0]
    assert offered == (
        {"type": "function", "function": tool}
        if kind == "openai"
        else {"name": "weather", "description": "Tells it.", "input_schema": parameters}
    )


@both
def test_half_of_the_calls_fail_and_all_are_kept(tmp_path: Path, api: Api, kind: str) -> None:
    """An endpoint that answers errors half of the time has an error rate, and no answer is dropped."""
    api.answers = [failing(500) if number % 2 else None for number in range(20)]
    summary = run(version(tmp_path, kind), kind, api.url, *[{"country": "Norway"}] * 20, retries=0, concurrency=1)
    assert (summary.failed, len(summary.answers), len(api.requests)) == (10, 20, 20)
    assert {it.error.kind for it in summary.answers if it.error} == {"server"}


@both
@pytest.mark.parametrize(("status", "attempts"), [(429, 2), (500, 2), (529, 2), (400, 1), (404, 1), (422, 1)])
def test_what_is_retried_is_what_may_go_well(tmp_path: Path, api: Api, kind: str, status: int, attempts: int) -> None:
    """By the runner alone: the client's own retries are off, so that a call is a request."""
    api.answers = [failing(status, retry_after="3")] * 2
    answer = run(version(tmp_path, kind), kind, api.url, {"country": "Norway"}, retries=1).answers[0]
    assert answer.error is not None
    assert (answer.attempts, len(api.requests)) == (attempts, attempts)
    assert answer.error.message.startswith(f"HTTP {status}: ")


@both
def test_a_wish_to_be_left_alone_is_heard(tmp_path: Path, api: Api, kind: str) -> None:
    """What `Retry-After` says is part of the failure."""
    api.answers = [failing(429, retry_after="3")]
    with pytest.raises(AskFailed) as caught:
        ask(version(tmp_path, kind), kind, api.url, {"country": "Norway"})
    assert caught.value.retry_after == 3


@both
def test_a_server_that_is_down_is_a_connection_that_failed(tmp_path: Path, kind: str) -> None:
    """Retryable, and no answer."""
    with pytest.raises(AskFailed) as caught:
        ask(version(tmp_path, kind), kind, down(), {"country": "Norway"})
    assert caught.value.kind == "connection"


@both
def test_a_server_that_is_silent_is_a_timeout(tmp_path: Path, kind: str) -> None:
    """The client gives up by itself."""
    with hanging() as url, pytest.raises(AskFailed) as caught:
        ask(version(tmp_path, kind), kind, url, {"country": "Norway"}, timeout_seconds=0.1)
    assert caught.value.kind == "timeout"


@both
def test_a_key_that_is_not_taken_ends_the_evaluation(
    tmp_path: Path, api: Api, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key is in neither message nor file."""
    monkeypatch.setenv("OTHER_KEY", "sk-wrong-wrong-wrong")
    with pytest.raises(CredentialsRefused, match="does not take the key") as caught:
        run(version(tmp_path, kind), kind, api.url, {"country": "X"}, options={"key_from": "OTHER_KEY"})
    assert "sk-wrong" not in str(caught.value) + (tmp_path / "answers.jsonl").read_text()


@both
def test_without_a_key_nothing_is_asked(tmp_path: Path, api: Api, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable that is missing is told."""
    name = f"{kind.upper()}_API_KEY"
    monkeypatch.delenv(name)
    with pytest.raises(InvalidInput, match=f"needs {name}, which the environment does not have"):
        ask(version(tmp_path, kind), kind, api.url)


@both
def test_a_key_that_comes_back_is_not_written(tmp_path: Path, api: Api, kind: str) -> None:
    """Whether in an answer or in an error."""
    api.answers = [None, failing(400, f"what is {KEY}?")]
    run(version(tmp_path, kind), kind, api.url, {"country": KEY}, {"country": "x"}, concurrency=1)
    store = (tmp_path / "answers.jsonl").read_text()
    assert KEY not in store
    assert store.count("[secret]") == 2


@both
def test_a_prompt_that_was_changed_is_not_asked_with(tmp_path: Path, api: Api, kind: str) -> None:
    """The version is what was locked; a changed template is another one."""
    subject = version(tmp_path, kind)
    (tmp_path / "prompt.jinja").write_text("Which city governs {{ country }}?")
    with pytest.raises(InvalidInput, match=r"prompt.jinja is not what digits@1 was locked with"):
        ask(subject, kind, api.url, {"country": "Norway"})
    assert not api.requests


@both
def test_an_input_that_does_not_fit_the_template_is_an_error(tmp_path: Path, api: Api, kind: str) -> None:
    """What the template needs and the input lacks is told, and nothing is asked."""
    answer = run(version(tmp_path, kind), kind, api.url, {"land": "Norway"}).answers[0]
    assert answer.error is not None
    assert answer.error.kind == "request"
    assert answer.error.message == "prompt.jinja does not fit the input: 'country' is undefined"
    assert not api.requests


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("template", "{{ input", "line 1: is no Jinja template"),
        ("examples", '{"input": 1, "output": 2}\n{"question": 1}\n', "line 2: is no example"),
    ],
)
def test_a_broken_prompt_is_told(tmp_path: Path, api: Api, name: str, content: str, problem: str) -> None:
    """With the file and the line, before anything is asked."""
    subject = version(tmp_path, "openai")
    (tmp_path / "own.txt").write_text(content)
    with pytest.raises(InvalidFile, match=problem) as caught:
        ask(subject, "openai", api.url, **{name: "own.txt"})
    assert "own.txt" in str(caught.value)


def test_templates_cannot_reach_into_python(tmp_path: Path, api: Api) -> None:
    """They come from projects that one may only review."""
    subject = version(tmp_path, "openai")
    (tmp_path / "own.txt").write_text("{{ input.__class__.__mro__ }}")
    with pytest.raises(AskFailed, match="unsafe"):
        ask(subject, "openai", api.url, "x", template="own.txt")


def test_a_file_of_the_prompt_is_part_of_what_is_asked(tmp_path: Path) -> None:
    """Answers to another template are not mixed with these, though its name is the same."""
    subject, asked_set = version(tmp_path, "openai"), set_of(1)
    (tmp_path / "own.txt").write_text("one {{ input }}")
    plan = plan_of(target("openai", "http://x", template="own.txt"))
    first = about(plan, subject, asked_set)
    (tmp_path / "own.txt").write_text("two {{ input }}")
    assert about(plan, subject, asked_set).target != first.target


def test_a_version_of_another_provider_names_its_model(tmp_path: Path, api: Api) -> None:
    """A model is not guessed."""
    with pytest.raises(InvalidInput, match=r"openai\.model is omitted, but digits@1 is no model of openai"):
        ask(version(tmp_path, "anthropic"), "openai", api.url)


def test_anthropic_demands_a_number_of_tokens(tmp_path: Path, api: Api) -> None:
    """Sluice makes none up."""
    subject = version(tmp_path, "anthropic", inference={"temperature": 0.0})
    with pytest.raises(InvalidInput, match=r"anthropic\.max_tokens is said by neither"):
        ask(subject, "anthropic", api.url)


@both
def test_what_is_no_answer_of_the_api_is_an_error(tmp_path: Path, api: Api, kind: str) -> None:
    """Something else may be at that address."""
    api.answers = [(200, {}, {"hello": "there"})]
    answer = run(version(tmp_path, kind), kind, api.url, {"country": "Norway"}).answers[0]
    assert answer.error is not None
    assert answer.error.kind in ("output", "exception")
