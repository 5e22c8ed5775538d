"""Models that somebody else serves, when the provider is asked."""

import pytest

from sluice.sources import Context
from sluice.sources.api import Retired, resolve
from sluice.sources.errors import NoSuchVersion, NotPinned, SourceDown
from tests.unit.sources.api_models import (
    LASTING,
    LONGER,
    PROVIDERS,
    UNKNOWN,
    model,
    no_credentials,  # noqa: F401
    november,  # noqa: F401
)
from tests.unit.sources.model_listings import SECRET, listing, point
from tests.unit.sources.servers import down


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_provider_is_asked_when_a_credential_is_set(
    provider: str, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A known model is looked up with the provider's own client, and the pin says where; the credential goes along."""
    with listing(provider, {LASTING[provider]: None}) as running:
        point(monkeypatch, provider, running.address)
        pin = resolve(model(provider, LASTING[provider]), context)

    assert pin.facts["checked_at"].startswith(running.address)
    assert "warning" not in pin.facts
    [(_, headers)] = running.requests
    if provider == "bedrock":
        assert "AKIARECOGNISABLE/" in headers["Authorization"]
    else:
        assert SECRET in (headers["Authorization"] or headers["x-api-key"])


@pytest.mark.parametrize("provider", PROVIDERS)
def test_what_the_provider_has_not_is_refused(provider: str, context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that is known here but that the provider does not list is no such version; what is like it is named."""
    like = LASTING[provider] + "x"
    with listing(provider, {like: None}) as running:
        point(monkeypatch, provider, running.address)
        with pytest.raises(NoSuchVersion) as caught:
            resolve(model(provider, LASTING[provider]), context)
    assert str(caught.value).endswith(f"has no model {LASTING[provider]} for this credential; there are: {like}")


def test_what_is_gone_and_not_listed_is_retired(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """A retired model that the provider does not list any more is refused with the day of its end."""
    with listing("anthropic", {"claude-opus-4-8": None}) as running:
        point(monkeypatch, "anthropic", running.address)
        with pytest.raises(Retired, match="2026-01-05"):
            resolve(model("anthropic", "claude-3-opus-20240229"), context)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_what_only_the_provider_knows_is_accepted_with_a_warning(
    provider: str, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A listed model that has no longer name beside it is accepted, with a warning that Sluice does not know it."""
    with listing(provider, {UNKNOWN[provider]: None, LASTING[provider]: None}) as running:
        point(monkeypatch, provider, running.address)
        facts = resolve(model(provider, UNKNOWN[provider]), context).facts

    assert facts["warning"].startswith("not in Sluice's data of 2026-")
    assert "data_of" not in facts


@pytest.mark.parametrize("listed", [True, False])
@pytest.mark.parametrize("provider", PROVIDERS)
def test_longer_names_give_an_alias_away(
    provider: str, listed: bool, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What Sluice does not know is an alias when the provider lists dated names of it, whether or not it lists it."""
    alias, older, newer = LONGER[provider]
    with listing(provider, dict.fromkeys([alias, older, newer] if listed else [older, newer])) as running:
        point(monkeypatch, provider, running.address)
        with pytest.raises(NotPinned) as caught:
            resolve(model(provider, alias), context)
    assert str(caught.value).endswith(f"name {newer} or {older}")


@pytest.mark.parametrize(
    ("provider", "identifier", "others"),
    [
        ("openai", "gpt-9", ["gpt-9-mini", "gpt-9.1", "gpt-9-mini-2027-01-01"]),
        ("anthropic", "claude-opus-9", ["claude-opus-9-1", "claude-opus-9-1-20270201"]),
        ("bedrock", "amazon.nova-9-v1:0", ["amazon.nova-9-v1:0:24k", "amazon.nova-9-v1:1"]),
    ],
)
def test_what_is_longer_need_not_be_a_version(
    provider: str, identifier: str, others: list[str], context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A longer name of another model, a smaller or a later one or one of more context, makes no alias."""
    with listing(provider, dict.fromkeys([identifier, *others])) as running:
        point(monkeypatch, provider, running.address)
        assert resolve(model(provider, identifier), context).immutable == f"{provider} {identifier}"


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_provider_knows_best_when_it_ends(provider: str, context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """The day that the provider lists is the one that is warned of."""
    with listing(provider, {LASTING[provider]: "2026-12-31"}) as running:
        point(monkeypatch, provider, running.address)
        facts = resolve(model(provider, LASTING[provider]), context).facts
    assert facts["warning"] == "retires on 2026-12-31, in 38 days; choose its successor"


@pytest.mark.parametrize("provider", PROVIDERS)
def test_what_the_provider_has_ended_is_refused(
    provider: str, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model whose day has passed, as the provider lists it, is retired."""
    with listing(provider, {UNKNOWN[provider]: "2026-11-01"}) as running:
        point(monkeypatch, provider, running.address)
        with pytest.raises(Retired, match="retired on 2026-11-01"):
            resolve(model(provider, UNKNOWN[provider]), context)


def test_a_postponed_end_counts(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that should be gone by now is accepted where the provider lists a later day."""
    with listing("openai", {"gpt-4-0613": "2027-03-01"}) as running:
        point(monkeypatch, "openai", running.address)
        assert resolve(model("openai", "gpt-4-0613"), context).facts["retires"] == "2027-03-01"


def test_all_pages_are_read(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model on the last of several pages is found."""
    with listing("anthropic", dict.fromkeys(["claude-a", "claude-b", "claude-opus-4-8"]), page=1) as running:
        point(monkeypatch, "anthropic", running.address)
        resolve(model("anthropic", "claude-opus-4-8"), context)
    assert len(running.requests) == 3


@pytest.mark.parametrize("route", ["us", "eu", "global"])
def test_a_route_is_part_of_the_name_only(route: str, context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model of Bedrock that is reached across Regions is known and listed without the route, and pinned with it."""
    with listing("bedrock", {"anthropic.claude-opus-4-7": None}) as running:
        point(monkeypatch, "bedrock", running.address)
        pin = resolve(model("bedrock", f"{route}.anthropic.claude-opus-4-7"), context)
    assert pin.immutable == f"bedrock {route}.anthropic.claude-opus-4-7"
    assert "checked_at" in pin.facts


def test_bedrock_is_not_asked_without_a_region(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS credentials without a Region, or a Region without credentials, ask nobody."""
    for missing in ("AWS_ACCESS_KEY_ID", "AWS_REGION"):
        point(monkeypatch, "bedrock", down())
        monkeypatch.delenv(missing)
        if missing == "AWS_REGION":
            monkeypatch.delenv("AWS_DEFAULT_REGION")
        assert "checked_at" not in resolve(model("bedrock", LASTING["bedrock"]), context).facts


def test_a_key_of_bedrock_goes_over_tls_only(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key of Bedrock is a credential too, without any other of AWS, and is not sent in the clear."""
    with listing("bedrock", {LASTING["bedrock"]: None}) as running:
        point(monkeypatch, "bedrock", running.address)
        monkeypatch.delenv("AWS_ACCESS_KEY_ID")
        monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
        monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", SECRET)
        with pytest.raises(SourceDown, match="InvalidEndpointConfigurationError"):
            resolve(model("bedrock", LASTING["bedrock"]), context)
    assert running.requests == []
