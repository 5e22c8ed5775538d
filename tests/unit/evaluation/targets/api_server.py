"""
A server of our own that speaks the APIs of OpenAI and Anthropic, as far as one question and its answer go.

It is no model: it says back what it was told. What it demands of requests is what the providers' references demand.
"""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "sk-of-the-test-123456"
Answer = tuple[int, dict[str, str], Any]


@dataclass
class Api:
    """The server, and what it was asked."""

    url: str = ""
    requests: list[dict[str, Any]] = field(default_factory=list)
    """Each request's `path`, `headers` and `body`."""
    answers: list[Answer | None] = field(default_factory=list)
    """What the next requests get in place of an answer, one after the other; None: an answer."""
    whatever: Callable[[dict[str, Any]], Answer] | None = None
    """Answers requests to any other path."""

    def bodies(self) -> list[Any]:
        """Returns what was sent."""
        return [request["body"] for request in self.requests]

    def answer(self, request: dict[str, Any]) -> Answer:
        """Returns status, headers and body."""
        self.requests.append(request)
        if self.answers and (answer := self.answers.pop(0)) is not None:
            return answer
        known = {"/v1/chat/completions": _openai, "/v1/messages": _anthropic}
        found = known.get(request["path"], self.whatever)
        return (404, {}, {"error": {"message": "no such path"}}) if found is None else found(request)


def said(messages: list[dict[str, str]]) -> str:
    """Returns what the model answers: what it was told, in one line."""
    return " | ".join(f"{it['role']}: {it['content']}" for it in messages)


def failing(status: int, message: str = "broken", **headers: str) -> Answer:
    """Returns an error in the shape of both APIs."""
    body = {"type": "error", "error": {"type": "error", "message": message, "code": None, "param": None}}
    return status, {key.replace("_", "-"): value for key, value in headers.items()}, body


def _openai(request: dict[str, Any]) -> Answer:
    body = request["body"]
    if request["headers"].get("authorization") != f"Bearer {KEY}":
        return failing(401, "Incorrect API key provided")
    if not {"model", "messages"} <= set(body):
        return failing(400, "model and messages are required")
    message: dict[str, Any] = {"role": "assistant", "content": said(body["messages"]), "refusal": None}
    for tool in body.get("tools", [])[:1]:
        function = {"name": tool["function"]["name"], "arguments": '{"city": "Oslo"}'}
        message["tool_calls"] = [{"id": "call_1", "type": "function", "function": function}]
    choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
    usage = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}
    whole = {"id": "c-1", "object": "chat.completion", "created": 1, "model": body["model"], "choices": [choice]}
    return 200, {}, {**whole, "usage": usage}


def _anthropic(request: dict[str, Any]) -> Answer:
    body, headers = request["body"], request["headers"]
    if headers.get("authorization") != f"Bearer {KEY}":
        return failing(401, "invalid bearer token")
    if headers["anthropic-version"] != "2023-06-01" and {"temperature", "top_p", "top_k"} & set(body):
        return failing(400, "temperature: Extra inputs are not permitted")
    if not {"model", "messages", "max_tokens"} <= set(body):
        return failing(400, "model, messages and max_tokens are required")
    system = [{"role": "system", "content": body["system"]}] if "system" in body else []
    content: list[dict[str, Any]] = [{"type": "text", "text": said([*system, *body["messages"]])}]
    called = {"type": "tool_use", "id": "tu_1", "input": {"city": "Oslo"}}
    content += [{**called, "name": tool["name"]} for tool in body.get("tools", [])[:1]]
    usage = {"input_tokens": 13, "output_tokens": 5, "cache_read_input_tokens": 4, "cache_creation_input_tokens": None}
    whole = {"id": "m-1", "type": "message", "role": "assistant", "model": body["model"], "content": content}
    return 200, {}, {**whole, "stop_reason": "end_turn", "stop_sequence": None, "usage": usage}


@contextmanager
def serving() -> Iterator[Api]:
    """Yields a server on a free port of this machine's."""
    api = Api()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {key.lower(): value for key, value in self.headers.items()}
            body = json.loads(raw) if raw else None
            status, more, answer = api.answer({"path": self.path, "headers": headers, "body": body})
            content = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
            self.send_response(status)
            for key, value in {"Content-Type": "application/json", **more}.items():
                self.send_header(key, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_PUT = do_POST

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    api.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield api
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
