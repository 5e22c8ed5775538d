"""What the Model Registry is told of a version: its digests, its owner and what its evaluation found."""

import unicodedata
from collections.abc import Mapping

from sluice.manifest.lock import Locked

MAX_METRICS = 22
"""How many of a report's numbers are told; the report has them all, and a package holds 50 entries."""
_MAX_KEY, _MAX_VALUE, _MAX_DESCRIPTION = 128, 256, 1024


def metadata_of(locked: Locked, evidence: Mapping[str, str] | None = None) -> dict[str, str]:
    """
    Returns a version's entry in the registry, each of its texts as SageMaker takes it.

    `evidence` is what the report and the contract say of themselves, by `sluice.version_evidence`.
    """
    evaluation = locked.evaluation
    told = {
        "sluice:version": locked.label,
        "sluice:version-digest": locked.version_digest,
        "sluice:subject-digest": locked.subject_digest,
        "sluice:weights": locked.weights.pin.digest,
        "sluice:weights-from": f"{locked.weights.pin.source} {locked.weights.pin.immutable}",
        "sluice:data": locked.data.pin.digest,
        "sluice:data-from": f"{locked.data.pin.source} {locked.data.pin.immutable}",
        "sluice:evaluation-set": f"{evaluation.set['name']} {evaluation.set['version']}",
        "sluice:evaluation-set-digest": evaluation.set["digest"],
        "sluice:owner": locked.owner["team"],
        "sluice:contact": locked.owner["contact"],
        **{f"sluice:adapter:{adapter.name}": adapter.pin.digest for adapter in locked.adapters},
    }
    if locked.weights.containers:
        names = " ".join(it.name for it in locked.weights.containers)
        told["sluice:containers"] = f"{locked.weights.mode} {names}"
    ends = {"end-of-life": (locked.life or {}).get("end_of_life"), "retires": locked.weights.pin.facts.get("retires")}
    said = {"licence": locked.licence, **ends, **(evidence or {})}
    told |= {f"sluice:{key}": value for key, value in said.items() if value}
    if locked.contract is not None:
        told["sluice:contract"] = locked.contract.digest
    if evaluation.report is not None:
        told["sluice:report"] = evaluation.report.digest
        told |= {f"metric:{name}": f"{value:.6g}" for name, value in _foremost(evaluation.report.metrics)}
    return {_told(key, _MAX_KEY): _told(value, _MAX_VALUE) for key, value in told.items()}


def description_of(locked: Locked) -> str:
    """Returns one line for a person: the version, its architecture, and whom to ask."""
    about = f"{locked.label}, {locked.architecture}" if locked.architecture else locked.label
    return f"{about}; owned by {locked.owner['team']} ({locked.owner['contact']})"[:_MAX_DESCRIPTION]


def is_metadata_sign(sign: str) -> bool:
    """True for a character that SageMaker takes in a package's metadata."""
    return sign in "_.:/=+-@" or unicodedata.category(sign)[0] in "LZN"


def _foremost(metrics: dict[str, float]) -> list[tuple[str, float]]:
    """Returns the metrics that are least deep in the report."""
    return sorted(metrics.items(), key=lambda item: (item[0].count("."), item[0]))[:MAX_METRICS]


def _told(text: str, longest: int) -> str:
    return "".join(sign if is_metadata_sign(sign) else "_" for sign in text)[:longest] or "_"
