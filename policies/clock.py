"""What day it is, for rules that know of dates."""

from datetime import UTC, date, datetime


def today() -> date:
    """Returns the day that it is in UTC."""
    return datetime.now(UTC).date()


def as_date(value: object) -> date | None:
    """Returns the day that a text in ISO 8601 begins with; None for what is none, or not known yet."""
    try:
        return date.fromisoformat(value[:10]) if isinstance(value, str) else None
    except ValueError:
        return None


def as_moment(value: object) -> datetime | None:
    """Returns the moment of a text in ISO 8601, in UTC where it names no zone; None for what is none."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment
