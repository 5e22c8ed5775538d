"""`sluice evaluate`: what a version achieves, as evidence that its contract asks for."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars
from rich.text import Text

from sluice.errors import SluiceError

if TYPE_CHECKING:
    from sluice.evaluation.contract import Contract
    from sluice.evaluation.evaluating import Task
    from sluice.evaluation.progress import Progress
    from sluice.evaluation.report import Report
    from sluice.manifest.load import ManifestFile

Manifest = Annotated[Path, typer.Argument(help="The version's manifest.", exists=True, dir_okay=False)]
Plan = Annotated[
    Path | None,
    typer.Option(
        "--plan", help="How it is asked. Omitted: evaluation.plan of the manifest.", exists=True, dir_okay=False
    ),
]
Answers = Annotated[
    Path | None,
    typer.Option("--answers", help="Folder for the answers. Omitted: below .sluice/ of the project.", file_okay=False),
]
Out = Annotated[
    Path | None, typer.Option("--out", help="The report's file. Omitted: evaluation.report of the manifest.")
]
Job = Annotated[
    Path | None, typer.Option("--job", help="With --on sagemaker: where and as whom the job runs.", exists=True)
]
Variant = Annotated[
    str | None,
    typer.Option("--variant", help="`ENDPOINT/SLOT`: ask this live variant in the stead of the plan's target."),
]
Publish = Annotated[
    bool,
    typer.Option(
        "--publish",
        help="Put each score of a live variant into CloudWatch's namespace Sluice/Quality, for guards and gates: "
        "`hallucination_rate` as HallucinationRate, failed calls as ErrorRate, and ContractMet, 1 or 0.",
    ),
]


def evaluate(
    manifest: Manifest,
    plan: Plan = None,
    out: Out = None,
    answers: Answers = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget answers of before, and ask everything again.")] = False,
    on: Annotated[str | None, typer.Option("--on", help="`sagemaker`: run it there, as a Processing job.")] = None,
    job: Job = None,
    lock: Annotated[bool, typer.Option("--lock/--no-lock", help="Whether to lock the report it makes.")] = True,
    variant: Variant = None,
    publish: Publish = False,
    report_only: Annotated[
        bool, typer.Option("--report-only", help="End with 0 once the report is written, whatever it says.")
    ] = False,
) -> None:
    """
    Evaluate a version on its contract's set, and write its report and the scores of each answer.

    What was answered before an interruption is not asked again. Ends with 1 when the contract is not met.
    """
    if on not in (None, "sagemaker"):
        raise SluiceError(f"--on is {on!r}; allowed: sagemaker, or leave it out to evaluate here")
    with needed():
        from sluice.cli.evaluation_task import check_unreleased, locked_of, relock, task_of
        from sluice.evaluation.evaluating import evaluate as do
    from sluice.manifest.load import load

    file = load(manifest)
    if out is None:
        check_unreleased(file)
    locked = locked_of(file)
    task = task_of(file, locked, plan=plan, out=out, answers=answers, fresh=fresh, variant=variant)
    kind = task.plan.plan.target.kind
    if publish and kind != "sagemaker":
        raise SluiceError(f"--publish tells how a live variant does, and this asks {kind}; add --variant ENDPOINT/SLOT")
    if on is None:
        with _bars() as tell:
            report, contract = do(task, tell)
        if publish:
            _publish(task, report, contract)
    else:
        live = [] if variant is None else ["--variant", variant]
        report, contract = _on_sagemaker(file, task, job, [*live, *(["--publish"] if publish else [])])
    if lock and out is None:
        relock(file, locked)
    console = Console()
    met = show(console, report, contract)
    console.print(Text(f"{_from_here(task.report)}: {report.version}, report {report.digest[:19]}"))
    if not met and not report_only:
        raise typer.Exit(1)


def show(console: Console, report: "Report", contract: "Contract") -> bool:
    """Prints what a report says to its contract; returns whether all of it is met."""
    from sluice.evaluation.criteria import Outcome, judged

    signs = {Outcome.MET: ("✓", "green"), Outcome.NOT_MET: ("✗", "red"), Outcome.CANNOT_TELL: ("?", "yellow")}
    findings = judged(report, contract)
    for it in findings:
        sign, style = signs[it.outcome]
        console.print(Text.assemble((f"{sign} ", style), it.text), soft_wrap=True)
    if report.calls.failed:
        console.print(
            Text(f"{report.calls.failed:,} of {report.calls.asked:,} calls failed: {_errors(report)}", "yellow")
        )
    return all(it.outcome is Outcome.MET for it in findings)


def _errors(report: "Report") -> str:
    return ", ".join(f"{count:,} {kind}" for kind, count in report.calls.errors.items())


def _publish(task: "Task", report: "Report", contract: "Contract") -> None:
    import boto3

    from sluice.evaluation.criteria import Outcome, judged
    from sluice.evaluation.publishing import published
    from sluice.evaluation.scores_parquet import read_scores

    target = task.plan.plan.target.chosen
    scores = read_scores(task.report.parent / report.scores.path, report.scores.digest)
    met = all(it.outcome is Outcome.MET for it in judged(report, contract))
    counts = published(boto3.client("cloudwatch", region_name=target.region), target, scores, met)
    told = ", ".join(f"{count:,} of {name}" for name, count in counts.items())
    Console(stderr=True).print(Text(f"published for {target.endpoint}/{target.variant}: {told}"), soft_wrap=True)


def _on_sagemaker(file: "ManifestFile", task: "Task", job: Path | None, more: list[str]) -> "tuple[Report, Contract]":
    from sluice.cli.evaluation_task import run_remotely

    if job is None:
        raise SluiceError("--on sagemaker needs --job: a YAML file with role, image, instance_type and s3_uri")
    console = Console(stderr=True)
    with console.status("waiting for SageMaker") as status:
        return run_remotely(file, task, job, lambda it: status.update(str(it)), more=more)


@contextmanager
def _bars() -> "Iterator[Callable[[str, Progress], None]]":
    """Gives what shows how far each set is, on a terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[left]}"))
    with Bars(*columns, TimeElapsedColumn(), console=console, transient=True, disable=not console.is_terminal) as bars:
        tasks: dict[str, object] = {}

        def tell(name: str, at: "Progress") -> None:
            if name not in tasks:
                tasks[name] = bars.add_task(name, total=at.total, left="")
            left = "" if at.eta_seconds is None else f"{at.eta_seconds:,.0f} s left"
            failed = f", {at.failed:,} failed" if at.failed else ""
            bars.update(tasks[name], completed=at.done, left=f"{left}{failed}")  # type: ignore[arg-type]

        yield tell


@contextmanager
def needed() -> Iterator[None]:
    """Says what to install when a library of evaluations is missing."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("sluice"):
            raise
        raise SluiceError(f"this needs {error.name}; pip install 'pulumi-sluice[evaluation]'") from None


def _from_here(path: Path) -> Path:
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
