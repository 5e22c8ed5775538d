"""The gate before a deployment: whether a version is proven, by its report, its contract and a comparison."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sluice.errors import InvalidFile, Problem
from sluice.evaluation.comparison import ComparedMetric, Comparison, path_for, read_comparison
from sluice.evaluation.contract import Contract
from sluice.evaluation.criteria import Outcome, judged
from sluice.evaluation.report import Report, parse_report
from sluice.manifest.load import find_root
from sluice.manifest.lock import Locked, text_digest
from sluice.manifest.lock import read as read_lock
from sluice.manifest.yaml_model import validated
from sluice.manifest.yaml_text import parse, read_text


@dataclass(frozen=True)
class Case:
    """A version that is to be deployed."""

    manifest: Path
    locked: Locked
    incumbent: Path | None = None
    """The manifest of the version that it is to replace. None: it replaces none, or serves already."""

    @property
    def root(self) -> Path:
        """The project's folder."""
        return find_root(self.manifest.absolute())


def unproven(case: Case, now: datetime) -> list[Problem]:
    """
    Returns everything that keeps a version from being proven, with what to do about it; nothing for one that is.

    Reads what the lock names, which must be what was locked. How old a report is counts for a version that is to
    replace another: what serves is not refused because time passes.
    """
    locked, found = case.locked, case.locked.evaluation.report
    if found is None or locked.contract is None:
        # Both are asked of every version, whatever its evidence says.
        return []
    again = f"run: sluice evaluate {case.manifest}"
    try:
        report = parse_report(_pinned(case, found.path, found.digest, "the report"), found.path)
        contract = _contract(case, locked.contract.reference, locked.contract.digest)
    except InvalidFile as error:
        return [Problem("evaluation.report", f"{error.subject} {problem}") for problem in error.problems]
    problems = list(_about(report, contract, case, again))
    problems += [
        Problem("evaluation.report", f"does not meet the contract: {it.text}")
        for it in judged(report, contract)
        if it.outcome is not Outcome.MET
    ]
    if case.incumbent is not None:
        problems += _too_old(report, contract, now, again)
        problems += _beside(case, case.incumbent, report, contract)
    return problems


def _pinned(case: Case, name: str, digest: str, what: str) -> bytes:
    path = case.root / name
    content = read_text(path)
    if text_digest(content) != digest:
        reason = f"is not what was locked; {what} was {digest}; run: sluice lock {case.manifest}"
        raise InvalidFile(name, [Problem("", reason)])
    return content


def _contract(case: Case, name: str, digest: str) -> Contract:
    content = _pinned(case, name, digest, "the contract")
    return validated(Contract, Path(name), *parse(Path(name), content))


def _about(report: Report, contract: Contract, case: Case, again: str) -> Iterator[Problem]:
    locked, at = case.locked, "evaluation.report"
    if report.subject_digest != locked.subject_digest:
        yield Problem(
            at,
            f"is about another subject, {report.version} ({report.subject_digest[:19]}), and this is "
            f"{locked.label} ({locked.subject_digest[:19]}): whatever of weights, data, prompt or inference "
            f"configuration changes is another; {again}",
        )
    if report.set.digest != locked.evaluation.set["digest"]:
        named = f"{locked.evaluation.set['name']} {locked.evaluation.set['version']}"
        yield Problem(at, f"was made on {report.set.name} {report.set.version}; the manifest names {named}; {again}")
    pinned = locked.contract.digest if locked.contract is not None else ""
    if report.contract.digest != pinned:
        yield Problem(
            at,
            f"was made for {report.contract.name} {report.contract.version} ({report.contract.digest[:19]}), and the "
            f"contract is {contract.name} {contract.version} ({pinned[:19]}): criteria come first; {again}",
        )
    elif report.started < contract.agreed_at:
        yield Problem(
            at,
            f"was begun at {report.started:%Y-%m-%d %H:%M} UTC, before its contract was agreed, at "
            f"{contract.agreed_at:%Y-%m-%d %H:%M} UTC: criteria come before experiments; {again} --fresh",
        )


def _too_old(report: Report, contract: Contract, now: datetime, again: str) -> Iterator[Problem]:
    days = contract.report_max_age_days
    if days is not None and now - report.finished > timedelta(days=days):
        age = (now - report.finished).days
        yield Problem("evaluation.report", f"is {age} days old; the contract allows {days}; {again} --fresh")


def _beside(case: Case, incumbent: Path, report: Report, contract: Contract) -> Iterator[Problem]:
    """Yields what a comparison with the incumbent lacks, or finds."""
    at, again = "evaluation.comparison", f"run: sluice compare {incumbent} {case.manifest} --write"
    try:
        old = read_lock(incumbent)
    except InvalidFile as error:
        yield from (Problem(at, f"of the incumbent {error.subject} {problem}") for problem in error.problems)
        return
    if old.subject_digest == case.locked.subject_digest or not _asks(contract):
        return
    path = path_for(case.manifest, old.version)
    if not path.is_file():
        yield Problem(at, f"with {old.label}, which serves, is missing: there is no {path.name}; {again}")
        return
    try:
        found = read_comparison(path)
    except InvalidFile as error:
        yield from (Problem(at, f"{path.name} {problem}") for problem in error.problems)
        return
    if stale := _stale(found, old, report):
        yield Problem(at, f"{path.name} is about {stale}; {again}")
        return
    for name, it in found.all().items():
        if not it.passes:
            yield Problem(at, f"with {old.label}: {name} {_verdict(it)}")


def _asks(contract: Contract) -> bool:
    """True where a contract says anything of the incumbent."""
    return (
        any(it.margin is not None for it in contract.metrics.values())
        or any(it.margin is not None for it in contract.slices or [])
        or any(it.max_ratio is not None for it in (contract.latency or {}).values())
        or (contract.error_rate is not None and contract.error_rate.margin is not None)
    )


def _stale(found: Comparison, old: Locked, report: Report) -> str | None:
    """Returns what a comparison is about, where that is not what is to be deployed now."""
    if found.incumbent.subject_digest != old.subject_digest:
        return f"another incumbent, {found.incumbent.version} ({found.incumbent.subject_digest[:19]})"
    if (found.candidate.subject_digest, found.candidate.report_digest) != (report.subject_digest, report.digest):
        return f"another report of {found.candidate.version}"
    if found.contract.digest != report.contract.digest:
        return f"another contract, {found.contract.name} {found.contract.version}"
    return None


def _verdict(it: ComparedMetric) -> str:
    figures = "" if it.candidate is None or it.incumbent is None else f": {it.candidate:.4g} against {it.incumbent:.4g}"
    ends = "" if it.low is None or it.high is None else f", difference {it.low:.3g} to {it.high:.3g}"
    needed = ""
    if it.examples_needed is not None and it.examples_needed > it.examples:
        needed = f"; the margin takes {it.examples_needed:,} examples, and there are {it.examples:,}"
    return f"is {it.verdict.value!r}{figures}{ends}, margin {it.margin:g}{needed}"
