"""How long CloudWatch can keep logs."""

from collections.abc import Iterator

from sluice.errors import Problem

LOG_DAYS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)


def log_problems(days: int) -> Iterator[Problem]:
    """Yields what is wrong with a number of days."""
    if days not in LOG_DAYS:
        yield Problem("log_retention_days", f"is {days}; CloudWatch allows {', '.join(map(str, LOG_DAYS))}")
