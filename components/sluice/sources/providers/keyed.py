"""The providers that are asked with a key, OpenAI and Anthropic. Their clients are made alike."""

import os
from contextlib import closing
from datetime import UTC, date, datetime
from typing import Any

from sluice.sources.errors import CredentialRefused, SourceDown, SourceError, SourceSlow
from sluice.sources.providers.listing import (
    CREDENTIALS,
    NAMES,
    NO_LIST,
    Listing,
    checked,
    imported,
    place,
    reason,
    within,
)


def keyed_listing(provider: str, timeout: float) -> Listing | None:
    """Returns what OpenAI or Anthropic lists, or None without a key. Raises SourceError."""
    name, variable = NAMES[provider], CREDENTIALS[provider]
    key = os.environ.get(variable, "").strip()
    if not key:
        return None
    module = imported(provider, provider)
    client = _client(module, name, key, timeout)
    where = place(str(client.base_url))
    if not (key.isascii() and key.isprintable()):
        raise CredentialRefused(name, where, f"{variable} has characters that no key has; set it again")
    try:
        models = within(timeout, lambda: _models(client))
    except (module.APITimeoutError, TimeoutError):
        raise SourceSlow(name, where, timeout) from None
    except (module.AuthenticationError, module.PermissionDeniedError):
        raise CredentialRefused(name, where, f"check {variable}") from None
    except module.APIStatusError as error:
        raise SourceDown(name, where, f"status {error.status_code}") from None
    except module.APIConnectionError as error:
        raise SourceDown(name, where, reason(error)) from None
    except Exception:  # its client believes whatever it is told
        raise SourceDown(name, where, NO_LIST) from None
    return checked(provider, where, models)


def _client(module: Any, name: str, key: str, timeout: float) -> Any:
    # A key in a header of its own would go along to wherever a redirect leads.
    http = module.DefaultHttpxClient(follow_redirects=False, timeout=timeout)
    try:
        return getattr(module, name)(api_key=key, max_retries=0, timeout=timeout, http_client=http)
    except Exception as error:  # it has many ways to dislike an address
        raise SourceError(
            f"{name}: its client cannot be made ({type(error).__name__}); check {name.upper()}_BASE_URL"
        ) from None


def _models(client: Any) -> dict[str, date | None]:
    with closing(client):
        return {model.id: _end(model) for model in client.models.list()}


def _end(model: Any) -> date | None:
    """Returns the day from when requests fail: OpenAI says `shutdown_date`, Anthropic `retires_at`."""
    said = getattr(model, "shutdown_date", None) or getattr(model, "retires_at", None)
    if isinstance(said, datetime):
        return said.astimezone(UTC).date()
    try:
        return date.fromisoformat(str(said)[:10]) if said else None
    except ValueError:
        return None
