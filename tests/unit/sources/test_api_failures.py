"""Models that somebody else serves, when the provider cannot be asked."""

import subprocess
import sys
import traceback
from contextlib import AbstractContextManager, nullcontext

import pytest

from sluice.sources import Context
from sluice.sources.api import resolve
from sluice.sources.errors import CredentialRefused, NotInstalled, SourceDown, SourceError, SourceSlow
from tests.unit.sources.api_models import (
    CLIENTS,
    CREDENTIALS,
    LASTING,
    PROVIDERS,
    model,
    no_credentials,  # noqa: F401
    november,  # noqa: F401
)
from tests.unit.sources.model_listings import SECRET, listing, overloaded, point, redirecting, trickling
from tests.unit.sources.servers import answering, down, hanging

FAILURES: list[tuple[str, type[SourceError], str]] = [
    ("down", SourceDown, "does not answer"),
    ("hanging", SourceSlow, "did not answer within 0.5 s"),
    ("trickling", SourceSlow, "did not answer within 0.5 s"),
    ("401", CredentialRefused, "refuses the credential"),
    ("403", CredentialRefused, "refuses the credential"),
    ("500", SourceDown, "status 500"),
    ("html", SourceDown, "no list of models"),
    ("empty", SourceDown, "no list of models"),
    ("other", SourceDown, "no list of models"),
]


def failing(how: str) -> AbstractContextManager[str]:
    """Returns a provider that fails in one way; where it can, it repeats the credential."""
    match how:
        case "down":
            return nullcontext(down())
        case "hanging":
            return hanging()
        case "trickling":
            return trickling()
        case "html":
            return answering(200, f"<p>{SECRET}</p>".encode(), "text/html")
        case "empty":
            return answering(200, b"{}")
        case "other":
            return answering(200, f'{{"data": [{{"{SECRET}": 1}}], "modelSummaries": [{{"x": 1}}]}}'.encode())
    said = f'{{"error": {{"message": "{SECRET}", "type": "{SECRET}"}}, "message": "{SECRET}"}}'
    return answering(int(how), said.encode())


@pytest.mark.parametrize(("how", "kind", "said"), FAILURES, ids=[how for how, _, _ in FAILURES])
@pytest.mark.parametrize("provider", PROVIDERS)
def test_each_failure_has_its_message(
    provider: str,
    how: str,
    kind: type[SourceError],
    said: str,
    hasty: Context,
    context: Context,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A provider that is down, slow, refuses or talks nonsense is told apart, and the credential is in no message."""
    patience = hasty if kind is SourceSlow else context
    with failing(how) as address:
        point(monkeypatch, provider, address.replace("//", f"//somebody:{SECRET}@") if how == "500" else address)
        with pytest.raises(kind, match=said) as caught:
            resolve(model(provider, LASTING[provider]), patience)
    assert SECRET not in "".join(traceback.format_exception(caught.value))
    assert address in str(caught.value)
    if kind is CredentialRefused:
        assert CREDENTIALS[provider] in str(caught.value)


@pytest.mark.parametrize("odd", ["\u20ac", "\n\n-"])
@pytest.mark.parametrize("provider", ["openai", "anthropic"])
def test_what_is_no_key_is_not_quoted(
    provider: str, odd: str, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key with characters that no header can hold is refused, without being shown or sent."""
    with listing(provider, {LASTING[provider]: None}) as running:
        point(monkeypatch, provider, running.address, f"{SECRET}{odd}{SECRET}")
        with pytest.raises(CredentialRefused, match="characters that no key has") as caught:
            resolve(model(provider, LASTING[provider]), context)
    assert SECRET not in "".join(traceback.format_exception(caught.value))
    assert running.requests == []


@pytest.mark.parametrize("provider", PROVIDERS)
def test_it_is_asked_once(provider: str, context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """A provider that has too much to do is not asked again and again."""
    with overloaded() as running:
        point(monkeypatch, provider, running.address)
        with pytest.raises(SourceDown, match="status 503"):
            resolve(model(provider, LASTING[provider]), context)
    assert len(running.requests) == 1


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
def test_a_key_follows_no_redirect(provider: str, context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """A provider that sends elsewhere is not followed with the key."""
    with (
        listing(provider, {LASTING[provider]: None}) as elsewhere,
        redirecting(elsewhere.address.replace("127.0.0.1", "localhost")) as running,
    ):
        point(monkeypatch, provider, running.address)
        with pytest.raises(SourceDown, match="status 302"):
            resolve(model(provider, LASTING[provider]), context)
    assert elsewhere.requests == []


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
@pytest.mark.parametrize("address", ["http://[", "nowhere"])
def test_an_address_that_is_none_is_refused(
    provider: str, address: str, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An address that no client can use is an error of this source, not of the client."""
    point(monkeypatch, provider, address)
    with pytest.raises(SourceError, match=r"_BASE_URL|does not answer"):
        resolve(model(provider, LASTING[provider]), context)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_missing_client_is_named_when_it_is_needed(
    provider: str, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a credential but no client, the message says what to install; without a credential nothing is needed."""
    for name in CLIENTS.values():
        monkeypatch.setitem(sys.modules, name, None)
    resolve(model(provider, LASTING[provider]), context)
    point(monkeypatch, provider, down())
    with pytest.raises(NotInstalled, match=rf"pulumi-sluice\[{provider}\]"):
        resolve(model(provider, LASTING[provider]), context)


_LOADED = """
import sys
from sluice.manifest.model import ApiModel
from sluice.sources import Context, source
from sluice.sources.errors import SourceError
from pathlib import Path
try:
    source("api").resolve(ApiModel(provider=sys.argv[1], id=sys.argv[2]), Context(Path(".")))
except SourceError:
    pass
print(*sorted({"openai", "anthropic", "boto3"} & set(sys.modules)))
"""


@pytest.mark.parametrize("asked", PROVIDERS)
def test_only_the_client_that_asks_is_loaded(asked: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With credentials for all providers, only the client of the one that is asked is imported."""
    for provider in PROVIDERS:
        point(monkeypatch, provider, down())
    command = [sys.executable, "-c", _LOADED, asked, LASTING[asked]]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.split() == [CLIENTS[asked]]


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
def test_no_client_is_loaded_without_a_key(provider: str) -> None:
    """Without a key nothing is imported to be asked."""
    command = [sys.executable, "-c", _LOADED, provider, LASTING[provider]]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.split() == []
