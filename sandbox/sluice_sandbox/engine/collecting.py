"""How often Python looks for garbage while a deployment is under way."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_YOUNG = 50_000
"""How many new objects make Python look at the young ones; its own figure is 700."""


@contextmanager
def seldom_collecting() -> Iterator[None]:
    """
    Lets Python look for garbage more seldom, until the block ends.

    Nearly all that a deployment makes it keeps until its end, and the SDK makes a great many objects: looking at them
    again and again took half of the time of a preview, and found nothing.
    """
    young, middle, old = gc.get_threshold()
    gc.set_threshold(max(young, _YOUNG) if young else 0, middle, old)
    try:
        yield
    finally:
        gc.set_threshold(young, middle, old)
