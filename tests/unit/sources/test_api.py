"""Models that somebody else serves: what is known of them without asking."""

import pytest

from sluice.manifest.canonical import digest
from sluice.manifest.pins import Pin
from sluice.sources import Context, source
from sluice.sources.api import Retired, pinned, resolve
from sluice.sources.errors import NotPinned
from sluice.sources.providers.catalog import Provider, catalog
from tests.unit.sources.api_models import (
    CREDENTIALS,
    PROVIDERS,
    UNKNOWN,
    model,
    no_credentials,  # noqa: F401
    november,  # noqa: F401
    on,
)
from tests.unit.sources.model_listings import body, point
from tests.unit.sources.servers import answering


def test_an_exact_identifier_is_locked_as_it_is(context: Context) -> None:
    """A pinned identifier that has no end in sight becomes a pin with its name in it, and no warning."""
    pin = resolve(model("openai", "gpt-5.5-2026-04-23"), context)

    assert pin == Pin(
        source="api",
        reference="openai gpt-5.5-2026-04-23",
        immutable="openai gpt-5.5-2026-04-23",
        digest=digest({"provider": "openai", "id": "gpt-5.5-2026-04-23"}),
        facts={"data_of": "2026-11-23"},
    )


def test_it_is_found_by_its_kind(context: Context) -> None:
    """What a manifest calls `api` is resolved here, and the same identifier is asked for at the next verification."""
    reference = model("anthropic", "claude-opus-4-8")
    found = source("api")

    assert found.pinned(reference, found.resolve(reference, context)) == reference


@pytest.mark.parametrize(
    ("provider", "identifier"),
    [("anthropic", "claude-opus-4-6"), ("anthropic", "claude-sonnet-5"), ("bedrock", "anthropic.claude-opus-4-7")],
)
def test_a_pinned_identifier_needs_no_date(provider: str, identifier: str, context: Context) -> None:
    """An identifier that always means the same model is accepted without a date in it."""
    assert resolve(model(provider, identifier), context).immutable == f"{provider} {identifier}"


@pytest.mark.parametrize(
    ("provider", "alias", "dated"),
    [
        ("openai", "gpt-4o", "gpt-4o-2024-08-06"),
        ("openai", "o3", "o3-2025-04-16"),
        ("anthropic", "claude-haiku-4-5", "claude-haiku-4-5-20251001"),
    ],
)
def test_an_alias_is_refused_with_the_dated_name(provider: str, alias: str, dated: str, context: Context) -> None:
    """An alias is refused, with the name to use instead."""
    with pytest.raises(NotPinned, match=rf"{alias} is an alias, and can come to mean another model; name {dated}$"):
        resolve(model(provider, alias), context)


def test_an_alias_of_what_is_gone_is_not_recommended_to_be_dated(context: Context) -> None:
    """An alias of a retired model is refused because of that, with the successor."""
    with pytest.raises(Retired) as caught:
        resolve(model("anthropic", "claude-opus-4-1"), context)
    assert str(caught.value) == (
        "Anthropic: claude-opus-4-1 is an alias of claude-opus-4-1-20250805, which was retired on 2026-08-05; "
        "use claude-opus-4-8"
    )


def test_a_floating_name_that_is_gone_says_when(context: Context) -> None:
    """A floating name that stands for no one model is refused with the day of its end."""
    with pytest.raises(Retired, match=r"^OpenAI: chatgpt-4o-latest was retired on 2026-02-17; choose another model$"):
        resolve(model("openai", "chatgpt-4o-latest"), context)


def test_a_floating_name_without_a_dated_one_is_refused(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """A floating name is refused before its end too, when nothing is known that it means."""
    on(monkeypatch, 2026, 1, 1)
    with pytest.raises(NotPinned, match=r"chatgpt-4o-latest is an alias.*; name an exact identifier$"):
        resolve(model("openai", "chatgpt-4o-latest"), context)


@pytest.mark.parametrize("identifier", ["gpt-9-latest", "gpt-9:latest"])
def test_latest_is_refused_even_where_it_is_listed(
    identifier: str, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that says that it floats is refused, whether or not the provider has it."""
    with answering(200, body("openai", {identifier: None})) as address:
        point(monkeypatch, "openai", address)
        with pytest.raises(NotPinned, match="means whatever is the latest"):
            resolve(model("openai", identifier), context)


@pytest.mark.parametrize(
    ("provider", "identifier", "said"),
    [
        ("openai", "gpt-4-0613", "retired on 2026-10-23; choose another model"),
        ("anthropic", "claude-3-opus-20240229", "retired on 2026-01-05; use claude-opus-4-8"),
        ("bedrock", "amazon.nova-premier-v1:0", "retired on 2026-09-14; choose another model"),
    ],
)
def test_what_is_retired_is_refused(provider: str, identifier: str, said: str, context: Context) -> None:
    """A retired identifier is refused with the day of its end, and with its successor where one is known."""
    with pytest.raises(Retired, match=said):
        resolve(model(provider, identifier), context)


@pytest.mark.parametrize(("day", "left"), [(8, "in 3 days"), (10, "in 1 day")])
def test_what_retires_is_warned_of(day: int, left: str, context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that has an end is accepted, with a warning that says the day, the days left and the successor."""
    on(monkeypatch, 2026, 12, day)
    facts = resolve(model("openai", "gpt-5-2025-08-07"), context).facts

    assert facts == {
        "data_of": "2026-11-23",
        "deprecated": "2026-06-11",
        "retires": "2026-12-11",
        "replacement": "gpt-6.1-sol",
        "warning": f"retires on 2026-12-11, {left}; move to gpt-6.1-sol",
    }


def test_the_last_day_is_the_one_before(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """On the day of its end a model is retired."""
    on(monkeypatch, 2026, 12, 11)
    with pytest.raises(Retired):
        resolve(model("openai", "gpt-5-2025-08-07"), context)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_what_nobody_vouches_for_is_refused(provider: str, context: Context) -> None:
    """Without a credential, what Sluice does not know is refused, with what to set and how old its knowledge is."""
    with pytest.raises(NotPinned, match=f"not in Sluice's data of 2026-.*{CREDENTIALS[provider]}; or update Sluice"):
        resolve(model(provider, UNKNOWN[provider]), context)


def test_a_slip_of_the_pen_is_recognised(context: Context) -> None:
    """What is unknown is refused with the identifiers that are like it and not retired."""
    with pytest.raises(NotPinned, match=r"\(it has amazon\.nova-pro-v1:0,") as caught:
        resolve(model("bedrock", "amazon.nova-prem-v1:0"), context)
    assert "nova-premier" not in str(caught.value)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_data_is_consistent(provider: str) -> None:
    """Aliases mean pinned models, no pinned model is an alias, and days are in order."""
    known: Provider = getattr(catalog(), provider)
    for name, entry in known.models.items():
        assert entry.alias_of is None or (not entry.pinned and known.models[entry.alias_of].pinned), name
        assert entry.alias_of is None or entry.retires is None, name
        assert not (entry.deprecated and entry.retires) or entry.deprecated < entry.retires, name
        successor = known.models.get(entry.replacement or "")
        assert successor is None or (successor.pinned and successor.retires is None), name


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_data_says_where_it_is_from(provider: str) -> None:
    """Each provider's models have an address and a day of what was read, and none is read before it was written."""
    known: Provider = getattr(catalog(), provider)
    assert len(known.models) >= 30
    for origin in known.sources:
        assert origin.url.startswith("https://")
        assert (origin.as_of or origin.read) <= origin.read


def test_pinned_is_the_same(context: Context) -> None:
    """What is verified later is the identifier that was locked, and its digest is the same then."""
    reference = model("bedrock", "amazon.nova-pro-v1:0")
    pin = resolve(reference, context)
    assert resolve(pinned(reference, pin), context).digest == pin.digest
