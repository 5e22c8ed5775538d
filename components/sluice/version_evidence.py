"""What a version's report and contract say of themselves, for whoever judges a version by its entry in the registry."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from sluice.errors import InvalidFile
from sluice.manifest.load import find_root
from sluice.manifest.lock import Locked, text_digest
from sluice.manifest.yaml_text import parse, read_text


def evidence_of(manifest: Path, locked: Locked) -> dict[str, str]:
    """
    Returns what the report is about, when it was begun and on how many examples; when the contract was agreed, and
    how many examples it takes.

    Nothing of a file that is not there, or is not what was locked: who asks for it then sees that it is missing.
    """
    root = find_root(manifest.absolute())
    report, contract = locked.evaluation.report, locked.contract
    found = {} if report is None else _of_report(_read(root / report.path, report.digest))
    return found | ({} if contract is None else _of_contract(_read(root / contract.reference, contract.digest)))


def _read(path: Path, digest: str) -> Mapping[str, Any]:
    try:
        content = read_text(path)
        if text_digest(content) != digest:
            return {}
        value = json.loads(content) if path.suffix == ".json" else parse(path, content)[0]
    except (InvalidFile, ValueError):
        return {}
    return value if isinstance(value, Mapping) else {}


def _of_report(report: Mapping[str, Any]) -> dict[str, str]:
    told = {"subject": "subject_digest", "begun": "started", "examples": "examples"}
    return {f"report-{key}": str(report[name]) for key, name in told.items() if name in report}


def _of_contract(contract: Mapping[str, Any]) -> dict[str, str]:
    minimum, agreed = contract.get("minimum"), contract.get("agreed")
    found = {"contract-agreed": _moment(agreed)} if isinstance(agreed, date | str) else {}
    if isinstance(minimum, Mapping) and "examples" in minimum:
        found["contract-examples"] = str(minimum["examples"])
    return found


def _moment(agreed: date | str) -> str:
    """Returns a moment in ISO 8601; of a date, its first one in UTC."""
    if isinstance(agreed, date) and not isinstance(agreed, datetime):
        agreed = datetime.combine(agreed, time(), UTC)
    return agreed if isinstance(agreed, str) else agreed.isoformat()
