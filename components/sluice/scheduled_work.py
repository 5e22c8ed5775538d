"""What a scheduled evaluation needs of the project: the files of one version's evaluation, without its weights."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sluice.errors import InvalidInput, Problem
from sluice.manifest import lock as locks
from sluice.manifest.load import ManifestFile, find_root, load
from sluice.scheduled_args import ScheduledEvaluationArgs


@dataclass(frozen=True)
class Work:
    """Files, and which of them are which."""

    files: Mapping[str, Path]
    """By their names from the project's folder."""
    manifest: str
    plan: str

    @property
    def digest(self) -> str:
        """The digest of all names and contents, short."""
        content = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in sorted(self.files.items())}
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:12]


def work_of(subject: str, args: ScheduledEvaluationArgs) -> Work:
    """
    Returns what a job needs.

    Raises InvalidInput with what the project or the manifest lacks, InvalidFile with what is wrong in a file.
    """
    # What only these need is not loaded by every program.
    from sluice.evaluation.plan import load_plan
    from sluice.evaluation.project_files import files_of

    root = find_root(Path.cwd() / "program")
    if problems := list(_missing(root, {"manifest": args.manifest, "plan": args.plan})):
        raise InvalidInput(subject, problems)
    file = load(root / args.manifest)
    if problems := list(_lacking(file, args)):
        raise InvalidInput(subject, problems)
    plan = load_plan(root / str(args.plan or file.manifest.evaluation.plan), file.root)
    names = files_of(file, locks.read(file.path), plan, weights=False)
    files = {name: file.root / name for name in names}
    return Work(files, str(file.path.relative_to(file.root)), str(plan.path.relative_to(file.root)))


def _missing(root: Path, named: Mapping[str, str | None]) -> Iterator[Problem]:
    for key, name in named.items():
        if name is not None and not (root / name).is_file():
            yield Problem(key, f"is {name!r}, and there is no such file in {root}")


def _lacking(file: ManifestFile, args: ScheduledEvaluationArgs) -> Iterator[Problem]:
    given = {"contract": file.manifest.contract, "evaluation.plan": args.plan or file.manifest.evaluation.plan}
    for key, value in given.items():
        if value is None:
            yield Problem("manifest", f"{args.manifest} has no {key}, which an evaluation needs")
