"""What is known of the models that providers serve: `models.yaml`, beside this."""

from datetime import date
from functools import cache
from pathlib import Path

from pydantic import Field

from sluice.manifest.base import ManifestModel, Text
from sluice.manifest.yaml_text import parse, read_text

_FILE = Path(__file__).with_name("models.yaml")


class Entry(ManifestModel):
    """One identifier."""

    pinned: bool
    """Whether it always means the same model. If not, it is an alias or floats."""
    alias_of: Text | None = None
    """What an alias meant when the source was read: the pinned identifier to use."""
    deprecated: date | None = None
    """When the provider announced its end."""
    retires: date | None = None
    """From when requests fail. An alias ends with what it means."""
    replacement: Text | None = None
    """What the provider recommends instead."""

    def ended(self, today: date) -> date | None:
        """Returns the day from which requests fail when that has come, else None."""
        return self.retires if self.retires is not None and self.retires <= today else None


class Origin(ManifestModel):
    """Where entries were read."""

    url: Text
    """The page or file."""
    read: date
    """When."""
    as_of: date | None = None
    """How old the copy was that was read. Omitted: it was the newest."""
    says: Text
    """What was taken from it."""


class Provider(ManifestModel):
    """What one provider serves."""

    sources: list[Origin]
    """Where all this was read."""
    routes: list[Text] = Field(default=[])
    """What may stand before an identifier, with a dot, and only says where it is served."""
    models: dict[str, Entry]
    """The identifiers."""

    def plain(self, identifier: str) -> str:
        """Returns an identifier without a route: `us.amazon.nova-pro-v1:0` is `amazon.nova-pro-v1:0`."""
        route, _, rest = identifier.partition(".")
        return rest if rest and route in self.routes else identifier

    @property
    def as_of(self) -> date:
        """The day that the newest of the sources speaks for."""
        return max(origin.as_of or origin.read for origin in self.sources)


class Catalog(ManifestModel):
    """All providers."""

    openai: Provider
    """OpenAI's API."""
    anthropic: Provider
    """Anthropic's API."""
    bedrock: Provider
    """Amazon Bedrock."""


@cache
def catalog() -> Catalog:
    """Returns what this Sluice knows of all providers."""
    document, _ = parse(_FILE, read_text(_FILE))
    return Catalog.model_validate(document)
