"""What a version did in the shadow: a sealed document beside its manifest, which the gates read."""

import json
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from sluice.errors import InvalidFile, Problem
from sluice.evaluation.documents import check_format, check_seal, seal_of
from sluice.manifest.pins import LockModel
from sluice.manifest.yaml_text import read_text
from sluice.rollout.rise import Outcome
from sluice.validation import problems_of

FORMAT = 1
_FIX = "make it again with: sluice shadow report --write"


class ShadowFinding(LockModel):
    """One thing that was compared."""

    outcome: Outcome
    text: str
    """With its figures."""


class ShadowSide(LockModel):
    """What one of the two was."""

    variant: str
    label: str
    digest: str
    """Of the version."""
    instance_type: str | None = None
    """None: serverless."""
    instances: int | None = None


class ShadowReport(LockModel):
    """A version beside the one that served, asked the same; sealed with a digest of its own."""

    format: int = FORMAT
    endpoint: str
    production: ShadowSide
    shadow: ShadowSide
    since: datetime
    until: datetime
    requests: int
    """How many requests both answered, of which both answers were captured."""
    findings: dict[str, ShadowFinding]
    """Agreement, errors, latency, by name."""
    disagreements: list[dict[str, str]]
    """Some of the requests that were answered differently: `input`, `production`, `shadow`."""
    digest: str = ""
    """Of everything else in here: shows an edit by hand."""

    @property
    def outcome(self) -> Outcome:
        """The worst of what was found: "cannot tell" is not a pass."""
        found = {it.outcome for it in self.findings.values()}
        return next((it for it in (Outcome.FAIL, Outcome.CANNOT_TELL) if it in found), Outcome.PASS)

    @property
    def summary(self) -> str:
        """What keeps it from passing, or else how far the answers agree."""
        unmet = [it.text for it in self.findings.values() if it.outcome is not Outcome.PASS]
        return "; ".join(unmet) or self.findings["agreement"].text

    def text(self) -> str:
        """Returns it as it is written, sealed."""
        sealed = self.model_copy(update={"digest": seal_of(self.model_dump(mode="json"))})
        return json.dumps(sealed.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n"


def path_for(manifest: Path) -> Path:
    """Returns where the report of a manifest's version is: `v2.shadow.json`, beside it."""
    return manifest.with_name(f"{manifest.name.removesuffix('.model.yaml')}.shadow.json")


def read_shadow_report(path: Path) -> ShadowReport:
    """Returns the report of a file. Raises InvalidFile when it is of another format, or somebody has edited it."""
    name = str(path)
    try:
        document = json.loads(read_text(path))
    except ValueError as error:
        raise InvalidFile(name, [Problem("", f"is no JSON: {error}; {_FIX}")]) from None
    check_format(document, name, "shadow report", FORMAT, _FIX)
    try:
        report = ShadowReport.model_validate(document)
    except ValidationError as error:
        raise InvalidFile(name, [*problems_of(ShadowReport, error), Problem("", f"is no report; {_FIX}")]) from None
    check_seal(document, name, _FIX)
    return report
