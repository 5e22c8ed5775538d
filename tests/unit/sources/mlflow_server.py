"""MLflow's tracking server: its own application, database and artifact store, on this machine."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from sluice.manifest.model import MlflowModel

_MEGABYTE = 1 << 20

# `mlflow server` would start this behind a web server that is not needed for one client at a time.
_SERVE = """
from werkzeug.serving import make_server
from mlflow.server import app

server = make_server("127.0.0.1", 0, app, threaded=True)
print(server.server_port, flush=True)
server.serve_forever()
"""


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Yields the address of a server which keeps its database and its artifacts in a folder."""
    environment = {
        **os.environ,
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "_MLFLOW_SERVER_FILE_STORE": f"sqlite:///{folder / 'mlflow.db'}",
        "_MLFLOW_SERVER_ARTIFACT_ROOT": "mlflow-artifacts:/",
        "_MLFLOW_SERVER_ARTIFACT_DESTINATION": str(folder / "artifacts"),
        "_MLFLOW_SERVER_SERVE_ARTIFACTS": "true",
    }
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", _SERVE], cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=log
        )
    try:
        assert process.stdout is not None
        port = process.stdout.readline().decode().strip()
        assert port, (folder / "log").read_text()
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.communicate()


@contextmanager
def slowly(server: str, megabytes: int, pause: float) -> Iterator[str]:
    """Yields the address of a server before another; it gives so many megabytes of a file, each after a pause."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            with urlopen(server + self.path) as answer:
                body = answer.read()
                self.send_response(answer.status)
                self.send_header("Content-Type", answer.headers["Content-Type"])
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if len(body) < _MEGABYTE:
                self.wfile.write(body)
                return
            for start in range(0, megabytes * _MEGABYTE, _MEGABYTE):
                done.wait(pause)
                self.wfile.write(body[start : start + _MEGABYTE])
            if megabytes * _MEGABYTE < len(body):
                done.wait()

        def log_message(self, format: str, *args: object) -> None:
            return

    done = threading.Event()
    slow = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=slow.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{slow.server_port}"
    finally:
        done.set()
        slow.shutdown()
        slow.server_close()


class Registry:
    """The server, and a client which fills it."""

    def __init__(self, uri: str, folder: Path) -> None:
        from mlflow.tracking import MlflowClient

        self.uri, self.folder = uri, folder
        self.client: Any = MlflowClient(uri, uri)

    def register(self, name: str, files: dict[str, bytes]) -> str:
        """Returns the run that a new version of a model comes from."""
        run = self.client.create_run("0").info
        local = self.folder / run.run_id
        for path, content in files.items():
            (local / path).parent.mkdir(parents=True, exist_ok=True)
            (local / path).write_bytes(content)
        self.client.log_artifacts(run.run_id, str(local), "model")
        if not self.client.search_registered_models(f"name = '{name}'"):
            self.client.create_registered_model(name)
        self.client.create_model_version(name, f"{run.artifact_uri}/model", run.run_id)
        return str(run.run_id)

    def stored(self, run: str) -> Path:
        """Returns the folder in which the server keeps the files of a run's model."""
        return self.folder / "artifacts" / "0" / run / "artifacts" / "model"

    def asked(self, model: str, **which: str) -> MlflowModel:
        """Returns a reference to a model of this server."""
        return MlflowModel(**{"tracking_uri": self.uri, "model": model, **which})
