"""What the stack costs a month, before and after."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Cost:
    """A month while nobody asks anything: instances that run, and what has a price of its own."""

    currency: str
    as_of: str
    """The date of the price table."""
    region: str
    after: float
    before: float | None
    """None: nothing is deployed, so there is nothing to compare with."""
    lines: Sequence[tuple[str, float]]
    """What costs, and how much a month."""
    unpriced: Sequence[str] = ()
    """Instance types without a price: they are not in the sums."""

    @property
    def difference(self) -> float | None:
        """By how much a month becomes dearer; less than 0: cheaper."""
        return None if self.before is None else self.after - self.before

    @property
    def sentence(self) -> str:
        """`432.00 USD a month more: 864.00 after, 432.00 before`."""
        after, delta = f"{self.after:,.2f} {self.currency} a month", self.difference
        if delta is None or self.before is None:
            return f"{after}; nothing is deployed to compare it with"
        if abs(delta) < 0.005:
            return f"{after}, as before"
        word = "more" if delta > 0 else "less"
        return f"{abs(delta):,.2f} {self.currency} a month {word}: {self.after:,.2f} after, {self.before:,.2f} before"
