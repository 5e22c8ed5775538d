"""
The table of scores: one row an answer, beside the report, in Parquet.

Arrays have a row an example, in the order of the set, and a column a run; NaN where there is nothing.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sluice.manifest.canonical import canonical

Array = NDArray[np.float64]
ARRAYS = ("latency_ms", "cost", "tokens_in", "tokens_out")
"""What is measured of each answer, whatever the metrics."""


@dataclass(frozen=True, eq=False)
class Scores:
    """What each answer scored. Nothing of it can be changed; the same rows have the same digest."""

    examples: tuple[str, ...]
    """The ids, in the order of the set."""
    slices: tuple[Mapping[str, str], ...]
    """Of each example, from dimension to value."""
    metrics: Mapping[str, Array]
    """Of shape (examples, runs). NaN: no run, or no score."""
    failed: Array
    """1: the call failed for good, 0: it was answered. NaN: no run. Its mean is the error rate."""
    latency_ms: Array
    """Milliseconds, of failed calls too."""
    cost: Array
    """In the plan's currency. NaN where it is not known."""
    tokens_in: Array
    tokens_out: Array
    outputs: tuple[tuple[Any, ...], ...]
    """Of each example, the output of each run; None where there is none."""
    errors: tuple[tuple[str | None, ...], ...]
    """Of each example, why each run has no answer, `timeout: no answer within 5 s`; None where it has one."""
    facts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Of each metric, what else its scores rest on. No part of the digest."""

    def __post_init__(self) -> None:
        for array in (*self.metrics.values(), self.failed, *(getattr(self, name) for name in ARRAYS)):
            assert array.shape == (len(self.examples), self.runs), "arrays are of one shape"
            array.flags.writeable = False

    @property
    def runs(self) -> int:
        """How often the most asked example was asked."""
        return int(self.failed.shape[1])

    @property
    def answers(self) -> int:
        """How many answers there are, failed calls included."""
        return int(np.count_nonzero(self.asked))

    @property
    def asked(self) -> NDArray[np.bool_]:
        """Whether there is a run, of shape (examples, runs)."""
        return ~np.isnan(self.failed)

    @property
    def answered_latency_ms(self) -> Array:
        """Milliseconds, NaN where the call failed: a failure is fast, and would flatter."""
        return np.where(self.failed == 0, self.latency_ms, np.nan)

    @property
    def error_counts(self) -> dict[str, int]:
        """How many calls failed in which way, by the names of the ways."""
        kinds = (error.partition(": ")[0] for row in self.errors for error in row if error is not None)
        return dict(sorted(Counter(kinds).items()))

    def unscored(self, metric: str) -> int:
        """Returns how many answers have no score, failed calls included where they have none."""
        return int(np.count_nonzero(self.asked & np.isnan(self.metrics[metric])))

    def of_slice(self, dimension: str, value: str) -> NDArray[np.bool_]:
        """Returns which examples are of a slice, of shape (examples,)."""
        return np.array([it.get(dimension) == value for it in self.slices], dtype=bool)

    @cached_property
    def digest(self) -> str:
        """
        The digest of the rows, whatever file they are in.

        SHA-256 of each row's canonical JSON (RFC 8785), ended by a line feed; NaN is null, and outputs are texts.
        """
        state = hashlib.sha256()
        for row in self.rows():
            state.update(canonical(row) + b"\n")
        return f"sha256:{state.hexdigest()}"

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yields one row an answer, example after example and run after run, with null for NaN."""
        for at, run in np.argwhere(self.asked):
            place = int(at), int(run)
            yield {
                "example": self.examples[at],
                "run": int(run) + 1,
                "output": json_text(self.outputs[at][run]),
                "error": self.errors[at][run],
                **{name: _number(getattr(self, name)[place]) for name in ARRAYS},
                "slices": json_text(dict(self.slices[at])),
                "scores": {name: _number(array[place]) for name, array in self.metrics.items()},
            }


def json_text(value: Any) -> str:
    """Returns JSON as one text: keys in order, in ASCII, so that it is the same wherever it was."""
    return json.dumps(value, sort_keys=True, allow_nan=False, separators=(",", ":"))


def _number(value: Any) -> float | None:
    return None if np.isnan(value) else float(value)
