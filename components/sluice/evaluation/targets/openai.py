"""A chat model behind an API with OpenAI's shape, asked through OpenAI's own client."""

import json
import time
from types import TracebackType
from typing import Any, Self

from sluice.evaluation.failures import AskFailed, Failure
from sluice.evaluation.targets import BaseTarget, Context, Reply
from sluice.evaluation.targets._chat import Asking, ChatOptions, failed, given, key_of, output_of


class Options(ChatOptions):
    """Chat completions. The key is in `OPENAI_API_KEY`, or where `key_from` says."""


class Target(BaseTarget):
    """The model, through `openai.AsyncOpenAI`."""

    def __init__(self, options: Options, context: Context) -> None:
        super().__init__()
        self._options, self._context = options, context

    async def __aenter__(self) -> Self:
        """Makes the client. Raises InvalidInput, InvalidFile."""
        import openai

        self._asking = Asking.of(self._options, self._context.subject, "openai")
        key = key_of(self._options.key_from or "OPENAI_API_KEY")
        self.secrets = (key,)
        self._client = openai.AsyncOpenAI(
            api_key=key,
            base_url=self._options.base_url,
            timeout=self._context.timeout_seconds,
            # The runner retries: it tells what a retry cost.
            max_retries=0,
        )
        self._fixed = _request(self._asking)
        self.facts |= {"model": self._asking.model, "host": self._client.base_url.host, "client": openai.__version__}
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.close()

    async def ask(self, example_input: Any, run: int) -> Reply:
        """Asks for one completion. Raises AskFailed; CredentialsRefused for a key that is not taken."""
        import openai

        asked = self._asking
        system = [{"role": "system", "content": asked.system}] if asked.system else []
        messages: Any = [*system, *asked.prompt.messages(example_input)]
        started = time.perf_counter()
        try:
            answer = await self._client.chat.completions.create(messages=messages, **self._fixed)
        except openai.OpenAIError as error:
            raise failed(openai, error) from error
        return _reply(answer, (time.perf_counter() - started) * 1000)


def _request(asked: Asking) -> dict[str, Any]:
    tools = [{"type": "function", "function": it.model_dump(exclude_none=True)} for it in asked.tools]
    return given(
        model=asked.model,
        temperature=asked.temperature,
        top_p=asked.top_p,
        max_completion_tokens=asked.max_tokens,
        stop=asked.stop,
        tools=tools,
        extra_body=asked.extras,
    )


def _reply(answer: Any, latency_ms: float) -> Reply:
    if not getattr(answer, "choices", None):
        raise AskFailed(Failure.OUTPUT, "the API answered without choices")
    message = answer.choices[0].message
    calls = [
        {"name": it.function.name, "arguments": _arguments(it.function.arguments)}
        for it in message.tool_calls or []
        if it.type == "function"
    ]
    usage = answer.usage
    output = output_of(message.content or message.refusal or "", calls)
    if usage is None:
        return Reply(output, latency_ms=latency_ms)
    return Reply(output, usage.prompt_tokens, usage.completion_tokens, latency_ms)


def _arguments(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
