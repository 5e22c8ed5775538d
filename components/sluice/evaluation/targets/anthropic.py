"""A chat model behind an API with Anthropic's shape, asked through Anthropic's own client."""

import time
from types import TracebackType
from typing import Any, Self

from sluice.errors import InvalidInput, Problem
from sluice.evaluation.targets import BaseTarget, Context, Reply
from sluice.evaluation.targets._chat import Asking, ChatOptions, failed, given, key_of, output_of

_SAMPLING = ("temperature", "top_p", "top_k")
_WITH_SAMPLING = {"anthropic-version": "2023-06-01"}
"""The API's newest version that takes these; 2026-10-21, the client's own, answers 400."""


class Options(ChatOptions):
    """
    Messages. The key is in `ANTHROPIC_API_KEY`, or where `key_from` says.

    With a temperature or `top_p` the API is asked in its version 2023-06-01, which is the newest that takes them.
    """


class Target(BaseTarget):
    """The model, through `anthropic.AsyncAnthropic`."""

    def __init__(self, options: Options, context: Context) -> None:
        super().__init__()
        self._options, self._context = options, context

    async def __aenter__(self) -> Self:
        """Makes the client. Raises InvalidInput, InvalidFile."""
        import anthropic

        self._asking = Asking.of(self._options, self._context.subject, "anthropic")
        if self._asking.max_tokens is None:
            reason = "is said by neither the version nor the plan, and the API demands it; set it in the version"
            raise InvalidInput("the target", [Problem("anthropic.max_tokens", reason)])
        key = key_of(self._options.key_from or "ANTHROPIC_API_KEY")
        self.secrets = (key,)
        self._client = anthropic.AsyncAnthropic(
            api_key=key,
            base_url=self._options.base_url,
            timeout=self._context.timeout_seconds,
            # The runner retries: it tells what a retry cost.
            max_retries=0,
        )
        self._fixed = _request(self._asking)
        self.facts |= {"model": self._asking.model, "host": self._client.base_url.host}
        self.facts["client"] = anthropic.__version__
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.close()

    async def ask(self, example_input: Any, run: int) -> Reply:
        """Asks for one message. Raises AskFailed; CredentialsRefused for a key that is not taken."""
        import anthropic

        messages: Any = self._asking.prompt.messages(example_input)
        started = time.perf_counter()
        try:
            answer = await self._client.messages.create(messages=messages, **self._fixed)
        except anthropic.AnthropicError as error:
            raise failed(anthropic, error) from error
        return _reply(answer, (time.perf_counter() - started) * 1000)


def _request(asked: Asking) -> dict[str, Any]:
    tools = [
        given(name=it.name, description=it.description)
        | {"input_schema": it.parameters or {"type": "object", "properties": {}}}
        for it in asked.tools
    ]
    more = {**asked.extras, **given(temperature=asked.temperature, top_p=asked.top_p)}
    return given(
        model=asked.model,
        max_tokens=asked.max_tokens,
        system=asked.system,
        stop_sequences=asked.stop,
        tools=tools,
        # The client has no names for these any more.
        extra_body=more,
        extra_headers=_WITH_SAMPLING if any(key in more for key in _SAMPLING) else None,
    )


def _reply(answer: Any, latency_ms: float) -> Reply:
    text = "".join(block.text for block in answer.content if block.type == "text")
    calls = [{"name": it.name, "arguments": it.input} for it in answer.content if it.type == "tool_use"]
    # What was read from the cache was told to the model all the same.
    cached = (answer.usage.cache_read_input_tokens or 0) + (answer.usage.cache_creation_input_tokens or 0)
    tokens_in = answer.usage.input_tokens + cached
    return Reply(output_of(text, calls), tokens_in, answer.usage.output_tokens, latency_ms)
