"""
Models that somebody else serves: an identifier that always means the same model, and for how long.

What is known of them is in `providers/models.yaml`. The provider is asked too when a credential for it is set.
"""

import re
from datetime import UTC, date, datetime
from difflib import get_close_matches

from sluice.manifest.canonical import digest
from sluice.manifest.model import ApiModel
from sluice.manifest.pins import Pin
from sluice.sources import Context
from sluice.sources.errors import NoSuchVersion, NotPinned, SourceError
from sluice.sources.providers.catalog import Entry, Provider, catalog
from sluice.sources.providers.listing import CREDENTIALS, NAMES, Listing, listing

# What gives an alias away is a longer name beside it. That a name ends like this proves nothing, nor that it does not.
_VERSION = r"(-\d{4}-\d\d-\d\d|-\d{8}|-\d{4}|(-v\d+)?(:\d+)+)"


class Retired(SourceError):
    """The provider does not serve it any more."""


def today() -> date:
    """Returns the day that it is in UTC."""
    return datetime.now(UTC).date()


def resolve(reference: ApiModel, context: Context) -> Pin:
    """
    Returns a model by its exact identifier, with a `warning` among the facts when its end is known.

    Raises NotPinned for aliases and for what nobody says is pinned, Retired, NoSuchVersion for what the provider
    does not list, and other SourceErrors when it was asked in vain.
    """
    provider: Provider = getattr(catalog(), reference.provider)
    identifier = provider.plain(reference.id)
    entry = provider.models.get(identifier)
    refuse_floating(reference, entry, provider)
    listed = listing(reference.provider, context.timeout)
    if entry is None and listed is None:
        raise _unknown(reference, provider)
    if listed is not None:
        _refuse_unlisted(reference, identifier, entry, listed)
    end = (listed.models.get(identifier) if listed else None) or (entry.retires if entry else None)
    if end is not None and end <= today():
        raise _retired(reference, end, entry)
    name = f"{reference.provider} {reference.id}"
    content = digest({"provider": reference.provider, "id": reference.id})
    facts = _facts(entry, provider, listed, end)
    return Pin(source="api", reference=name, immutable=name, digest=content, facts=facts)


def pinned(reference: ApiModel, pin: Pin) -> ApiModel:
    """Returns the same identifier: only one that always means the same model was resolved."""
    return reference


def refuse_floating(reference: ApiModel, entry: Entry | None, provider: Provider) -> None:
    name = f"{NAMES[reference.provider]}: {reference.id}"
    if entry is None and "latest" in re.split(r"[-.:]", reference.id):
        raise NotPinned(f"{name} means whatever is the latest; name an exact identifier")
    if entry is None or entry.pinned:
        return
    meant = provider.models.get(entry.alias_of or "", entry)
    if end := meant.ended(today()):
        what = f" is an alias of {entry.alias_of}, which" if entry.alias_of else ""
        raise _retired(reference, end, meant, what)
    instead = f"name {entry.alias_of}" if entry.alias_of else "name an exact identifier"
    raise NotPinned(f"{name} is an alias, and can come to mean another model; {instead}")


def _refuse_unlisted(reference: ApiModel, identifier: str, entry: Entry | None, listed: Listing) -> None:
    """Raises NotPinned for what longer names show to be an alias, and an error for what is not there."""
    name = NAMES[reference.provider]
    dated = [it for it in listed.models if re.fullmatch(re.escape(identifier) + _VERSION, it)]
    if entry is None and dated:
        names = " or ".join(sorted(dated, reverse=True))
        raise NotPinned(f"{name}: {reference.id} is an alias, and can come to mean another model; name {names}")
    if identifier in listed.models:
        return
    if entry is not None and (end := entry.ended(today())):
        raise _retired(reference, end, entry)
    like = ", ".join(get_close_matches(identifier, listed.models))
    raise NoSuchVersion(name, listed.where, f"model {reference.id} for this credential", like)


def _unknown(reference: ApiModel, provider: Provider) -> NotPinned:
    served = [name for name, entry in provider.models.items() if entry.pinned and not entry.ended(today())]
    like = get_close_matches(reference.id, served)
    hint = f" (it has {', '.join(like)})" if like else ""
    return NotPinned(
        f"{NAMES[reference.provider]}: {reference.id} is not in Sluice's data of {provider.as_of}{hint}, and may come "
        f"to mean another model; to ask the provider, set {CREDENTIALS[reference.provider]}; or update Sluice"
    )


def _retired(reference: ApiModel, end: date, entry: Entry | None, what: str = "") -> Retired:
    instead = f"use {entry.replacement}" if entry and entry.replacement else "choose another model"
    return Retired(f"{NAMES[reference.provider]}: {reference.id}{what} was retired on {end}; {instead}")


def _facts(entry: Entry | None, provider: Provider, listed: Listing | None, end: date | None) -> dict[str, str]:
    facts = {
        "data_of": provider.as_of if entry else None,
        "checked_at": listed.where if listed else None,
        "deprecated": entry.deprecated if entry else None,
        "retires": end,
        "replacement": entry.replacement if entry else None,
        "warning": "; ".join(_warnings(entry, provider, end)),
    }
    return {key: str(value) for key, value in facts.items() if value}


def _warnings(entry: Entry | None, provider: Provider, end: date | None) -> list[str]:
    warnings = []
    if end is not None:
        days = (end - today()).days
        left = "1 day" if days == 1 else f"{days} days"
        instead = f"move to {entry.replacement}" if entry and entry.replacement else "choose its successor"
        warnings.append(f"retires on {end}, in {left}; {instead}")
    if entry is None:
        warnings.append(f"not in Sluice's data of {provider.as_of}; found in the provider's listing")
    return warnings
