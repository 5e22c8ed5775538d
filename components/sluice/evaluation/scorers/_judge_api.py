"""Asking a judge, through its provider's own client."""

from dataclasses import dataclass
from typing import Any

from sluice.evaluation.failures import AskFailed, CredentialsRefused, Failure
from sluice.evaluation.secrets import hidden
from sluice.evaluation.targets._chat import failed, given, key_of
from sluice.manifest.canonical import digest

_WITH_TEMPERATURE = {"anthropic-version": "2023-06-01"}


@dataclass(frozen=True)
class Question:
    """All that a judge is told, and how."""

    provider: str
    model: str
    system: str | None
    text: str
    max_tokens: int
    temperature: float | None
    seed: int | None

    @property
    def key(self) -> str:
        """The digest of all of it."""
        return digest(vars(self))


@dataclass(frozen=True)
class Reply:
    """What a judge said."""

    text: str
    tokens_in: int | None
    tokens_out: int | None


class JudgeApi:
    """The client of one provider. The address and the key are the environment's, as the client wants them."""

    def __init__(self, provider: str, timeout_seconds: float) -> None:
        """Makes the client. Raises InvalidInput without a key."""
        self._provider = provider
        self._key = key_of(f"{provider.upper()}_API_KEY")
        if provider == "openai":
            import openai

            self._client: Any = openai.AsyncOpenAI(api_key=self._key, timeout=timeout_seconds, max_retries=0)
        else:
            import anthropic

            self._client = anthropic.AsyncAnthropic(api_key=self._key, timeout=timeout_seconds, max_retries=0)

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.close()

    async def ask(self, question: Question) -> Reply:
        """Asks once. Raises AskFailed; CredentialsRefused for a key that is not taken."""
        return await (self._openai(question) if self._provider == "openai" else self._anthropic(question))

    async def _openai(self, question: Question) -> Reply:
        import openai

        system = [{"role": "system", "content": question.system}] if question.system else []
        arguments: Any = given(
            model=question.model,
            messages=[*system, {"role": "user", "content": question.text}],
            max_completion_tokens=question.max_tokens,
            temperature=question.temperature,
            seed=question.seed,
        )
        try:
            answer = await self._client.chat.completions.create(**arguments)
        except openai.OpenAIError as error:
            raise self._failed(openai, error) from error
        if not getattr(answer, "choices", None):
            raise AskFailed(Failure.OUTPUT, "the API answered without choices")
        usage = answer.usage
        counts = (None, None) if usage is None else (usage.prompt_tokens, usage.completion_tokens)
        return Reply(answer.choices[0].message.content or "", *counts)

    async def _anthropic(self, question: Question) -> Reply:
        import anthropic

        arguments: Any = given(
            model=question.model,
            system=question.system,
            messages=[{"role": "user", "content": question.text}],
            max_tokens=question.max_tokens,
            # The client has no name for it any more, and the API takes it in its former version alone.
            extra_body=given(temperature=question.temperature),
            extra_headers=None if question.temperature is None else _WITH_TEMPERATURE,
        )
        try:
            answer = await self._client.messages.create(**arguments)
        except anthropic.AnthropicError as error:
            raise self._failed(anthropic, error) from error
        text = "".join(block.text for block in answer.content or [] if block.type == "text")
        return Reply(text, answer.usage.input_tokens, answer.usage.output_tokens)

    def _failed(self, sdk: Any, error: Exception) -> Exception:
        """Returns what an error means, without the key, which a server may repeat."""
        failure = failed(sdk, error)
        if isinstance(failure, AskFailed):
            message = hidden(failure.message, (self._key,))
            return AskFailed(failure.kind, message, retry_after=failure.retry_after)
        return CredentialsRefused(hidden(str(failure), (self._key,)))
