"""What the APIs of chat models have in common: what requests say, and what errors mean."""

import os
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import Field

from sluice.errors import InvalidInput, Problem
from sluice.evaluation.failures import AskFailed, CredentialsRefused, Failure, failure_of_status, seconds_of
from sluice.evaluation.subject import Subject
from sluice.evaluation.targets._prompt import Prompt, PromptOptions, prompt_of
from sluice.manifest.base import Text
from sluice.manifest.inference import InferenceConfig, Tool

_SHOWN = 300
T = TypeVar("T")


class ChatOptions(PromptOptions):
    """A model, and how it is asked. What is omitted is the version's own, as it is locked."""

    model: Text | None = None
    """The exact identifier. Omitted: the version's."""
    base_url: Text | None = None
    """Where the API is. Omitted: the client's own choice: what the environment says, else the provider's."""
    key_from: Text | None = None
    """The environment's variable that has the key. Omitted: the provider's own."""
    system_prompt: Text | None = None
    """Omitted: the version's."""
    temperature: float | None = Field(default=None, ge=0, le=2)
    """Omitted: the version's."""
    top_p: float | None = Field(default=None, gt=0, le=1)
    """Omitted: the version's."""
    max_tokens: int | None = Field(default=None, ge=1)
    """Omitted: the version's."""
    stop: list[Text] | None = None
    """Where an answer ends. Omitted: as the version says."""


@dataclass(frozen=True)
class Asking:
    """All that requests to a chat model say, from a plan and a lock together."""

    model: str
    system: str | None
    temperature: float | None
    top_p: float | None
    max_tokens: int | None
    stop: list[str] | None
    tools: list[Tool]
    extras: dict[str, Any]
    prompt: Prompt

    @classmethod
    def of(cls, options: ChatOptions, subject: Subject, provider: str) -> "Asking":
        """Returns what is asked. Raises InvalidInput, InvalidFile."""
        locked = InferenceConfig.model_validate(subject.locked.inference)
        return cls(
            model=options.model or _model(subject, provider),
            system=_first(options.system_prompt, locked.system_prompt),
            temperature=_first(options.temperature, locked.temperature),
            top_p=_first(options.top_p, locked.top_p),
            max_tokens=_first(options.max_tokens, locked.max_tokens),
            stop=_first(options.stop, locked.stop_sequences),
            tools=list(locked.tools or []),
            extras=locked.extras or {},
            prompt=prompt_of(options, subject),
        )


def key_of(name: str) -> str:
    """Returns an API's key. Raises InvalidInput when the environment does not have it."""
    key = os.environ.get(name)
    if not key:
        raise InvalidInput("the target", [Problem("", f"needs {name}, which the environment does not have; set it")])
    return key


def failed(sdk: Any, error: Exception) -> Exception:
    """Returns what an error of a client means; both clients name theirs alike."""
    if isinstance(error, sdk.AuthenticationError):
        return CredentialsRefused(f"the API does not take the key: {_message(error)}; set another one, and go on")
    if isinstance(error, sdk.APITimeoutError):
        return AskFailed(Failure.TIMEOUT, "no answer in time")
    if isinstance(error, sdk.APIConnectionError):
        return AskFailed(Failure.CONNECTION, f"{type(error.__cause__ or error).__name__}: {error.__cause__ or error}")
    if isinstance(error, sdk.APIStatusError):
        status: int = error.status_code
        wait = seconds_of(error.response.headers.get("retry-after"))
        return AskFailed(failure_of_status(status), f"HTTP {status}: {_message(error)}", retry_after=wait)
    return AskFailed(Failure.OUTPUT, f"{type(error).__name__}: {_message(error)}")


def output_of(text: str, calls: list[dict[str, Any]]) -> Any:
    """Returns what a model said: a text, or with calls of tools a map of both."""
    return {"text": text, "tool_calls": calls} if calls else text


def given(**arguments: Any) -> dict[str, Any]:
    """Returns the arguments that say something."""
    return {key: value for key, value in arguments.items() if value not in (None, [], {})}


def _first(own: T | None, version: T | None) -> T | None:
    return version if own is None else own


def _model(subject: Subject, provider: str) -> str:
    pin = subject.locked.weights.pin
    source, _, identifier = pin.immutable.partition(" ")
    if pin.source != "api" or source != provider:
        reason = f"is omitted, but {subject.label} is no model of {provider}; name the one that is asked"
        raise InvalidInput("the target", [Problem(f"{provider}.model", reason)])
    return identifier


def _message(error: Exception) -> str:
    return str(getattr(error, "message", None) or error)[:_SHOWN]
