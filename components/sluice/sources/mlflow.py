"""
Model versions of an MLflow registry.

MLflow's client reads its patience from the environment of the whole process, and some of its stores have none.
So each question is asked by a process of its own, which is ended when nothing more comes of it.
"""

import json
import os
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from sluice.manifest.model import MlflowModel
from sluice.manifest.pins import FilePin, Pin
from sluice.sources import Context, _mlflow_process
from sluice.sources.errors import CredentialRefused, NoSuchVersion, NotInstalled, SourceDown, SourceError, SourceSlow
from sluice.sources.hashing import content_digest, hash_file, hash_folder

_FIX = "set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN"
_FOREVER = str(24 * 3600)


def resolve(reference: MlflowModel, context: Context) -> Pin:
    """
    Returns the version that a reference means now, by the content of its files.

    They are fetched to a temporary folder, from whichever store holds them. Raises SourceError.
    """
    if find_spec("mlflow") is None:
        raise NotInstalled("MLflow", "mlflow")
    uri = _server(reference)
    where = _shown(uri)
    with TemporaryDirectory(prefix="sluice-mlflow-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        answer = _ask(reference, uri, folder, context)
        if "error" in answer:
            raise _error(answer, where, reference)
        files = _hashed(folder / "files" / answer["root"], context)
    facts = {**answer["facts"], "artifact_uri": _shown(answer["facts"]["artifact_uri"])}
    immutable = f"{reference.model}/{facts['version']}"
    if not files:
        raise NoSuchVersion("MLflow", where, f"file of {immutable} at {facts['artifact_uri']}")
    return Pin(
        source="mlflow",
        reference=_said(reference),
        immutable=immutable,
        digest=content_digest(files),
        files=files,
        facts=facts,
    )


def pinned(reference: MlflowModel, pin: Pin) -> MlflowModel:
    """Returns the reference to the version that was found, without an alias."""
    return reference.model_copy(update={"version": pin.immutable.rpartition("/")[2], "alias": None})


def _said(reference: MlflowModel) -> str:
    return f"{reference.model}@{reference.alias}" if reference.alias else f"{reference.model}/{reference.version}"


def _server(reference: MlflowModel) -> str:
    uri = reference.tracking_uri or os.environ.get("MLFLOW_TRACKING_URI", "")
    try:
        scheme = urlsplit(uri).scheme
    except ValueError:
        scheme = ""
    if scheme not in ("http", "https"):
        # What it is instead is not said: without a scheme, it cannot be told apart from a password.
        raise SourceError(
            "MLflow: no server; set tracking_uri or MLFLOW_TRACKING_URI to an http:// or https:// address"
        )
    return uri


def _hashed(path: Path, context: Context) -> list[FilePin]:
    """Returns the files of a model, named from its own root, as it may be kept anywhere."""
    if path.is_file():
        return [hash_file(path, path.name, context.progress)]
    return hash_folder(path, context.progress)


def _shown(uri: str) -> str:
    """Returns an address without what may be secret in it: who asks, and a signature."""
    parts = urlsplit(uri)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _ask(reference: MlflowModel, uri: str, folder: Path, context: Context) -> dict[str, Any]:
    """Returns what the process says in the end; `files` of the folder has what it fetched."""
    asked = json.dumps([reference.model, reference.version, reference.alias])
    environment = {
        **os.environ,
        # Not an argument, which everybody on the machine can see.
        "MLFLOW_TRACKING_URI": uri,
        "MLFLOW_REGISTRY_URI": uri,
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
        "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0",
        "MLFLOW_HTTP_REQUEST_TIMEOUT": _FOREVER,
    }
    # A folder `mlflow` beside the manifest is not the client: -P.
    command = [sys.executable, "-P", "-m", _mlflow_process.__name__, str(folder), asked]
    silent = subprocess.DEVNULL
    with subprocess.Popen(command, env=environment, stdin=silent, stdout=silent, stderr=silent) as process:
        try:
            _wait(process, folder, _said(reference), context, _shown(uri))
        finally:
            process.kill()
    try:
        answer: dict[str, Any] = json.loads((folder / "answer").read_text())
    except (OSError, ValueError):
        answer = {"error": "failed", "reason": f"its client ended with status {process.returncode}"}
    return answer


def _wait(process: subprocess.Popen[bytes], folder: Path, what: str, context: Context, where: str) -> None:
    """
    Waits for the end of the process for as long as bytes come.

    The client writes a megabyte at a time: the timeout is for each of them. Raises SourceSlow.
    """
    before, since = None, time.monotonic()
    while True:
        try:
            process.wait(min(context.timeout / 4, 1))
            return
        except subprocess.TimeoutExpired:
            now = _fetched(folder)
        # Before it has asked, all waiting is for this machine.
        if now != before or now is None:
            before, since = now, time.monotonic()
            context.progress(what, sum((now or {}).values()), None)
        elif time.monotonic() - since >= context.timeout:
            raise SourceSlow("MLflow", where, context.timeout)


def _fetched(folder: Path) -> dict[str, int] | None:
    """Returns the bytes of each file that has come so far. None: nothing was asked for yet."""
    sizes = {}
    for path in folder.rglob("*"):
        try:
            sizes[str(path)] = path.stat().st_size if path.is_file() else 0
        except FileNotFoundError:
            continue
    return sizes or None


def _error(answer: dict[str, Any], where: str, reference: MlflowModel) -> SourceError:
    match answer["error"]:
        case "refused":
            return CredentialRefused("MLflow", where, _FIX)
        case "missing":
            return NoSuchVersion("MLflow", where, answer["what"], answer["known"])
        case "down":
            return SourceDown("MLflow", where, answer["reason"])
        case "files":
            store = _shown(answer["artifact_uri"])
            return SourceError(
                f"MLflow at {where}: the files of {_said(reference)} cannot be fetched from {store}"
                f" ({answer['reason']}); are they still there, and can this machine read them?"
            )
        case _:
            return SourceError(f"MLflow at {where}: {_said(reference)} cannot be resolved ({answer['reason']})")
