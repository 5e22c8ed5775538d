"""Parts of a manifest of which exactly one must be there."""

from typing import Any, ClassVar, Self

from pydantic import model_validator

from sluice.manifest.base import ManifestModel


class ExactlyOne(ManifestModel):
    """One of several ways to say something, each a key of its own."""

    CHOICES: ClassVar[tuple[str, ...]] = ()
    """The keys of which exactly one must be there; the others are free."""

    @model_validator(mode="after")
    def _one_is_there(self) -> Self:
        given = self._given()
        if len(given) != 1:
            found = f"has {' and '.join(given)}" if given else "has none of them"
            raise ValueError(f"exactly one of {', '.join(self.CHOICES)}; this {found}")
        return self

    @property
    def kind(self) -> str:
        """The key that is there."""
        return self._given()[0]

    @property
    def chosen(self) -> Any:
        """What the key that is there says."""
        return getattr(self, self.kind)

    def _given(self) -> list[str]:
        return [name for name in self.CHOICES if getattr(self, name) is not None]
