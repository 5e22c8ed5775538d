"""What a comparison is made of and shown with: the reports, scores and questions of two manifests."""

import json
from pathlib import Path
from typing import Any

from sluice.errors import InvalidFile, Problem
from sluice.evaluation.comparing import Evaluated, compare
from sluice.evaluation.comparison import Comparison
from sluice.evaluation.contract import Contract
from sluice.evaluation.display.material import ChangedAnswer, Latencies, Shown
from sluice.evaluation.plan import load_plan
from sluice.evaluation.report import Findings, read_report
from sluice.evaluation.scores import Scores
from sluice.evaluation.scores_parquet import read_scores
from sluice.evaluation.sets import Example, read_set
from sluice.manifest.load import ManifestFile, load
from sluice.manifest.lock import text_digest
from sluice.manifest.yaml_model import read_model
from sluice.manifest.yaml_text import read_text


def compared(incumbent: Path, candidate: Path, contract: Path | None) -> tuple[Comparison, Contract]:
    """
    Returns the comparison of two manifests' reports, by a contract, or by the candidate's.

    Raises InvalidFile for a manifest without a report or a contract, and for reports and scores that were edited.
    """
    comparison, found, _, _ = _compared(load(incumbent), load(candidate), contract)
    return comparison, found


def shown_of(incumbent: Path, candidate: Path, contract: Path | None) -> tuple[Shown, str]:
    """Returns all that a comparison is shown with, and the incumbent's version. Raises as `compared` does."""
    old, new = load(incumbent), load(candidate)
    comparison, found, one, other = _compared(old, new, contract)
    shown = Shown(
        comparison=comparison,
        incumbent=one.report,
        candidate=other.report,
        changed=_changed(comparison, one.scores, other.scores, _examples(new)),
        latencies=Latencies(one.scores.answered_latency_ms, other.scores.answered_latency_ms),
        contract=found,
    )
    return shown, old.manifest.version


def _compared(
    old: ManifestFile, new: ManifestFile, contract: Path | None
) -> tuple[Comparison, Contract, Evaluated, Evaluated]:
    path = contract or _named(new, "contract", new.manifest.contract)
    found, one, other = read_model(Contract, path), _evaluated(old), _evaluated(new)
    return compare(one, other, found, text_digest(read_text(path))), found, one, other


def _evaluated(file: ManifestFile) -> Evaluated:
    path = _named(file, "evaluation.report", file.manifest.evaluation.report)
    if not path.exists():
        raise InvalidFile(str(path), [Problem("", f"is not there yet; make it: sluice evaluate {file.path}")])
    report = read_report(path)
    adversarial = report.adversarial
    return Evaluated(report, _scores(path, report), None if adversarial is None else _scores(path, adversarial))


def _scores(report: Path, found: Findings) -> Scores:
    return read_scores(report.parent / found.scores.path, found.scores.digest)


def _named(file: ManifestFile, key: str, name: str | None) -> Path:
    if name is None:
        raise InvalidFile(str(file.path), [Problem(key, f"is missing; name it, and run: sluice evaluate {file.path}")])
    return file.file(name, key)


def _examples(file: ManifestFile) -> dict[str, Example]:
    """Returns the questions of a version's set by their ids, for the reader; empty where the set is not at hand."""
    name = file.manifest.evaluation.plan
    if name is None:
        return {}
    try:
        found = read_set(load_plan(file.file(name, "evaluation.plan"), file.root).set_path)
    except InvalidFile:
        return {}
    return {it.id: it for it in found.examples} if found.digest == file.manifest.evaluation.set.digest else {}


def _changed(comparison: Comparison, old: Scores, new: Scores, examples: dict[str, Example]) -> list[ChangedAnswer]:
    rows = [{name: at for at, name in enumerate(scores.examples)} for scores in (old, new)]
    return [
        ChangedAnswer(
            example=it.example,
            metric=it.metric,
            input=_text(examples[it.example].input) if it.example in examples else "",
            reference=_reference(examples.get(it.example)),
            incumbent_output=_output(old, rows[0][it.example]),
            candidate_output=_output(new, rows[1][it.example]),
            incumbent_score=it.incumbent,
            candidate_score=it.candidate,
        )
        for it in comparison.worst
    ]


def _reference(example: Example | None) -> str | None:
    return None if example is None or example.reference is None else _text(example.reference)


def _output(scores: Scores, row: int) -> str:
    """Returns what was said most often of an example; the first where several were."""
    said = [
        _text(output) if error is None else f"({error})"
        for output, error, asked in zip(scores.outputs[row], scores.errors[row], scores.asked[row], strict=True)
        if asked
    ]
    return max(said, key=said.count) if said else ""


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
