"""
What a server of Weights & Biases answers to its client, on this machine.

Written after the queries of the client (0.31), as no such server can be installed: each answer has the fields that
the client asks for, and reads.
"""

import hashlib
import json
import re
import threading
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "hunter2-do-not-show-hunter2-do-not-show-hunter2-do-not-show"


def md5(content: bytes) -> str:
    """Returns the checksum of a file as it is in a manifest."""
    return b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()


def entry(content: bytes) -> dict[str, Any]:
    """Returns a file that the server keeps, as it is in a manifest."""
    return {"digest": md5(content), "birthArtifactID": "QXJ0aWZhY3Q6MQ==", "size": len(content)}


def digest_of(entries: dict[str, dict[str, Any]]) -> str:
    """Returns the checksum of a manifest."""
    lines = [f"{path}:{it['digest']}\n" for path, it in sorted(entries.items())]
    return hashlib.md5("".join(["wandb-artifact-manifest-v1\n", *lines]).encode(), usedforsecurity=False).hexdigest()


@dataclass
class Version:
    """A version of an artifact."""

    entries: dict[str, dict[str, Any]]
    """Of its manifest, by path."""
    aliases: list[str] = field(default_factory=list)
    state: str = "COMMITTED"
    digest: str | None = None
    """What the server says of the manifest. None: what it is."""
    source: str | None = None
    """`project/name` where it was logged, if it is only linked here."""


@dataclass
class Exchange:
    """The server, what is on it, and what it was asked."""

    uri: str = ""
    collections: dict[str, list[Version]] = field(default_factory=dict)
    """By `entity/project/name`; a version's index is its place."""
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    """Names of queries, and their variables."""
    manifest_status: int = 200
    hangs_at: str | None = None
    """The query that is not answered."""
    known: bool = True
    """Whether it knows the key of the client."""
    done: threading.Event = field(default_factory=threading.Event)

    def query(self, name: str, variables: dict[str, Any]) -> dict[str, Any] | None:
        """Returns the data of an answer. None: it does not know the query."""
        self.asked.append((name, variables))
        if name == self.hangs_at:
            self.done.wait()
        match name:
            case "Viewer" | "GetDefaultEntity":
                return {"viewer": _viewer() if self.known else None}
            case "ServerFeaturesQuery":
                return {"serverInfo": {"features": [{"name": "ARTIFACT_DIGEST_ALGORITHM", "isEnabled": True}]}}
            case "ArtifactMembershipByName":
                return {"project": self._project(variables)}
            case "FetchArtifactManifest":
                return {"artifact": {"currentManifest": {"file": {"directUrl": f"{self.uri}/{variables['id']}"}}}}
        return None

    def manifest(self, artifact: str) -> dict[str, Any]:
        """Returns the manifest of an artifact by its id."""
        path, index = b64decode(artifact).decode().rsplit(":", 1)
        return {
            "version": 1,
            "storagePolicy": "wandb-storage-policy-v1",
            "storagePolicyConfig": {"storageLayout": "V2"},
            "contents": self.collections[path][int(index)].entries,
        }

    def _project(self, asked: dict[str, Any]) -> dict[str, Any] | None:
        prefix = f"{asked['entity']}/{asked['project']}/"
        if not any(name.startswith(prefix) for name in self.collections):
            return None
        name, _, alias = asked["name"].partition(":")
        versions = self.collections.get(prefix + name, [])
        for index, version in enumerate(versions):
            if alias in (f"v{index}", *version.aliases):
                return {"artifactCollectionMembership": _membership(prefix + name, index, version)}
        return {"artifactCollectionMembership": None}


def _viewer() -> dict[str, Any]:
    return {"id": "VXNlcjox", "entity": "ml", "username": "alice", "email": "", "flags": "{}", "teams": {"edges": []}}


def _collection(path: str) -> dict[str, Any]:
    entity, project, name = path.split("/")
    owner = {"id": "UHJvamVjdDox", "internalId": "UHJvamVjdDox", "name": project, "entity": {"name": entity}}
    return {"__typename": "ArtifactSequence", "name": name, "project": owner}


def _membership(path: str, index: int, version: Version) -> dict[str, Any]:
    made = "2026-01-02T03:04:05Z"
    aliases = [{"__typename": "ArtifactAlias", "id": f"alias-{it}", "alias": it} for it in version.aliases]
    artifact = {
        "__typename": "Artifact",
        "id": b64encode(f"{path}:{index}".encode()).decode(),
        "artifactSequence": _collection(version.source or path),
        "versionIndex": index,
        "artifactType": {"name": "model"},
        "description": None,
        "metadata": "{}",
        "ttlDurationSeconds": -1,
        "ttlIsInherited": False,
        "tags": [],
        "historyStep": None,
        "state": version.state,
        "size": sum(it.get("size", 0) for it in version.entries.values()),
        "digest": version.digest or digest_of(version.entries),
        "digestAlgorithm": "MANIFEST_MD5",
        "commitHash": "c0ffee",
        "fileCount": len(version.entries),
        "createdAt": made,
        "updatedAt": None,
    }
    return {
        "__typename": "ArtifactCollectionMembership",
        "id": f"membership-{path}-{index}",
        "versionIndex": index,
        "createdAt": made,
        "aliases": aliases,
        "artifactCollection": _collection(path),
        "artifact": artifact,
    }


def _handler(exchange: Exchange) -> type[BaseHTTPRequestHandler]:
    expected = f"Basic {b64encode(f'api:{KEY}'.encode()).decode()}"

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if self.headers.get("Authorization") != expected:
                self._give(401, {"errors": [{"message": "user is not logged in"}]})
                return
            name = re.search(r"query (\w+)", asked["query"])
            data = exchange.query(name[1] if name else "", asked.get("variables") or {})
            self._give(200, {"data": data} if data else {"errors": [{"message": "no such query"}]})

        def do_GET(self) -> None:
            # Who has the address of a manifest may read it: no key comes along.
            self._give(exchange.manifest_status, exchange.manifest(self.path.lstrip("/")))

        def _give(self, status: int, content: dict[str, Any]) -> None:
            body = json.dumps(content).encode()
            # Who asked may have had enough.
            with suppress(ConnectionError):
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            return

    return Handler


@contextmanager
def replaying() -> Iterator[Exchange]:
    """Yields a server without artifacts."""
    exchange = Exchange()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(exchange))
    server.daemon_threads = True
    server.block_on_close = False
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    exchange.uri = f"http://127.0.0.1:{server.server_port}"
    try:
        yield exchange
    finally:
        exchange.done.set()
        server.shutdown()
        server.server_close()
