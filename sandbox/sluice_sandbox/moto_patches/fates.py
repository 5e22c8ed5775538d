"""What goes wrong with endpoints because a test, or a rehearsal, has said so."""

from dataclasses import dataclass
from typing import Literal, get_args

Kind = Literal["create-fails", "update-rolls-back", "rollback-fails"]


@dataclass(frozen=True)
class Fate:
    """What befalls an endpoint, once."""

    kind: Kind
    reason: str


_FATES: dict[str, Fate] = {}


def set_one(endpoint: str, kind: str, reason: str) -> None:
    """Says what the next creation or update of an endpoint comes to. Raises ValueError for a kind that there is not."""
    if kind not in get_args(Kind):
        raise ValueError(f"there is no fate {kind!r}; there are: {', '.join(get_args(Kind))}")
    _FATES[endpoint] = Fate(kind, reason)  # type: ignore[arg-type]


def take(endpoint: str, *kinds: Kind) -> Fate | None:
    """Returns what befalls an endpoint now, if it is one of these; it does not befall it again."""
    fate = _FATES.get(endpoint)
    return _FATES.pop(endpoint) if fate is not None and fate.kind in kinds else None


def reset() -> None:
    """Spares everybody."""
    _FATES.clear()
