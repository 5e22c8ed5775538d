"""What the commands of evaluations work on: from a manifest to what is asked, and back to its lock."""

import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from sluice.errors import InvalidFile, InvalidInput, Problem
from sluice.evaluation.contract import Contract, ContractSet
from sluice.evaluation.evaluating import Task
from sluice.evaluation.plan import Plan, PlanFile, load_plan
from sluice.evaluation.processing import ProcessingOptions, check_target, remote_arguments, run_on_sagemaker
from sluice.evaluation.processing_job import JobProgress
from sluice.evaluation.project_files import files_of
from sluice.evaluation.report import Report, read_report
from sluice.evaluation.subject import Subject
from sluice.evaluation.targets.artifact import check_subject
from sluice.locking import lock, with_evidence
from sluice.manifest import lock as locks
from sluice.manifest.evidence_paths import report_path, scores_path
from sluice.manifest.load import ManifestFile
from sluice.manifest.lock import Locked
from sluice.manifest.released import edit_of_released, new_evidence_problem
from sluice.manifest.yaml_model import read_model
from sluice.sources import Context


def check_unreleased(file: ManifestFile) -> None:
    """Raises InvalidInput when a released version's report would be written over."""
    if (problem := new_evidence_problem(locks.path_for(file.path))) is not None:
        raise InvalidInput("evaluate", [problem])


def locked_of(file: ManifestFile) -> Locked:
    """
    Returns what is to be evaluated, as it is locked; where the lock is missing or older, by resolving it now.

    A report that is named and does not exist yet is what the evaluation is to make.
    """
    try:
        return locks.read(file.path)
    except InvalidFile:
        return lock(_without_report(file), Context(root=file.root))


def task_of(
    file: ManifestFile,
    locked: Locked,
    *,
    plan: Path | None,
    out: Path | None,
    answers: Path | None,
    fresh: bool,
    variant: str | None = None,
) -> Task:
    """
    Returns what to do for a manifest; `variant`, `ENDPOINT/SLOT`, is asked in the stead of the plan's target.

    Raises InvalidFile with what the manifest does not say, InvalidInput for what is no variant.
    """
    manifest, problems = file.manifest, []
    named = manifest.evaluation.plan
    if plan is None and named is None:
        problems.append(Problem("evaluation.plan", "is missing; name the plan there, or with --plan"))
    if manifest.contract is None:
        problems.append(Problem("contract", "is missing: what the version must achieve is agreed first; name it there"))
    if out is None and manifest.evaluation.report is None:
        expected = report_path(file.path).relative_to(file.root)
        problems.append(
            Problem("evaluation.report", f"is missing; name it there, for example {expected}, or say --out")
        )
    if problems or manifest.contract is None:
        raise InvalidFile(str(file.path), problems)
    where = file.root / ".sluice" / "evaluations" / locked.label / locked.subject_digest.removeprefix("sha256:")[:12]
    planned = load_plan(plan or file.file(str(named), "evaluation.plan"), file.root)
    if variant is not None:
        # What a variant answers is no answer of the plan's target.
        where, planned = where / variant.replace("/", "-"), _asking(planned, variant)
    return Task(
        subject=Subject.of(locked, file.root),
        wanted=ContractSet(**manifest.evaluation.set.model_dump()),
        plan=planned,
        contract_path=file.file(manifest.contract, "contract"),
        report=out.absolute() if out is not None else file.file(str(manifest.evaluation.report), "evaluation.report"),
        answers=answers or where,
        fresh=fresh,
    )


def relock(file: ManifestFile, locked: Locked) -> None:
    """Writes the lock with the report that was made. Raises InvalidInput for a released version."""
    made = with_evidence(locked, file, Context(root=file.root))
    path = locks.path_for(file.path)
    if (problem := edit_of_released(path, made)) is not None:
        raise InvalidInput("lock", [problem])
    locks.write(path, made)


def run_remotely(
    file: ManifestFile,
    task: Task,
    job: Path,
    tell: Callable[[JobProgress], None],
    poll_seconds: float = 10,
    more: Sequence[str] = (),
) -> tuple[Report, Contract]:
    """
    Evaluates as a Processing job on SageMaker, and puts what it wrote where it would have been written here.

    `more` are arguments of the command there beside those that say what to evaluate.
    """
    options = read_model(ProcessingOptions, job)
    check_target(options, task.plan.plan.target.kind)
    if task.plan.plan.target.kind == "artifact":
        check_subject(task.subject)
    arguments = [*remote_arguments(_inside(file, file.path), _inside(file, task.plan.path), task.report.name), *more]
    with tempfile.TemporaryDirectory() as folder:
        run_on_sagemaker(
            options,
            label=task.subject.label,
            root=file.root,
            files=files_of(file, locked_of(file), task.plan),
            arguments=arguments,
            into=Path(folder),
            progress=tell,
            poll_seconds=poll_seconds,
        )
        report = read_report(Path(folder) / task.report.name)
        for part in ("set", "adversarial"):
            found = scores_path(Path(folder) / task.report.name, part)
            if found.exists():
                shutil.copyfile(found, scores_path(task.report, part))
        shutil.copyfile(Path(folder) / task.report.name, task.report)
    return report, read_model(Contract, task.contract_path)


def _asking(planned: PlanFile, variant: str) -> PlanFile:
    endpoint, _, slot = variant.partition("/")
    if not endpoint or not slot or "/" in slot:
        raise InvalidInput(
            "evaluate", [Problem("--variant", f"is {variant!r}; expected ENDPOINT/SLOT: search-prod/blue")]
        )
    document = planned.plan.model_dump(mode="json", exclude={"target"}, exclude_none=True)
    target = {"sagemaker": {"endpoint": endpoint, "variant": slot}}
    return replace(planned, plan=Plan.model_validate({**document, "target": target}))


def _inside(file: ManifestFile, path: Path) -> str:
    return str(path.absolute().relative_to(file.root))


def _without_report(file: ManifestFile) -> ManifestFile:
    evaluation = file.manifest.evaluation
    if evaluation.report is None or (file.root / evaluation.report).exists():
        return file
    unreported = evaluation.model_copy(update={"report": None})
    return replace(file, manifest=file.manifest.model_copy(update={"evaluation": unreported}))
