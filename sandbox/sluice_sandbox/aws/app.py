"""The WSGI application of the sandbox's AWS: moto behind a clock, a seed and a journal."""

import io
import json
import os
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from moto.moto_api._internal import mock_random
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.test import EnvironBuilder, run_wsgi_app
from werkzeug.wrappers import Request, Response

from sluice_sandbox import moto_patches
from sluice_sandbox.aws.clock import Clock
from sluice_sandbox.aws.control import Control
from sluice_sandbox.aws.goings_on import GoingsOn
from sluice_sandbox.aws.journal import Entry, Journal, changes_anything
from sluice_sandbox.moto_patches import durations, fates, function_runs, role_limits

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
_FUNCTION_DONE = "/_sandbox/function-done"


class QuietRequestHandler(MotoRequestHandler):
    """Serves without telling the terminal of each request."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        return


class SandboxApp:
    """Answers AWS requests, one after the other, and remembers those that change something."""

    request_handler = QuietRequestHandler

    def __init__(self, clock: Clock, journal: Journal, token: str, region: str) -> None:
        moto_patches.apply(clock)
        # Ids, keys and upload ids come from one seeded source, so that a replay makes the same.
        os.urandom = _seeded_bytes
        self._aws = DomainDispatcherApplication(create_backend_app)
        self._clock = clock
        self._journal = journal
        self._region = region
        self._lock = threading.Lock()
        self.goings_on = GoingsOn(clock, self._lock, self._keep)
        self._control = Control(clock, token, self)
        self.last_request = time.monotonic()
        self.on_stop: Callable[[], object] = lambda: None

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        body = request.get_data()
        self.last_request = time.monotonic()
        if request.path.startswith("/_sandbox/"):
            with self._lock:
                return self._control.answer(request, body)(environ, start_response)
        response = self._answer(request, body)
        self.goings_on.wake()
        return response(environ, start_response)

    def begin(self, endpoint: str) -> None:
        """Begins to serve at an address; functions run from now on."""
        function_runs.endpoint[:] = [endpoint]
        self.goings_on.begin()

    def replay(self) -> int:
        """Does everything again that the journal holds, and returns how much that was. Time goes on from there."""
        last = 0.0
        with self._lock:
            for entry in self._journal.read():
                self.goings_on.catch_up(entry.time)
                mock_random.seed(entry.seed)
                if entry.path == _FUNCTION_DONE:
                    function_runs.finish(json.loads(entry.body))
                else:
                    self._ask_aws(_environ(entry), entry.body)
                last = max(last, entry.time)
            self._clock.advance(max(0.0, last - self._clock.now()))
        return self._journal.length

    def reset(self) -> None:
        """Forgets everything. The caller holds the lock."""
        self._journal.clear()
        self._clock.reset()
        durations.reset()
        fates.reset()
        self.goings_on.reset()
        environ = EnvironBuilder(method="POST", path="/moto-api/reset").get_environ()
        self._ask_aws(environ, b"")

    def _answer(self, request: Request, body: bytes) -> Response:
        headers = dict(request.headers)
        with self._lock:
            moment = self._clock.apply()
            self.goings_on.catch_up(moment)
            refused = role_limits.refusal(headers, request.path, body)
            if refused is not None:
                status, told, text = refused
                return Response(text, status, told)
            if not changes_anything(request.method, headers, body):
                return self._ask_aws(request.environ, body)
            seed = self._journal.length
            mock_random.seed(seed)
            response = self._ask_aws(request.environ, body)
            if response.status_code < 400:
                raw = urlsplit(request.environ.get("RAW_URI") or request.full_path)
                entry = Entry(moment, seed, request.method, raw.path, raw.query, headers, body)
                try:
                    self._journal.append(entry)
                except OSError as error:
                    return _failure(507, "SandboxDiskFull", f"the sandbox cannot store this change: {error.strerror}")
            return response

    def _keep(self, record: dict[str, Any]) -> None:
        """Does what follows from a function's run, and stores that it ran. The caller holds the lock."""
        moment = self._clock.apply()
        self.goings_on.catch_up(moment)
        seed = self._journal.length
        mock_random.seed(seed)
        function_runs.finish(record)
        self._journal.append(Entry(moment, seed, "POST", _FUNCTION_DONE, "", {}, json.dumps(record).encode()))

    def _ask_aws(self, environ: Environ, body: bytes) -> Response:
        environ = {**environ, "wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        environ.pop("werkzeug.request", None)
        try:
            chunks, status, headers = run_wsgi_app(self._aws, environ, buffered=True)
        except NotImplementedError as error:
            return _failure(501, "NotImplemented", f"the sandbox's AWS does not have this: {error}")
        except Exception as error:
            return _failure(500, "InternalFailure", f"the sandbox's AWS failed: {type(error).__name__}: {error}")
        # Without a body, as to a HEAD, the length that is told is that of what is not sent.
        body = b"".join(chunks)
        return Response(body or None, status, headers)


def _environ(entry: Entry) -> Environ:
    builder = EnvironBuilder(
        method=entry.method, path=entry.path, query_string=entry.query, headers=list(entry.headers.items())
    )
    environ = builder.get_environ()
    raw = f"{entry.path}?{entry.query}" if entry.query else entry.path
    return {**environ, "RAW_URI": raw, "REQUEST_URI": raw}


def _failure(status: int, code: str, message: str) -> Response:
    response = Response(json.dumps({"__type": code, "message": message}), status, content_type="application/json")
    response.headers["x-amzn-errortype"] = code
    return response


def _seeded_bytes(count: int) -> bytes:
    return mock_random.randbytes(count)
