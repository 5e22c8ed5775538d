"""
What a process of its own asks of MLflow's client: `python -m sluice.sources._mlflow_process FOLDER QUESTION`.

The answer is a file of the folder. Nothing that the client says is passed on, as it may have a secret in it.
"""

import json
import os
import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

_REFUSED = {"UNAUTHENTICATED", "CUSTOMER_UNAUTHORIZED", "PERMISSION_DENIED"}
_KNOWN = 5


def _main(folder: Path, asked: str) -> None:
    from mlflow.tracking import MlflowClient

    name, version, alias = json.loads(asked)
    (folder / "files").mkdir()
    client = MlflowClient()
    try:
        answer = _version(client, name, version, alias)
    except Exception as error:  # something else than MLflow may be at that address
        if getattr(error, "error_code", None) in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
            answer = _missing(client, name, version, alias)
        else:
            answer = _refusal(error) or _status()
    if "error" not in answer:
        answer = _files(folder / "files", answer)
    (folder / "answer").write_text(json.dumps(answer))


def _version(client: Any, name: str, version: str | None, alias: str | None) -> dict[str, Any]:
    found = client.get_model_version_by_alias(name, alias) if alias else client.get_model_version(name, version)
    uri = client.get_model_version_download_uri(name, found.version)
    if not uri:
        raise ValueError("a version without files")
    facts = {
        "version": str(found.version),
        "run": found.run_id or "",
        "alias": alias or "",
        "artifact_uri": uri,
    }
    return {"facts": {key: value for key, value in facts.items() if value}}


def _files(folder: Path, answer: dict[str, Any]) -> dict[str, Any]:
    from mlflow.artifacts import download_artifacts

    uri = answer["facts"]["artifact_uri"]
    try:
        root = Path(download_artifacts(artifact_uri=uri, dst_path=str(folder)))
    except Exception as error:  # each store has its own
        if getattr(error, "error_code", None) in _REFUSED:
            return {"error": "refused"}
        return {"error": "files", "artifact_uri": uri, "reason": _reason(error)}
    return {**answer, "root": str(root.relative_to(folder))}


def _refusal(error: Exception) -> dict[str, Any] | None:
    """Returns why there is no answer. None: there is one."""
    from requests import RequestException
    from requests.exceptions import RetryError

    if getattr(error, "error_code", None) in _REFUSED:
        return {"error": "refused"}
    if any(isinstance(it, RequestException) and not isinstance(it, RetryError) for it in _causes(error)):
        return {"error": "down", "reason": _reason(error)}
    return None


def _status() -> dict[str, Any]:
    """Returns what is wrong with a server of whose answer the client says too little."""
    # These have no types.
    known: Any = import_module("mlflow.utils.credentials")
    rest: Any = import_module("mlflow.utils.rest_utils")
    credentials = known.get_default_host_creds(os.environ["MLFLOW_TRACKING_URI"])
    listing = "/api/2.0/mlflow/registered-models/search"
    status = rest.http_request(credentials, listing, "GET", raise_on_status=False).status_code
    if status in (401, 403):
        return {"error": "refused"}
    if status >= 500:
        return {"error": "down", "reason": f"HTTP status {status}"}
    return {"error": "failed", "reason": f"HTTP status {status}, and nothing that MLflow would say"}


def _missing(client: Any, name: str, version: str | None, alias: str | None) -> dict[str, Any]:
    """Returns what is not there, and some that are."""
    from mlflow.exceptions import MlflowException

    try:
        model = client.get_registered_model(name)
        if alias:
            what, known = f"alias {alias} of {name}", sorted(model.aliases)
        else:
            what = f"version {version} of {name}"
            known = [str(it.version) for it in client.search_model_versions(f"name = '{name}'", max_results=_KNOWN)]
    except MlflowException:
        what = f"registered model {name}"
        known = []
        with suppress(MlflowException):
            known = [it.name for it in client.search_registered_models(max_results=_KNOWN)]
    return {"error": "missing", "what": what, "known": ", ".join(known[:_KNOWN])}


def _reason(error: BaseException) -> str:
    """Returns the innermost cause: the status of an answer, or the words of the operating system, or a kind."""
    causes = list(_causes(error))
    # Of files that are fetched side by side the client keeps no more than the text.
    if status := re.search(r"\b[45]\d\d (Client|Server) Error", str(error)):
        return status[0]
    said = [it.strerror for it in causes if isinstance(it, OSError) and it.strerror]
    return (said or [type(it).__name__ for it in causes])[-1]


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__


if __name__ == "__main__":
    _main(Path(sys.argv[1]), sys.argv[2])
    # Threads of the client have nothing more to say.
    os._exit(0)
