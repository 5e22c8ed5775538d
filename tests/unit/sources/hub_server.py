"""The calls of Hugging Face's API that take a revision to its files, on this machine."""

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

_PAGE = 3


def git_blob(content: bytes) -> str:
    """Returns what Git calls a file."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


@dataclass
class Repo:
    """Commits, and the names that point at them."""

    commits: dict[str, dict[str, bytes]]
    refs: dict[str, str]
    """Branches."""
    tags: dict[str, str] = field(default_factory=dict)
    served: dict[str, bytes] = field(default_factory=dict)
    """Files for which something else is served than Git has."""
    oids: dict[str, str] = field(default_factory=dict)
    """Large files of which something else is said than their SHA-256."""
    gated: bool = False
    """Its files are for those who have accepted its terms; what it has is for all to see."""

    def commit(self, revision: str) -> str | None:
        """Returns the commit of a branch, a tag or a commit."""
        found = {**self.refs, **self.tags}.get(revision, revision)
        return found if found in self.commits else None


@dataclass
class Hub:
    """The server, what is on it, and what it was asked."""

    uri: str = ""
    repos: dict[str, Repo] = field(default_factory=dict)
    token: str | None = None
    """The one that it wants. None: it lets everybody in."""
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    """Paths, each with the credential that came along."""
    _stuck: dict[str, threading.Event] = field(default_factory=dict)

    @contextmanager
    def stuck(self, name: str) -> Iterator[None]:
        """Gives a file only after this."""
        self._stuck[name] = threading.Event()
        try:
            yield
        finally:
            self._stuck.pop(name).set()

    def answer(self, path: str, credential: str | None) -> tuple[int, dict[str, str], bytes]:
        """Returns a status, headers and a body."""
        self.asked.append((path, credential))
        if self.token is not None and credential != f"Bearer {self.token}":
            message = (
                "Invalid username or password." if credential is None else "Invalid credentials in Authorization header"
            )
            return 401, {"X-Error-Message": message}, b"{}"
        parts = urlsplit(path)
        if "/resolve/" in parts.path:
            return self._file(*parts.path.strip("/").split("/resolve/"))
        owner, name, what, *rest = parts.path.removeprefix("/api/models/").split("/")
        repo = self.repos.get(f"{owner}/{name}")
        if repo is None:
            return _missing("RepoNotFound")
        if what == "refs":
            kinds = {"branches": repo.refs, "converts": {}, "tags": repo.tags}
            return _json({kind: [_ref(kind, *it) for it in refs.items()] for kind, refs in kinds.items()})
        commit = repo.commit(unquote(rest[0]))
        if commit is None:
            return _missing("RevisionNotFound")
        if what == "revision":
            return _json({"id": f"{owner}/{name}", "sha": commit, "library_name": "transformers", "siblings": []})
        return self._tree(repo, commit, parts.path, int(parse_qs(parts.query).get("cursor", ["0"])[0]))

    def _tree(self, repo: Repo, commit: str, path: str, start: int) -> tuple[int, dict[str, str], bytes]:
        """Returns a page of a listing, and in a header where the next one is."""
        files = repo.commits[commit]
        entries = [_entry(name, content, repo.oids.get(name)) for name, content in sorted(files.items())]
        folders = sorted({name.rpartition("/")[0] for name in files} - {""})
        entries = [{"type": "directory", "oid": "0" * 40, "size": 0, "path": it} for it in folders] + entries
        status, headers, body = _json(entries[start : start + _PAGE])
        if start + _PAGE < len(entries):
            headers["Link"] = f'<{self.uri}{path}?recursive=true&cursor={start + _PAGE}>; rel="next"'
        return status, headers, body

    def _file(self, repo: str, rest: str) -> tuple[int, dict[str, str], bytes]:
        commit, _, name = rest.partition("/")
        held, name = self.repos[repo], unquote(name)
        if held.gated:
            return 403, {"X-Error-Code": "GatedRepo"}, b"{}"
        if name in self._stuck:
            self._stuck[name].wait()
        return 200, {}, held.served.get(name, held.commits[commit][name])


def _entry(name: str, content: bytes, oid: str | None) -> dict[str, Any]:
    entry: dict[str, Any] = {"type": "file", "path": name, "size": len(content), "oid": git_blob(content)}
    if name.endswith(".safetensors"):
        # What Git has of a large file is a few lines with its SHA-256.
        entry["oid"] = "0" * 40
        entry["lfs"] = {"oid": oid or hashlib.sha256(content).hexdigest(), "size": len(content), "pointerSize": 134}
    return entry


def _ref(kind: str, name: str, commit: str) -> dict[str, str]:
    return {"name": name, "ref": f"refs/{kind}/{name}", "targetCommit": commit}


def _json(content: Any) -> tuple[int, dict[str, str], bytes]:
    return 200, {"Content-Type": "application/json"}, json.dumps(content).encode()


def _missing(code: str) -> tuple[int, dict[str, str], bytes]:
    return 404, {"X-Error-Code": code}, b"{}"


@contextmanager
def serving(squeezed: Callable[[bytes], bytes] | None = None) -> Iterator[Hub]:
    """Yields a server without repositories, which may send all bodies in gzip."""
    hub = Hub()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            status, headers, body = hub.answer(self.path, self.headers.get("Authorization"))
            if squeezed is not None:
                headers, body = {**headers, "Content-Encoding": "gzip"}, squeezed(body)
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            # Who asked may have had enough.
            with suppress(ConnectionError):
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    hub.uri = f"http://127.0.0.1:{server.server_port}"
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
