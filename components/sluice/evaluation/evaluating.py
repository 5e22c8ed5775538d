"""`sluice evaluate`: asks a version the questions of its contract, and writes its report and the scores beside it."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sluice.errors import InvalidFile, Problem, SluiceError
from sluice.evaluation.answers import Header, header_of
from sluice.evaluation.contract import Contract, ContractSet, Metric
from sluice.evaluation.plan import PlanFile
from sluice.evaluation.progress import Progress
from sluice.evaluation.report import Report
from sluice.evaluation.reporting import Scored, make_report
from sluice.evaluation.runner import run
from sluice.evaluation.scorers import Context, scorers_of
from sluice.evaluation.scores_parquet import write_scores
from sluice.evaluation.scoring import score
from sluice.evaluation.sets import EvaluationSet, read_set
from sluice.evaluation.subject import Subject
from sluice.manifest.evidence_paths import scores_path
from sluice.manifest.lock import text_digest
from sluice.manifest.yaml_model import read_model
from sluice.manifest.yaml_text import read_text


@dataclass(frozen=True)
class Task:
    """What is to be evaluated, by what, and where everything is written."""

    subject: Subject
    wanted: ContractSet
    """The set that the manifest names."""
    plan: PlanFile
    contract_path: Path
    report: Path
    answers: Path
    """A folder for the answers: what an interrupted evaluation goes on from."""
    fresh: bool = False
    """Whether to forget the answers that there are."""


@dataclass(frozen=True)
class _Part:
    """One of the sets, and what is measured on it."""

    name: str
    set: EvaluationSet
    metrics: Mapping[str, Metric]


def evaluate(task: Task, progress: Callable[[str, Progress], None]) -> tuple[Report, Contract]:
    """
    Asks, scores and writes; returns the report and the contract that it was made for.

    `progress` gets the set's name and how far it is. Raises InvalidFile for a plan, a contract and sets that do not fit
    together, and for answers from before the contract; SluiceError when the target or a scorer cannot do its work.
    Interrupted, it keeps what was answered.
    """
    contract = read_model(Contract, task.contract_path)
    parts = list(_parts(task, contract))
    _check(task, contract, parts)
    # A contract that cannot be scored shows before anything is asked, and paid for.
    for part in parts:
        scorers_of(part.metrics, _context(task))
    scored = [_scored(task, part, contract, progress) for part in parts]
    contract_digest = text_digest(read_text(task.contract_path))
    price = task.plan.plan.price
    report = make_report(task.subject, contract, contract_digest, price, scored[0], scored[1] if scored[1:] else None)
    for it in scored:
        write_scores(task.report.parent / it.path, it.scores)
    partial = task.report.with_name(f".{task.report.name}.part")
    partial.write_text(report.text(), encoding="utf-8")
    partial.replace(task.report)
    return report, contract


def _parts(task: Task, contract: Contract) -> Iterator[_Part]:
    yield _Part("set", read_set(task.plan.set_path), contract.metrics)
    path = task.plan.adversarial_path
    if contract.adversarial is not None and path is not None:
        yield _Part("adversarial", read_set(path), contract.adversarial.metrics)


def _check(task: Task, contract: Contract, parts: list[_Part]) -> None:
    plan = task.plan.plan
    problems = list(_set_problems("set", parts[0].set, {"the contract": contract.set, "the manifest": task.wanted}))
    if contract.adversarial is not None:
        if parts[1:]:
            problems += _set_problems("adversarial", parts[1].set, {"the contract": contract.adversarial.set})
        else:
            problems.append(Problem("adversarial", f"is missing; the contract names {contract.adversarial.set.name}"))
    if plan.runs < contract.minimum.runs:
        problems.append(Problem("runs", f"is {plan.runs}; the contract asks for {contract.minimum.runs} or more"))
    if len(parts[0].set.examples) < contract.minimum.examples:
        found = len(parts[0].set.examples)
        problems.append(
            Problem("set", f"has {found:,} examples; the contract asks for {contract.minimum.examples:,} or more")
        )
    if problems:
        raise InvalidFile(str(task.plan.path), problems)


def _set_problems(path: str, found: EvaluationSet, wanted: Mapping[str, ContractSet]) -> Iterator[Problem]:
    for who, it in wanted.items():
        if it.digest != found.digest:
            yield Problem(
                path,
                f"{found.path.name} is {found.label} with the digest {found.digest}; {who} names "
                f"{it.name}@{it.version} with {it.digest}; a changed set is another version of it",
            )


def _scored(task: Task, part: _Part, contract: Contract, progress: Callable[[str, Progress], None]) -> Scored:
    store = task.answers / f"{part.name}-{part.set.digest.removeprefix('sha256:')[:12]}.jsonl"
    store.parent.mkdir(parents=True, exist_ok=True)
    if task.fresh:
        store.unlink(missing_ok=True)
    _check_time(header_of(store), contract, store)
    said: Callable[[Progress], None] = lambda it: progress(part.set.label, it)  # noqa: E731
    summary = asyncio.run(run(task.plan.plan, task.subject, part.set, store, progress=said))
    scores = score(summary.answers, part.set, part.metrics, _context(task))
    return Scored(part.set, summary, scores, scores_path(task.report, part.name).name)


def _check_time(header: Header | None, contract: Contract, store: Path) -> None:
    if header is not None and header.started < contract.agreed_at:
        raise SluiceError(
            f"{store}: the answers are from {header.started:%Y-%m-%d %H:%M} UTC, and the contract was agreed at "
            f"{contract.agreed_at:%Y-%m-%d %H:%M} UTC: criteria come before experiments; ask again with --fresh"
        )


def _context(task: Task) -> Context:
    return Context(task.plan.root, task.answers / "judged.jsonl", task.plan.plan.timeout_seconds)
