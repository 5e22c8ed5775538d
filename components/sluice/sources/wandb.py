"""
Model artifacts of Weights & Biases.

Its client starts a program of its own, writes logs, prints, asks for a login, and tries for as long as it likes. So
each question is asked by a process of its own, which is this module too: `python -m sluice.sources.wandb ARTIFACT
SECONDS`. Its answer is a file of the folder that it is started in; nothing that the client says is passed on.
"""

import base64
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from re import fullmatch
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from sluice.manifest.canonical import digest_of_files
from sluice.manifest.model import WandbModel
from sluice.manifest.pins import FilePin, Pin
from sluice.sources import Context
from sluice.sources.errors import (
    CredentialRefused,
    DigestMismatch,
    NoSuchVersion,
    NotInstalled,
    NotPinned,
    SourceDown,
    SourceError,
    SourceSlow,
)

_NAME = "Weights & Biases"
_KNOWN = 5
# For the client to load, and to start its program; the process itself keeps to the timeout.
_START = 60
_SETTINGS = {
    "WANDB_ERROR_REPORTING": "false",
    "WANDB_MODE": "online",
    "WANDB_SILENT": "true",
    "WANDB__GRAPHQL_RETRY_MAX": "1",
    "WANDB__GRAPHQL_RETRY_WAIT_MIN_SECONDS": "1",
    "WANDB__GRAPHQL_RETRY_WAIT_MAX_SECONDS": "1",
}
_NOT_PASSED_ON = {"WANDB_DEBUG", "WANDB_CORE_DEBUG", "WANDB_SERVICE"}
_FOLDERS = ("WANDB_DIR", "WANDB_CACHE_DIR", "WANDB_DATA_DIR", "WANDB_ARTIFACT_DIR")


def resolve(reference: WandbModel, context: Context) -> Pin:
    """Returns the version that a reference means now, by the checksums of its files. Raises SourceError."""
    if find_spec("wandb") is None:
        raise NotInstalled(_NAME, "wandb")
    asked = reference.artifact
    if not fullmatch(r"[^/:\s]+/[^/:\s]+/[^/:\s]+:[^/:\s]+", asked):
        raise SourceError(f"{_NAME}: {asked!r} names no version; write entity/project/name:v3, or an alias for v3")
    base = os.environ.get("WANDB_BASE_URL")
    if base and not _is_address(base):
        # It is not repeated: without a scheme, it cannot be told apart from a password.
        raise SourceError(f"{_NAME}: no server; set WANDB_BASE_URL to an http:// or https:// address, or unset it")
    answer = _ask(asked, context)
    if "error" in answer:
        raise _error(answer, asked, context)
    files = [FilePin(**file) for file in answer["files"]]
    if not files:
        raise NoSuchVersion(_NAME, _shown(answer["where"]), f"file in {asked}")
    return Pin(
        source="wandb",
        reference=asked,
        immutable=answer["immutable"],
        # Never the checksum of a single file itself, which is no SHA-256.
        digest=digest_of_files({file.name: file.digest for file in files}),
        files=files,
        facts={key: value for key, value in answer["facts"].items() if value},
    )


def pinned(reference: WandbModel, pin: Pin) -> WandbModel:
    """Returns the reference to the version that was found, without an alias."""
    return reference.model_copy(update={"artifact": pin.immutable})


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _shown(url: str) -> str:
    """Returns an address without who asks."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path.rstrip("/"), "", ""))


def _ask(artifact: str, context: Context) -> dict[str, Any]:
    """Returns what the process says in the end."""
    silent = subprocess.DEVNULL
    with TemporaryDirectory(prefix="sluice-wandb-", ignore_cleanup_errors=True) as folder:
        kept = {name: value for name, value in os.environ.items() if name not in _NOT_PASSED_ON}
        environment = {**kept, **_SETTINGS, **dict.fromkeys(_FOLDERS, folder)}
        command = [sys.executable, "-m", "sluice.sources.wandb", artifact, str(context.timeout)]
        with subprocess.Popen(
            command, cwd=folder, env=environment, stdin=silent, stdout=silent, stderr=silent
        ) as process:
            try:
                process.wait(2 * context.timeout + _START)
            except subprocess.TimeoutExpired:
                return {"error": "slow"}
            finally:
                process.kill()
        try:
            answer: dict[str, Any] = json.loads((Path(folder) / "answer").read_text())
        except (OSError, ValueError):
            answer = {"error": "failed", "reason": f"its client ended with status {process.returncode}"}
        return answer


def _error(answer: dict[str, Any], asked: str, context: Context) -> SourceError:
    where = _shown(answer.get("where") or os.environ.get("WANDB_BASE_URL") or "its address")
    match answer["error"]:
        case "refused":
            return CredentialRefused(_NAME, where, f"set WANDB_API_KEY to the key of one who may read {asked}")
        case "no key":
            return CredentialRefused(_NAME, where, "there is none that could be one: set WANDB_API_KEY")
        case "missing":
            return NoSuchVersion(_NAME, where, answer["what"], answer["known"])
        case "down":
            return SourceDown(_NAME, where, answer["reason"])
        case "slow":
            return SourceSlow(_NAME, where, context.timeout)
        case "not pinned":
            what = f"{answer['file']} of {asked} is kept elsewhere, without a checksum"
            return NotPinned(f"{_NAME}: {what}; log it again, with checksum=True")
        case "digest":
            return DigestMismatch(_NAME, f"the manifest of {asked}", answer["found"], answer["expected"])
        case _:
            return SourceError(f"{_NAME} at {where}: {asked} cannot be resolved ({answer['reason']})")


# From here on, what the process does.

_ANSWERING = threading.Lock()


def _main(artifact: str, seconds: float) -> None:
    import wandb

    try:
        # Until it has started its program, all waiting is for this machine.
        where = str(wandb.setup().settings.base_url)
    except Exception as error:  # settings of whatever kind
        _answer("", {"error": "failed", "reason": f"its client does not start: {type(error).__name__}"})
    late = threading.Timer(seconds, lambda: _answer(where, _silence(where, seconds) or {"error": "slow"}))
    late.daemon = True
    late.start()
    try:
        answer = _found(artifact)
    except Exception as error:  # something else than Weights & Biases may be at that address
        answer = _refusal(error) or _silence(where, seconds) or _failure(error)
    _answer(where, answer)


def _answer(where: str, answer: dict[str, Any]) -> None:
    """Ends the process, whatever else it does."""
    _ANSWERING.acquire()
    Path("answer").write_text(json.dumps({"where": where, **answer}))
    os._exit(0)


def _found(artifact: str) -> dict[str, Any]:
    import wandb

    # Its own timeouts are longer than that of the process.
    api: Any = wandb.Api(timeout=24 * 3600)
    found = _version(api, artifact)
    if found is None or found.state == "DELETED":
        return _missing(api, artifact)
    expected = str(found.digest)
    manifest = found.manifest
    if manifest.digest() != expected:
        return {"error": "digest", "found": manifest.digest(), "expected": expected}
    name = artifact.rpartition(":")[0].rpartition("/")[2]
    files = []
    for path, entry in sorted(manifest.entries.items()):
        if entry.digest == entry.ref:
            return {"error": "not pinned", "file": str(path)}
        files.append({"name": str(path), "digest": _checksum(entry), "size": entry.size})
    facts = {
        "version": found.version,
        "artifact_digest": expected,
        "type": found.type,
        "created_at": found.created_at,
        "linked_from": found.source_qualified_name if found.is_link else None,
    }
    return {"immutable": f"{found.entity}/{found.project}/{name}:{found.version}", "files": files, "facts": facts}


def _version(api: Any, artifact: str) -> Any:
    """Returns an artifact. None: there is none."""
    from pydantic import ValidationError
    from wandb.errors import CommError

    try:
        return api.artifact(artifact)
    except CommError as error:
        # That it is not there has no type of its own, but no other ValueError comes of an answer that can be read.
        cause = error.exc
        if isinstance(cause, ValueError) and not isinstance(cause, ValidationError):
            return None
        raise


def _missing(api: Any, artifact: str) -> dict[str, Any]:
    """Returns what is not there, and some that are."""
    name = artifact.rpartition(":")[0]
    latest = _version(api, f"{name}:latest")
    known = [latest.version, *latest.aliases] if latest is not None else []
    return {"error": "missing", "what": f"artifact {artifact}", "known": ", ".join(known[:_KNOWN])}


def _checksum(entry: Any) -> str:
    """Returns the digest of a file, with its kind in front; of what is kept elsewhere, that place's own."""
    if entry.ref is not None:
        return f"reference:{entry.digest}"
    kind = "xxh128" if "XXH128" in entry.digest_algorithm().value else "md5"
    return f"{kind}:{base64.b64decode(entry.digest, validate=True).hex()}"


def _refusal(error: Exception) -> dict[str, Any] | None:
    """Returns what an answer with an error status means. None: there is none."""
    from requests import HTTPError
    from wandb.errors import AuthenticationError, UsageError
    from wandb.sdk.lib.service.service_connection import WandbApiFailedError

    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, HTTPError) and cause.response is not None:
            status = cause.response.status_code
            return {"error": "failed", "reason": f"HTTP status {status} of where its manifest is kept"}
        if isinstance(cause, WandbApiFailedError):
            said = cause.response.http_status if cause.response else None
            # What the client says of an answer without an account; that has no status of its own.
            if said in (401, 403) or str(cause).startswith("invalid credentials"):
                return {"error": "refused"}
            return {"error": "failed", "reason": f"HTTP status {said}"} if said else None
    if any(isinstance(cause, AuthenticationError | UsageError) for cause in causes):
        return {"error": "no key"}
    return None


def _silence(where: str, seconds: float) -> dict[str, Any] | None:
    """Returns why a server of whose answer the client says nothing does not answer. None: it does."""
    import requests

    try:
        asked = {"query": "{ __typename }"}
        status = requests.post(f"{where.rstrip('/')}/graphql", json=asked, timeout=min(seconds, 5)).status_code
    except requests.Timeout:
        return {"error": "slow"}
    except requests.RequestException:
        return {"error": "down", "reason": "no connection"}
    return {"error": "down", "reason": f"HTTP status {status}"} if status >= 500 else None


def _failure(error: Exception) -> dict[str, Any]:
    return {"error": "failed", "reason": f"not what its API would say: {list(_causes(error))[-1].__class__.__name__}"}


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = getattr(cause, "exc", None) or cause.__cause__ or cause.__context__


if __name__ == "__main__":
    _main(sys.argv[1], float(sys.argv[2]))
