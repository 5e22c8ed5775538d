"""
Files and folders that DVC tracks: a commit of the repository, and the checksums that it has of them.

The digest is of those checksums, so that the same data at another commit has the same. That a remote still holds the
data is not asked: who needs it runs `dvc pull`.
"""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from sluice.manifest.canonical import digest_of_files
from sluice.manifest.data import DvcData
from sluice.manifest.load import inside
from sluice.manifest.pins import FilePin, Pin
from sluice.sources import Context, _dvc_process
from sluice.sources.errors import CredentialRefused, NoSuchVersion, NotInstalled, SourceDown, SourceError, SourceSlow

_FIX = "give Git a credential for it, as `git ls-remote` would use"


def resolve(reference: DvcData, context: Context) -> Pin:
    """Returns what a path holds at the commit that a revision means now."""
    if find_spec("dvc") is None:
        raise NotInstalled("DVC", "dvc")
    place, where = _place(reference.repo, context), _shown(reference.repo)
    answer = _ask({"repo": place, "rev": reference.rev, "path": reference.path}, where, context)
    if "error" in answer:
        raise _error(answer, where, reference)
    files = [FilePin(**file) for file in answer["files"]]
    commit = answer["commit"]
    return Pin(
        source="dvc",
        reference=f"{reference.path} at {reference.rev} of {where}",
        immutable=f"{reference.path}@{commit}",
        digest=digest_of_files({file.name: file.digest for file in files}),
        files=files,
        facts={"repo": where, "commit": commit, **({"rev": reference.rev} if reference.rev != commit else {})},
    )


def pinned(reference: DvcData, pin: Pin) -> DvcData:
    """Returns the reference to the commit that was found."""
    return reference.model_copy(update={"rev": pin.facts["commit"]})


def _ask(question: dict[str, str], where: str, context: Context) -> dict[str, Any]:
    """Returns what a process of its own finds out: DVC reports on the terminal, and has no patience to set."""
    environment = {**os.environ, "DVC_NO_ANALYTICS": "true", "GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "true"}
    with TemporaryDirectory(prefix="sluice-dvc-", ignore_cleanup_errors=True) as folder:
        answer = Path(folder) / "answer"
        # A folder `dvc` beside the manifest is not the tool: -P.
        command = [sys.executable, "-P", "-m", _dvc_process.__name__, str(answer)]
        try:
            done = subprocess.run(
                command,
                cwd=folder,
                env=environment,
                input=json.dumps(question).encode(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=context.timeout,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise SourceSlow("DVC", where, context.timeout) from None
        if not answer.is_file():
            return {"error": "failed", "reason": f"its process ended with status {done.returncode}"}
        found: dict[str, Any] = json.loads(answer.read_text(encoding="utf-8"))
        return found


def _error(answer: dict[str, Any], where: str, reference: DvcData) -> SourceError:
    match answer["error"]:
        case "refused":
            return CredentialRefused("DVC", where, _FIX)
        case "down":
            return SourceDown("DVC", where, answer["reason"])
        case "no revision":
            return NoSuchVersion("DVC", where, f"revision {reference.rev}")
        case "no path":
            return NoSuchVersion("DVC", where, f"path {reference.path} at {reference.rev}")
        case "untracked":
            return NoSuchVersion("DVC", where, f"output {reference.path} at {reference.rev}: Git has it, and DVC not")
        case "no repository":
            return NoSuchVersion("DVC", where, "repository that DVC has been initialized in")
    return SourceError(f"DVC at {where}: {reference.path} cannot be resolved ({answer['reason']})")


def _place(repo: str, context: Context) -> str:
    return (
        repo
        if "://" in repo or repo.startswith("git@")
        else str(inside(context.root, repo, "data.dvc.repo", "manifest"))
    )


def _shown(repo: str) -> str:
    if "://" not in repo:
        return repo
    parts = urlsplit(repo)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
