"""Where metric data is kept: by metric, with dimensions exactly as they were given, and by second."""

from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sluice_sandbox.cloudwatch.samples import Samples


@dataclass(frozen=True)
class Metric:
    """A metric: another set of dimensions is another metric."""

    namespace: str
    name: str
    dimensions: frozenset[tuple[str, str]] = frozenset()

    @classmethod
    def of(cls, namespace: str, name: str, dimensions: Iterable[Mapping[str, str]] = ()) -> "Metric":
        """Returns the metric that a request names."""
        return cls(namespace, name, frozenset((item["Name"], item["Value"]) for item in dimensions))


@dataclass
class _Track:
    """One metric's data: seconds since 1970 in order, and for each what was measured, by unit."""

    moments: list[int] = field(default_factory=list)
    samples: dict[int, dict[str, Samples]] = field(default_factory=dict)


@dataclass
class Store:
    """All metric data of one region."""

    _tracks: dict[Metric, _Track] = field(default_factory=dict)
    changes: int = 0
    """Grows with every addition."""

    def knows(self, metric: Metric) -> bool:
        return metric in self._tracks

    def beside(self, other: "Store") -> "Store":
        """Returns a store with all of this one, and what another has of metrics that this one does not know."""
        return Store({**other._tracks, **self._tracks}, self.changes)

    def at(self, metric: Metric, moment: float, unit: str, resolution: int = 60) -> Samples:
        """Returns what data of that moment is added to: the minute that it is in, or the second (resolution 1)."""
        second = int(moment // resolution) * resolution
        track = self._tracks.setdefault(metric, _Track())
        if second not in track.samples:
            insort(track.moments, second)
            track.samples[second] = {}
        self.changes += 1
        return track.samples[second].setdefault(unit, Samples())

    def between(self, metric: Metric, start: float, end: float, unit: str | None = None) -> Samples:
        """Returns what was measured from `start` to before `end`, in a unit or in all."""
        found = Samples()
        track = self._tracks.get(metric)
        if track is None:
            return found
        for moment in track.moments[bisect_left(track.moments, start) : bisect_left(track.moments, end)]:
            for measured_in, samples in track.samples[moment].items():
                if unit in (None, measured_in):
                    found.merge(samples)
        return found

    def unit_of(self, metric: Metric, start: float, end: float) -> str:
        """Returns the unit of data from `start` to before `end`; `None`, AWS's own word, for none."""
        track = self._tracks.get(metric, _Track())
        for moment in track.moments[bisect_left(track.moments, start) : bisect_left(track.moments, end)]:
            return next(iter(track.samples[moment]))
        return "None"

    def next_after(self, metric: Metric, moment: float) -> int | None:
        """Returns the next second after a moment, or at it, that has data."""
        track = self._tracks.get(metric)
        if track is None:
            return None
        index = bisect_left(track.moments, moment)
        return track.moments[index] if index < len(track.moments) else None
