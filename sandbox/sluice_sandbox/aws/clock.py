"""
The time in the sandbox's AWS.

It runs with the world's unless it is told otherwise: moved on, or stopped so that it passes only when somebody says so.
"""

import time
from dataclasses import dataclass, field

import time_machine


@dataclass
class Clock:
    """One server's time. Between two requests it may move; during one it stands still, so that a replay is exact."""

    offset: float = 0.0
    """Seconds ahead of the world."""
    stopped_at: float | None = None
    """Seconds since 1970 at which the time stands, or None while it runs."""
    step: float = 0.0
    """Seconds that pass, while the time stands, whenever somebody waits for something to get ready."""
    _traveller: time_machine.travel = field(init=False)

    def __post_init__(self) -> None:
        # Taken before time is replaced: what the world's clock says.
        self._world = time.monotonic
        self._start = time.time() - time.monotonic()
        self._traveller = time_machine.travel(self.now(), tick=False)
        self._coordinates = self._traveller.start()

    def now(self) -> float:
        """Returns the time as seconds since 1970."""
        return self.stopped_at if self.stopped_at is not None else self._start + self._world() + self.offset

    def apply(self, moment: float | None = None) -> float:
        """Makes the whole process see this moment, by default the present one, and returns it."""
        shown = self.now() if moment is None else moment
        self._coordinates.move_to(shown, tick=False)
        return shown

    def advance(self, seconds: float) -> None:
        """Moves the time on. It never goes back: AWS's does not either."""
        if seconds < 0:
            raise ValueError("the sandbox's time only moves forward")
        if self.stopped_at is None:
            self.offset += seconds
        else:
            self.stopped_at += seconds

    def stop(self, step: float = 0.0) -> None:
        """Stops the time; from now on it passes by `advance`, and by `step` whenever somebody waits."""
        self.stopped_at = self.now()
        self.step = step

    def run(self) -> None:
        """Lets the time run again from where it is."""
        if self.stopped_at is not None:
            self.offset += self.stopped_at - (self._start + self._world() + self.offset)
            self.stopped_at = None

    def reset(self) -> None:
        """Is the world's clock again."""
        self.offset, self.stopped_at, self.step = 0.0, None, 0.0

    def waited(self) -> None:
        """Says that somebody looked and it was not ready yet: while the time stands, that is when it passes."""
        if self.stopped_at is not None:
            self.stopped_at += self.step
