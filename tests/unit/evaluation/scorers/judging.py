"""
A judge: the server of our own that speaks the APIs of OpenAI and Anthropic, and says what a test has it say.

It is no model. It lists the models that a test names, where the providers list theirs.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.unit.evaluation.targets.api_server import KEY, Answer, Api, serving
from tests.unit.sources.model_listings import Ends, body

MODELS = {"openai": "gpt-4o-2024-08-06", "anthropic": "claude-opus-5-5"}
"""A pinned model of each provider."""


@dataclass
class Judge:
    """The server, and what it was asked."""

    api: Api
    provider: str
    verdict: Callable[[str], str | Answer]
    """Returns what it says to a question, or an answer of another kind."""
    listed: Ends
    questions: list[dict[str, Any]] = field(default_factory=list)
    """The body of each question."""
    headers: list[dict[str, str]] = field(default_factory=list)

    def answer(self, request: dict[str, Any]) -> Answer:
        """Returns status, headers and body."""
        if request["body"] is None:
            return 200, {}, body(self.provider, self.listed).decode()
        self.questions.append(request["body"])
        self.headers.append(request["headers"])
        said = self.verdict(request["body"]["messages"][-1]["content"])
        return (200, {}, _shaped(self.provider, said)) if isinstance(said, str) else said

    @property
    def told(self) -> list[str]:
        """What it was told, by the questions."""
        return [it["messages"][-1]["content"] for it in self.questions]


@contextmanager
def judge(provider: str, monkeypatch: pytest.MonkeyPatch, verdict: Callable[[str], str | Answer]) -> Iterator[Judge]:
    """Yields a judge that the environment leads to."""
    with serving() as api:
        made = Judge(api, provider, verdict, {MODELS[provider]: None})
        monkeypatch.setattr(api, "answer", made.answer)
        monkeypatch.setenv(f"{provider.upper()}_BASE_URL", api.url + ("/v1" if provider == "openai" else ""))
        monkeypatch.setenv(f"{provider.upper()}_API_KEY", KEY)
        yield made


def _shaped(provider: str, text: str) -> dict[str, Any]:
    if provider == "openai":
        message = {"role": "assistant", "content": text, "refusal": None}
        choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
        usage = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}
        return {"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice], "usage": usage}
    usage = {"input_tokens": 13, "output_tokens": 5, "cache_read_input_tokens": 0, "cache_creation_input_tokens": 0}
    content = [{"type": "text", "text": text}]
    whole = {"id": "m-1", "type": "message", "role": "assistant", "model": "m", "content": content}
    return {**whole, "stop_reason": "end_turn", "stop_sequence": None, "usage": usage}
