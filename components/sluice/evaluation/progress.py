"""How far an evaluation has come, and how long it will take."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """Where an evaluation is."""

    done: int
    """Calls that are answered, those of earlier sessions among them."""
    total: int
    failed: int
    """Of those done, for good."""
    eta_seconds: float | None
    """How long the rest will take. None: nothing was answered yet by which to tell."""


class Meter:
    """Counts answers, and tells from the pace of this session how long the others will take."""

    def __init__(self, total: int, done: int, failed: int, started: float) -> None:
        """`done` and `failed` are of earlier sessions; `started` is when this one began, by the clock."""
        self._total, self._before, self._started = total, done, started
        self._done, self._failed = done, failed

    def count(self, failed: bool, now: float) -> Progress:
        """Counts an answer, and returns where that leads."""
        self._done += 1
        self._failed += failed
        return self.progress(now)

    def progress(self, now: float) -> Progress:
        """Returns where the evaluation is."""
        here = self._done - self._before
        eta = (now - self._started) / here * (self._total - self._done) if here else None
        return Progress(self._done, self._total, self._failed, eta if self._done < self._total else 0.0)
