"""What is shown: a comparison, the two reports that it rests on, and what only the tables of scores tell."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sluice.evaluation.comparison import Comparison
from sluice.evaluation.contract import Contract
from sluice.evaluation.report import Report


@dataclass(frozen=True)
class ChangedAnswer:
    """An example that the two versions answer differently, with what they said."""

    example: str
    metric: str
    input: str
    reference: str | None
    incumbent_output: str
    candidate_output: str
    incumbent_score: float
    """Its mean over runs."""
    candidate_score: float


def _none() -> NDArray[np.float64]:
    return np.empty(0)


@dataclass(frozen=True)
class Latencies:
    """How long each answered call took, in milliseconds; of any shape, NaN where there is none."""

    incumbent: NDArray[np.float64] = field(default_factory=_none)
    candidate: NDArray[np.float64] = field(default_factory=_none)


@dataclass(frozen=True)
class Shown:
    """All that a picture of a comparison is made of."""

    comparison: Comparison
    incumbent: Report
    candidate: Report
    changed: Sequence[ChangedAnswer] = ()
    """The worst first."""
    latencies: Latencies = field(default_factory=Latencies)
    contract: Contract | None = None
    """Tells the absolute bounds. None: they are not shown."""
