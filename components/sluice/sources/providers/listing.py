"""What providers list themselves, asked by their own clients with the credential that is set."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from threading import Thread
from typing import Any, TypeVar
from urllib.parse import urlsplit

from sluice.sources.errors import NotInstalled, SourceDown

NAMES = {"openai": "OpenAI", "anthropic": "Anthropic", "bedrock": "Amazon Bedrock"}
"""What messages call the providers."""
CREDENTIALS = {
    "openai": "OPENAI_API_KEY",
    "anthropic": "ANTHROPIC_API_KEY",
    "bedrock": "AWS credentials that may bedrock:ListFoundationModels, and AWS_REGION",
}
"""What to set so that a provider can be asked."""
NO_LIST = "what it answers is no list of models"
T = TypeVar("T")


@dataclass(frozen=True)
class Listing:
    """The models that a provider says it serves."""

    where: str
    """The address that said so."""
    models: dict[str, date | None]
    """From identifiers to the day from when requests fail. None: the provider says no day."""


def listing(provider: str, timeout: float) -> Listing | None:
    """
    Returns what a provider lists, or None without a credential to ask with.

    Raises SourceError. No message quotes a client or a provider, which might repeat the credential.
    """
    if provider == "bedrock":
        from sluice.sources.providers.bedrock import bedrock_listing

        return bedrock_listing(timeout)
    from sluice.sources.providers.keyed import keyed_listing

    return keyed_listing(provider, timeout)


def checked(provider: str, where: str, models: dict[str, date | None]) -> Listing:
    """Returns a listing. Raises SourceDown for one that no provider would give."""
    if not models or not all(isinstance(identifier, str) for identifier in models):
        raise SourceDown(NAMES[provider], where, NO_LIST)
    return Listing(where, models)


def imported(module: str, provider: str) -> Any:
    """Returns a module of a provider's client. Raises NotInstalled."""
    try:
        return import_module(module)
    except ImportError:
        raise NotInstalled(NAMES[provider], provider) from None


def place(url: str) -> str:
    """Returns an address as messages may say it: without a user, a password or a query."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}".rstrip("/")


def reason(error: BaseException) -> str:
    """Returns the innermost cause, in the words of the operating system where it has some."""
    causes = [error]
    while cause := causes[-1].__cause__ or causes[-1].__context__:
        causes.append(cause)
    said = [it.strerror for it in causes if isinstance(it, OSError) and it.strerror]
    return (said or [type(it).__name__ for it in causes])[-1]


def within(seconds: float, ask: Callable[[], T]) -> T:
    """
    Returns what a question returns, or raises what it raises; TimeoutError when that takes too long.

    The clients measure the time between two bytes, so that one byte now and then would hold them for ever.
    """
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(ask())
        except BaseException as error:
            future.set_exception(error)

    # Not of a pool: Python would wait for it in the end.
    Thread(target=run, daemon=True).start()
    return future.result(seconds)
