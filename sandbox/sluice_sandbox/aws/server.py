"""
The sandbox's AWS: moto, patched, with a clock of its own and a memory that outlives it.

Run as `python -m sluice_sandbox.aws.server --home <folder>`; `supervisor.py` does.
"""

import argparse
import contextlib
import fcntl
import json
import os
import secrets
import sys
import threading
import time
from pathlib import Path

from werkzeug.serving import make_server

from sluice_sandbox.aws.app import SandboxApp
from sluice_sandbox.aws.clock import Clock
from sluice_sandbox.aws.journal import Journal

_IDLE_CHECK = 5.0


def main() -> int:
    """Serves until told to stop, or until nobody has asked for anything for a while."""
    arguments = _parse()
    home: Path = arguments.home
    home.mkdir(parents=True, exist_ok=True)
    lock = os.open(home / "server.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.stderr.write("another server has this home\n")
        return 3
    token = secrets.token_hex(16)
    app = SandboxApp(Clock(), Journal(home), token, arguments.region)
    app.replay()
    try:
        server = make_server("127.0.0.1", arguments.port, app, threaded=True, request_handler=app.request_handler)
    except (OSError, SystemExit) as error:
        sys.stderr.write(f"port {arguments.port} cannot be used: {error}\n")
        return 4
    app.begin(f"http://127.0.0.1:{server.server_port}")
    _announce(home, server.server_port, token)
    threading.Thread(target=_stop_when_idle, args=(app, server, arguments.idle), daemon=True).start()
    app.on_stop = lambda: threading.Thread(target=server.shutdown, daemon=True).start()
    with contextlib.suppress(KeyboardInterrupt):
        server.serve_forever()
    (home / "server.json").unlink(missing_ok=True)
    return 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="The sandbox's AWS.")
    parser.add_argument("--home", type=Path, required=True, help="folder of its journal")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 for any free one")
    parser.add_argument("--idle", type=float, default=900.0, help="seconds without a request after which it stops")
    parser.add_argument("--region", default="us-east-1", help="region of requests that name none")
    return parser.parse_args()


def _announce(home: Path, port: int, token: str) -> None:
    announcement = {"pid": os.getpid(), "port": port, "token": token}
    partial = home / "server.json.part"
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(announcement, file)
    partial.replace(home / "server.json")


def _stop_when_idle(app: SandboxApp, server: object, idle: float) -> None:
    while idle > 0 and time.monotonic() - app.last_request < idle:
        time.sleep(min(_IDLE_CHECK, idle))
    if idle > 0:
        app.on_stop()


if __name__ == "__main__":
    sys.exit(main())
