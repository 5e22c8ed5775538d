"""What a sandbox may be told and asked about itself: its time, how long things take, what functions did, to stop."""

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request, Response

from sluice_sandbox.aws.clock import Clock
from sluice_sandbox.lambdas.queue import QUEUE
from sluice_sandbox.moto_patches import durations, fates

if TYPE_CHECKING:
    from sluice_sandbox.aws.app import SandboxApp


class Control:
    """Answers under `/_sandbox/`, to those who know the token of this server."""

    def __init__(self, clock: Clock, token: str, app: "SandboxApp") -> None:
        self._clock = clock
        self._token = token
        self._app = app
        self._routes: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "/_sandbox/health": lambda _: {"status": "running"},
            "/_sandbox/clock": self._read_clock,
            "/_sandbox/clock/advance": self._advance,
            "/_sandbox/clock/stop": self._stop_clock,
            "/_sandbox/clock/run": self._run_clock,
            "/_sandbox/durations": self._durations,
            "/_sandbox/fate": self._fate,
            "/_sandbox/functions": self._functions,
            "/_sandbox/reset": self._reset,
            "/_sandbox/stop": self._stop_server,
        }

    def answer(self, request: Request, body: bytes) -> Response:
        if request.headers.get("X-Sandbox-Token") != self._token:
            return _json(403, {"error": "this is another sandbox's server"})
        route = self._routes.get(request.path)
        if route is None:
            return _json(404, {"error": f"{request.path} is nothing that the sandbox knows"})
        try:
            return _json(200, route(json.loads(body) if body else {}))
        except (KeyError, ValueError) as error:
            return _json(400, {"error": str(error)})

    def _read_clock(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"now": self._clock.now(), "stopped": self._clock.stopped_at is not None}

    def _advance(self, arguments: dict[str, Any]) -> dict[str, Any]:
        self._app.goings_on.advance(float(arguments["seconds"]))
        return self._read_clock({})

    def _stop_clock(self, arguments: dict[str, Any]) -> dict[str, Any]:
        self._clock.stop(float(arguments.get("step", 0.0)))
        return self._read_clock({})

    def _run_clock(self, _: dict[str, Any]) -> dict[str, Any]:
        self._clock.run()
        return self._read_clock({})

    def _durations(self, arguments: dict[str, Any]) -> dict[str, Any]:
        durations.set_all({key: float(value) for key, value in arguments.items()})
        return durations.all_of_them()

    def _fate(self, arguments: dict[str, Any]) -> dict[str, Any]:
        fates.set_one(arguments["endpoint"], arguments["kind"], arguments["reason"])
        return {"status": "sealed"}

    def _functions(self, _: dict[str, Any]) -> dict[str, Any]:
        self._app.goings_on.settle()
        waiting = [asdict(invocation) for invocation in QUEUE.waiting.values()]
        return {"runs": QUEUE.records, "waiting": waiting}

    def _reset(self, _: dict[str, Any]) -> dict[str, Any]:
        self._app.reset()
        return {"status": "empty"}

    def _stop_server(self, _: dict[str, Any]) -> dict[str, Any]:
        self._app.on_stop()
        return {"status": "stopping"}


def _json(status: int, document: dict[str, Any]) -> Response:
    return Response(json.dumps(document), status, content_type="application/json")
