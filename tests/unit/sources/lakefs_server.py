"""The part of lakeFS's API that tells commits, in process: no server of its can be installed here."""

import json
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

KEY, SECRET = "AKIASOMEBODY", "hush-do-not-tell"


class Lake:
    """Repositories, their commits, and what points at those."""

    def __init__(self) -> None:
        self.commits: dict[tuple[str, str], dict[str, object]] = {}
        self.refs: dict[tuple[str, str], str] = {}

    def commit(self, repo: str, identity: str, metarange: str, branch: str = "main", message: str = "images") -> None:
        """Adds a commit, and moves a branch to it."""
        self.commits[repo, identity] = {
            "id": identity,
            "parents": [],
            "committer": "ml",
            "message": message,
            "creation_date": 1790000000,
            "meta_range_id": metarange,
            "metadata": {},
            "generation": 1,
            "version": 1,
        }
        self.refs[repo, branch] = identity

    def answer(self, path: str) -> tuple[int, object]:
        parts = [unquote(part) for part in path.partition("?")[0].split("/")]
        # /api/v1/repositories/{repository}/commits/{commit}
        if len(parts) != 7 or parts[3] != "repositories" or parts[5] != "commits":
            return 404, {"message": "no such route"}
        repo, ref = parts[4], parts[6]
        found = self.commits.get((repo, self.refs.get((repo, ref), ref)))
        return (200, found) if found is not None else (404, {"message": "not found"})


@contextmanager
def serving(lake: Lake) -> Iterator[str]:
    """Yields the address of a server that knows one credential."""
    expected = f"Basic {b64encode(f'{KEY}:{SECRET}'.encode()).decode()}"

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            allowed = self.headers.get("Authorization") == expected
            status, document = lake.answer(self.path) if allowed else (401, {"message": f"bad secret {SECRET}"})
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
