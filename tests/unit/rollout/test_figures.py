"""Figures as people read them."""

import pytest

from sluice.rollout.figures import number


@pytest.mark.parametrize(
    ("value", "told"),
    [(12_310, "12,310"), (6_000_000.0, "6,000,000"), (1000.4, "1,000"), (5.000000001, "5"), (0.01234, "0.0123")],
)
def test_a_number_is_read_at_a_glance(value: float, told: str) -> None:
    """A latency of seconds is millions of microseconds."""
    assert number(value) == told
