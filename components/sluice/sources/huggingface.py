"""
Repositories of models with Hugging Face's API.

Large files are known by their SHA-256, and are not downloaded. Of the small ones the server says the SHA-1 that Git
has, which is no digest to pin by: they are read once, and must be what Git has.
"""

import hashlib
import json
import os
import re
from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

from sluice.manifest.model import HuggingfaceModel
from sluice.manifest.pins import FilePin, Pin
from sluice.sources import Context
from sluice.sources.errors import (
    CredentialRefused,
    DigestMismatch,
    NoSuchVersion,
    NotInstalled,
    SourceDown,
    SourceError,
    SourceSlow,
)
from sluice.sources.hashing import content_digest

_NAME = "Hugging Face"
_AT_ONCE = 8
_KNOWN = 5
_SHA256 = re.compile(r"[0-9a-f]{64}")


def resolve(reference: HuggingfaceModel, context: Context) -> Pin:
    """Returns the commit that a revision means now, by the content of its files. Raises SourceError."""
    if find_spec("huggingface_hub") is None:
        raise NotInstalled(_NAME, "huggingface")
    hub = _Hub(reference, *_server(reference), context)
    with hub.told():
        info = hub.info()
        listed = list(hub.tree(info.sha))
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            files = list(pool.map(lambda file: hub.pin(file, info.sha), listed))
    if not files:
        raise NoSuchVersion(_NAME, hub.where, f"file in {hub.said}")
    facts = {"endpoint": hub.where, "revision": reference.revision, "library": info.library_name or ""}
    return Pin(
        source="huggingface",
        reference=hub.said,
        immutable=info.sha,
        digest=content_digest(files),
        files=sorted(files, key=lambda file: file.name),
        facts={key: value for key, value in facts.items() if value},
    )


def pinned(reference: HuggingfaceModel, pin: Pin) -> HuggingfaceModel:
    """Returns the reference to the commit that was found, without a branch or tag."""
    return reference.model_copy(update={"revision": pin.immutable})


def _server(reference: HuggingfaceModel) -> tuple[str, dict[str, str]]:
    """Returns the server's address without who asks, and that as headers. Raises SourceError for what is none."""
    from huggingface_hub import constants

    try:
        parts = urlsplit(reference.endpoint or os.environ.get("HF_ENDPOINT") or constants.ENDPOINT)
        known = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        known = False
    if not known:
        # What it is instead is not said: without a scheme, it cannot be told apart from a password.
        raise SourceError(f"{_NAME}: no server; set endpoint or HF_ENDPOINT to an http:// or https:// address")
    who, _, host = parts.netloc.rpartition("@")
    endpoint = urlunsplit((parts.scheme, host, parts.path.rstrip("/"), "", ""))
    # The client would log the address as it is.
    basic = b64encode(unquote(who).encode()).decode()
    return endpoint, {"authorization": f"Basic {basic}"} if who else {}


@dataclass(frozen=True)
class _Hub:
    """One repository of a server; what it does, it does in its client's session, once, and for `timeout` seconds."""

    reference: HuggingfaceModel
    where: str
    headers: dict[str, str]
    context: Context

    @property
    def said(self) -> str:
        return f"{self.reference.repo}@{self.reference.revision}"

    def info(self) -> Any:
        """Returns what the client says of the revision; its `sha` is the commit."""
        from huggingface_hub import HfApi

        repo, revision = self.reference.repo, self.reference.revision
        info = HfApi(self.where, headers=self.headers).model_info(repo, revision=revision, timeout=self.context.timeout)
        if not info.sha:
            raise ValueError("a revision without a commit")
        return info

    def tree(self, commit: str) -> Iterator[Any]:
        """Yields the files of a commit: all of them, which `info` does not promise of large repositories."""
        # The client's own way has no timeout, and tries six times.
        file: Any = import_module("huggingface_hub.hf_api").RepoFile
        url: str | None = f"{self.where}/api/models/{self.reference.repo}/tree/{commit}?recursive=true"
        while url is not None:
            with self._answer(url) as answer:
                items = json.loads(answer.read())
                url = answer.links.get("next", {}).get("url")
            yield from (file(**item) for item in items if item["type"] == "file")

    def pin(self, file: Any, commit: str) -> FilePin:
        """Returns a file by its SHA-256; reads it where the server does not know that."""
        if file.lfs is None:
            return self._read(file, commit)
        if not _SHA256.fullmatch(file.lfs.sha256):
            raise ValueError("a large file without its SHA-256")
        return FilePin(name=file.path, digest=f"sha256:{file.lfs.sha256}", size=file.size)

    def _read(self, file: Any, commit: str) -> FilePin:
        from huggingface_hub import hf_hub_url

        url = hf_hub_url(self.reference.repo, file.path, revision=commit, endpoint=self.where)
        content, done = hashlib.sha256(), 0
        blob = hashlib.sha1(f"blob {file.size}\0".encode(), usedforsecurity=False)
        with self._answer(url) as answer:
            for chunk in answer.iter_bytes():
                content.update(chunk)
                blob.update(chunk)
                done += len(chunk)
                self.context.progress(f"{self.reference.repo}/{file.path}", done, file.size)
        if blob.hexdigest() != file.blob_id:
            raise DigestMismatch(_NAME, f"{file.path} of {self.said}", f"git:{blob.hexdigest()}", f"git:{file.blob_id}")
        return FilePin(name=file.path, digest=f"sha256:{content.hexdigest()}", size=done)

    @contextmanager
    def _answer(self, url: str) -> Iterator[Any]:
        utils: Any = import_module("huggingface_hub.utils")
        headers, timeout = utils.build_hf_headers(headers=self.headers), self.context.timeout
        with utils.get_session().stream("GET", url, headers=headers, timeout=timeout) as answer:
            utils.hf_raise_for_status(answer)
            yield answer

    @contextmanager
    def told(self) -> Iterator[None]:
        """Turns the client's errors into a source's; their own texts have addresses and headers in them."""
        from httpx2 import HTTPError, InvalidURL
        from huggingface_hub.errors import HfHubHTTPError, HFValidationError, OfflineModeIsEnabled

        try:
            yield
        except HfHubHTTPError as error:
            raise self._refusal(error) from None
        except OfflineModeIsEnabled:
            raise SourceError(f"{_NAME} at {self.where} is not asked, as HF_HUB_OFFLINE is set; unset it") from None
        except HFValidationError:
            raise SourceError(f"{_NAME}: {self.reference.repo!r} is no repository; write owner/name") from None
        except HTTPError as error:
            raise self._silence(error) from None
        except (InvalidURL, AttributeError, KeyError, TypeError, ValueError):
            raise SourceError(
                f"{_NAME} at {self.where}: the answer is not of Hugging Face's API; is the endpoint right?"
            ) from None

    def _refusal(self, error: Any) -> SourceError:
        """Returns what an answer with an error status means."""
        from huggingface_hub.errors import DisabledRepoError, GatedRepoError

        repo, status = self.reference.repo, error.response.status_code
        if isinstance(error, DisabledRepoError):
            return SourceError(f"{_NAME} at {self.where} has disabled {repo}; choose another model")
        if isinstance(error, GatedRepoError):
            fix = f"accept the terms of {repo} there, and set HF_TOKEN to a token of who did"
            return CredentialRefused(_NAME, self.where, fix)
        if status in (401, 403):
            # The same is said of a repository that there is not, so that nobody can find out which there are.
            fix = f"set HF_TOKEN to a token that may read {repo}, if there is such a repository"
            return CredentialRefused(_NAME, self.where, fix)
        if status == 404:
            return self._missing()
        if status >= 500:
            return SourceDown(_NAME, self.where, f"HTTP status {status}")
        return SourceError(f"{_NAME} at {self.where} refuses {self.said} (HTTP status {status})")

    def _silence(self, error: Exception) -> SourceError:
        from httpx2 import ConnectError, TimeoutException, TransportError

        if isinstance(error, TimeoutException):
            return SourceSlow(_NAME, self.where, self.context.timeout)
        if isinstance(error, TransportError):
            reason = "no connection" if isinstance(error, ConnectError) else "the connection broke"
            return SourceDown(_NAME, self.where, reason)
        return SourceError(f"{_NAME} at {self.where}: {self.said} cannot be resolved ({type(error).__name__})")

    def _missing(self) -> NoSuchVersion:
        """Returns what is not there: a revision, where the repository has others, or the repository."""
        from httpx2 import HTTPError

        repo = self.reference.repo
        with suppress(HTTPError, AttributeError, KeyError, TypeError, ValueError):
            with self._answer(f"{self.where}/api/models/{repo}/refs") as answer:
                refs = json.loads(answer.read())
            names = [str(it["name"]) for kind in ("branches", "tags") for it in refs[kind]]
            what = f"revision {self.reference.revision} of {repo}"
            return NoSuchVersion(_NAME, self.where, what, ", ".join(names[:_KNOWN]))
        return NoSuchVersion(_NAME, self.where, f"model {repo}")
