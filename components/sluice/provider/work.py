"""What the plugin's resources work with."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sluice.errors import SluiceError
from sluice.provider.connection import Client


class Cancelled(SluiceError):
    """Somebody ended the deployment while AWS was still at it."""


def _silent(message: str) -> None:
    return


@dataclass(frozen=True)
class Work:
    """One operation on one resource."""

    client: Client
    """Makes clients of AWS."""
    cancelled: threading.Event = field(default_factory=threading.Event)
    """Set when whoever runs Pulumi has had enough."""
    region: str = ""
    """Where a resource is that names no region itself."""
    tell: Callable[[str], None] = _silent
    """Told how far it is, for people."""
    recorded: dict[str, Any] = field(default_factory=dict)
    """The resource's outputs as they were recorded last; none of one that is new."""
    preview: bool = False
    """Whether it is only asked what would happen."""
    warn: Callable[[str], None] = _silent
    """Told what people should know of it when all is over."""
    say: Callable[[str], None] = _silent
    """Told what is good to know of it when all is over."""

    def pause(self, seconds: float) -> None:
        """Waits. Raises Cancelled as soon as the deployment is ended; what AWS has begun goes on there."""
        if self.cancelled.wait(seconds):
            raise Cancelled("cancelled while AWS was at work; it goes on there, and the next update continues from it")


@dataclass
class Deadline:
    """A time by which something must have happened, and pauses that grow until then."""

    seconds: float
    first_pause: float = 0.1
    longest_pause: float = 10.0

    def __post_init__(self) -> None:
        self._end = time.monotonic() + self.seconds
        self._pause = self.first_pause

    def wait(self, work: Work) -> bool:
        """Waits a while; returns False when the time is over."""
        left = self._end - time.monotonic()
        if left <= 0:
            return False
        work.pause(min(self._pause, left))
        self._pause = min(self._pause * 1.5, self.longest_pause)
        return True
