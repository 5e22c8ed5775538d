"""The comparison of two versions: a verdict for each thing that the contract asks, and what it rests on."""

import json
from pathlib import Path
from typing import Self

from pydantic import ValidationError

from sluice.errors import InvalidFile, Problem
from sluice.evaluation.contract import ContractSet, Direction
from sluice.evaluation.documents import check_format, check_seal, seal_of
from sluice.evaluation.report import ContractPin
from sluice.evaluation.verdict import Verdict
from sluice.manifest.base import Sha256
from sluice.manifest.evidence_paths import stem_of
from sluice.manifest.pins import LockModel
from sluice.manifest.yaml_text import read_text
from sluice.validation import problems_of

FORMAT = 1
"""Counts up when a comparison of before means something else now."""


class ComparedSide(LockModel):
    """One of the two."""

    version: str
    """`digits@2`."""
    subject_digest: Sha256
    report_digest: Sha256
    """The seal of its report."""


class ComparedMetric(LockModel):
    """What is different between the candidate and the incumbent in one figure."""

    verdict: Verdict
    incumbent: float | None
    """The incumbent's figure on the examples that both answered."""
    candidate: float | None
    estimate: float | None
    """Candidate less incumbent; of percentiles of latency, the ratio. None: it cannot be told."""
    low: float | None
    """The lower end of the interval."""
    high: float | None
    confidence: float
    margin: float | None
    """The largest tolerated regression; of percentiles of latency, the largest ratio. None: none is agreed."""
    direction: Direction
    unit: str | None = None
    method: str
    p_not_worse: float | None = None
    """Of the hypothesis that it is worse by the margin, after Holm's correction over the contract's metrics."""
    p_better: float | None = None
    p_worse: float | None = None
    examples: int
    smallest_effect: float | None = None
    """The smallest difference that this set could have seen with the contract's power. None: it cannot be told."""
    examples_needed: int | None = None
    """How many examples the margin takes. None: no margin, or it cannot be told."""

    @property
    def passes(self) -> bool:
        """Whether it lets the candidate take the incumbent's place; what has no margin is told, and may be any."""
        return self.margin is None or self.verdict in (Verdict.BETTER, Verdict.NOT_WORSE)


class ChangedExample(LockModel):
    """An example that the two answer differently."""

    example: str
    metric: str
    incumbent: float
    """Its mean score over runs."""
    candidate: float


class Comparison(LockModel):
    """A candidate beside an incumbent, on the same examples of one set; sealed with a digest of its own."""

    format: int = FORMAT
    incumbent: ComparedSide
    candidate: ComparedSide
    set: ContractSet
    contract: ContractPin
    significance: float
    power: float
    metrics: dict[str, ComparedMetric]
    error_rate: ComparedMetric
    latency_ms: dict[str, ComparedMetric]
    """By percentile; estimates and margins are ratios."""
    cost: ComparedMetric | None = None
    slices: dict[str, ComparedMetric]
    """By slice and metric, `digit=8 accuracy`: those that the contract names with a margin."""
    adversarial: dict[str, ComparedMetric]
    """The metrics of the adversarial set; empty where the contract has none."""
    worst: list[ChangedExample]
    """The examples that lost most, the worst first."""
    digest: str = ""
    """Of everything else in here: shows an edit by hand."""

    def all(self) -> dict[str, ComparedMetric]:
        """Returns everything that was compared, by the names that messages use."""
        found = dict(self.metrics)
        found["error_rate"] = self.error_rate
        found |= {f"latency {name}": it for name, it in self.latency_ms.items()}
        found |= {} if self.cost is None else {"cost": self.cost}
        return found | self.slices | {f"adversarial {name}": it for name, it in self.adversarial.items()}

    @property
    def passes(self) -> bool:
        """Whether the candidate may take the incumbent's place: "cannot tell" is not a pass."""
        return all(it.passes for it in self.all().values())

    def sealed(self) -> Self:
        """Returns it with its digest."""
        return self.model_copy(update={"digest": seal_of(self.model_dump(mode="json"))})

    def text(self) -> str:
        """Returns it as it is written, sealed."""
        return json.dumps(self.sealed().model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n"


def path_for(candidate: Path, incumbent_version: str) -> Path:
    """Returns where the comparison of a candidate's manifest is: `v2.against-1.comparison.json`, beside it."""
    return candidate.with_name(f"{stem_of(candidate)}.against-{incumbent_version}.comparison.json")


def read_comparison(path: Path) -> Comparison:
    """
    Returns the comparison of a file.

    Raises InvalidFile when there is none, when it is of another format, or when somebody has edited it.
    """
    name, fix = str(path), "make it with: sluice compare --write"
    try:
        document = json.loads(read_text(path))
    except ValueError as error:
        raise InvalidFile(name, [Problem("", f"is no JSON: {error}; {fix}")]) from None
    check_format(document, name, "comparison", FORMAT, fix)
    try:
        found = Comparison.model_validate(document)
    except ValidationError as error:
        raise InvalidFile(name, [*problems_of(Comparison, error), Problem("", f"is no comparison; {fix}")]) from None
    check_seal(document, name, fix)
    return found
