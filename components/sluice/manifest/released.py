"""A released version is never edited: compares a lock with the one on the default branch."""

import subprocess
from pathlib import Path

from pydantic import ValidationError

from sluice.errors import Problem
from sluice.manifest.lock import Locked

_BRANCHES = ("main", "master")


def edit_of_released(path: Path, new: Locked) -> Problem | None:
    """
    Returns the problem of a lock that says something else than the released one of its path; None without one.

    Released is what the default branch has. A version that was released without a report may still get one.
    """
    released = _released(path)
    if released is None or released.version_digest == new.version_digest:
        return None
    if released.evaluation.report is None and released.subject_digest == new.subject_digest:
        return None
    parts = ", ".join(_differing(released, new))
    return Problem(
        str(path),
        f"{released.label} is released, and {parts} would change; a version is never edited: "
        "leave its manifest as it was, and describe the change in a new one",
    )


def new_evidence_problem(path: Path) -> Problem | None:
    """Returns the problem of evaluating the released version of a lock's path anew; None where it may be."""
    released = _released(path)
    if released is None or released.evaluation.report is None:
        return None
    return Problem(
        str(path),
        f"{released.label} is released with its report; a version is never edited: "
        "evaluate it beside the old report with --out, or describe the change in a new version",
    )


def _released(path: Path) -> Locked | None:
    branch = _default_branch(path.parent)
    text = _git(path.parent, "show", f"{branch}:./{path.name}") if branch else None
    if text is None:
        return None
    try:
        return Locked.model_validate_json(text)
    except ValidationError:
        # What an older Sluice released is not comparable; its lock is made anew.
        return None


def _default_branch(folder: Path) -> str | None:
    remote = _git(folder, "symbolic-ref", "--short", "refs/remotes/origin/HEAD")
    if remote is not None:
        return remote.strip()
    return next((name for name in _BRANCHES if _git(folder, "rev-parse", "--verify", "--quiet", name)), None)


def _git(folder: Path, *arguments: str) -> str | None:
    """Returns what Git prints; None where there is no Git, no repository or no such thing."""
    try:
        done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


def _differing(one: Locked, other: Locked) -> list[str]:
    parts = {
        "the weights": (one.weights.pin.digest, one.weights.image) != (other.weights.pin.digest, other.weights.image),
        "the adapters": [it.pin.digest for it in one.adapters] != [it.pin.digest for it in other.adapters],
        "the data": one.data.pin.digest != other.data.pin.digest,
        "the inference configuration": one.inference != other.inference,
        "the evaluation": one.evaluation != other.evaluation,
        "the contract": one.contract != other.contract,
    }
    return [name for name, differs in parts.items() if differs] or ["what it was made of"]
