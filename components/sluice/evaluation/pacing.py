"""Time: when calls may begin, and a clock that tests can turn."""

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    """What waits and what tells the time."""

    def now(self) -> float:
        """Returns seconds since some moment."""
        ...

    async def sleep(self, seconds: float) -> None: ...


class RealClock:
    """The machine's."""

    def now(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class Pacer:
    """Lets calls begin at even distances, never more than so many in any second, and none of them in bursts."""

    def __init__(self, rate_per_second: float | None, clock: Clock) -> None:
        """None: calls begin as they come."""
        self._interval = 0.0 if rate_per_second is None else 1 / rate_per_second
        self._clock = clock
        self._next = clock.now()

    async def turn(self) -> None:
        """Returns when the next call may begin. Turns are given in the order in which they are asked for."""
        if not self._interval:
            return
        now = self._clock.now()
        slot = max(now, self._next)
        self._next = slot + self._interval
        if slot > now:
            await self._clock.sleep(slot - now)
