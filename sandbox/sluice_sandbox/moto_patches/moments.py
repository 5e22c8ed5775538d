"""Times as moto has them, which know no zone and are in UTC, and as seconds since 1970."""

from datetime import UTC
from typing import Any

from moto.core.utils import utcnow


def seconds(moment: Any) -> float:
    """Returns seconds since 1970."""
    if isinstance(moment, int | float):
        return float(moment)
    return float(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp())


def now() -> float:
    """Returns the sandbox's time in seconds since 1970."""
    return seconds(utcnow())
