"""Providers' listings of models, in the form of each API, on this machine."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

SECRET = "sk-recognisable-4711"
VARIABLES = {
    "openai": "OPENAI_BASE_URL",
    "anthropic": "ANTHROPIC_BASE_URL",
    "bedrock": "AWS_ENDPOINT_URL_BEDROCK",
}
PATHS = {"openai": "/v1/models", "anthropic": "/v1/models", "bedrock": "/foundation-models"}
Ends = dict[str, str | None]


def body(provider: str, ends: Ends) -> bytes:
    """Returns an answer that lists models, each with the day from when requests fail."""
    return json.dumps(_BODIES[provider](ends)).encode()


def point(monkeypatch: pytest.MonkeyPatch, provider: str, address: str, secret: str = SECRET) -> None:
    """Has a provider asked at an address, with a credential."""
    monkeypatch.setenv(VARIABLES[provider], address + ("/v1" if provider == "openai" else ""))
    if provider == "bedrock":
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIARECOGNISABLE")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", secret)
        monkeypatch.setenv("AWS_REGION", "eu-west-1")
        monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    else:
        monkeypatch.setenv(f"{provider.upper()}_API_KEY", secret)


@dataclass
class Provider:
    """A provider that runs."""

    address: str
    requests: list[tuple[str, Message]] = field(default_factory=list)
    """The path of each request, and its headers."""


@contextmanager
def listing(provider: str, ends: Ends, page: int = 1000) -> Iterator[Provider]:
    """Yields a provider that lists models where its API does, Anthropic's in pages, and has nothing else."""

    def answer(path: str) -> tuple[int, dict[str, str], bytes]:
        if urlsplit(path).path != PATHS[provider]:
            return 404, {}, b"{}"
        names, after = list(ends), parse_qs(urlsplit(path).query).get("after_id", [""])[0]
        start = names.index(after) + 1 if after else 0
        answered = _BODIES[provider]({name: ends[name] for name in names[start : start + page]})
        if provider == "anthropic":
            answered["has_more"] = start + page < len(names)
        return 200, {}, json.dumps(answered).encode()

    with _serving(answer) as running:
        yield running


@contextmanager
def redirecting(to: str) -> Iterator[Provider]:
    """Yields a provider that sends everybody elsewhere."""
    with _serving(lambda path: (302, {"Location": to + path}, b"")) as running:
        yield running


@contextmanager
def overloaded() -> Iterator[Provider]:
    """Yields a provider that asks everybody to come back later."""
    with _serving(lambda path: (503, {"Retry-After": "0"}, b"{}")) as running:
        yield running


@contextmanager
def _serving(answer: Any) -> Iterator[Provider]:
    running = Provider("")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            running.requests.append((self.path, self.headers))
            status, headers, content = answer(self.path)
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            return

    with _run(Handler) as running.address:
        yield running


@contextmanager
def _run(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def trickling() -> Iterator[str]:
    """Yields the address of a server that goes on answering, a byte at a time, and never ends."""
    ended = Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            with suppress(OSError):
                while not ended.wait(0.05):
                    self.wfile.write(b" ")
                    self.wfile.flush()

        def log_message(self, format: str, *args: object) -> None:
            return

    with _run(Handler) as address:
        try:
            yield address
        finally:
            ended.set()


def _openai(ends: Ends) -> dict[str, Any]:
    common = {"object": "model", "created": 1715367049, "owned_by": "system"}
    return {"object": "list", "data": [{"id": name, **common, "shutdown_date": end} for name, end in ends.items()]}


def _anthropic(ends: Ends) -> dict[str, Any]:
    common = {"type": "model", "display_name": "Claude", "created_at": "2025-02-19T00:00:00Z"}
    models = [
        {
            "id": name,
            **common,
            "lifecycle": "deprecated" if end else "active",
            "retires_at": f"{end}T00:00:00Z" if end else None,
        }
        for name, end in ends.items()
    ]
    names = list(ends)
    return {"data": models, "has_more": False, "first_id": names[0], "last_id": names[-1]}


def _bedrock(ends: Ends) -> dict[str, Any]:
    models = []
    for name, end in ends.items():
        life = {"status": "LEGACY", "endOfLifeTime": f"{end}T00:00:00Z"} if end else {"status": "ACTIVE"}
        arn = f"arn:aws:bedrock:eu-west-1::foundation-model/{name}"
        models.append({"modelArn": arn, "modelId": name, "modelLifecycle": life})
    return {"modelSummaries": models}


_BODIES = {"openai": _openai, "anthropic": _anthropic, "bedrock": _bedrock}
