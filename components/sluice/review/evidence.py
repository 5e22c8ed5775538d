"""What the sealed comparisons beside the manifests say of the versions that are to get traffic."""

from collections.abc import Mapping
from dataclasses import dataclass

from sluice.errors import SluiceError
from sluice.evaluation.comparison import ComparedMetric, path_for, read_comparison
from sluice.review.declared import Version


@dataclass(frozen=True)
class Compared:
    """What is known of a candidate beside what it is to replace."""

    incumbent: str
    candidate: str
    problem: str | None
    """Why there is no verdict. None: there is one."""
    figures: Mapping[str, ComparedMetric]

    @property
    def passes(self) -> bool:
        """Whether the candidate may take the incumbent's place; no comparison is no pass."""
        return self.problem is None and all(it.passes for it in self.figures.values())

    @property
    def sentence(self) -> str:
        """The verdict."""
        if self.problem is not None:
            return f"{self.candidate} against {self.incumbent}: {self.problem}"
        failing = [f"{name} ({it.verdict.value})" for name, it in self.figures.items() if not it.passes]
        if not failing:
            return f"{self.candidate} may replace {self.incumbent}: nothing that has a margin speaks against it"
        return f"{self.candidate} is not shown fit to replace {self.incumbent}: {', '.join(failing)}"


def compared(incumbent: Version, candidate: Version) -> Compared:
    """Returns what the comparison beside the candidate's manifest says; a missing or edited one is a problem."""
    one, other = incumbent.locked, candidate.locked
    path = path_for(candidate.manifest, one.version)
    shown = path.relative_to(candidate.root) if path.is_relative_to(candidate.root) else path.name
    if not path.is_file():
        return Compared(one.label, other.label, f"no comparison is there; make {shown} with sluice compare --write", {})
    try:
        found = read_comparison(path)
    except SluiceError as error:
        told = str(error).replace(f"{candidate.root}/", "")
        return Compared(one.label, other.label, f"the comparison cannot be trusted: {told}", {})
    about = {
        one.label: (found.incumbent.subject_digest, one.subject_digest),
        other.label: (found.candidate.subject_digest, other.subject_digest),
    }
    stale = [label for label, (said, locked) in about.items() if said != locked]
    if stale:
        problem = f"{shown} is about another {' and '.join(stale)} than the locked one; compare again"
        return Compared(one.label, other.label, problem, {})
    return Compared(one.label, other.label, None, found.all())
