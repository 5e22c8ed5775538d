"""
Serves the stand-in with the shape of OpenAI's chat completions, on this machine alone.

    python examples/prompts/serve.py

Asked the same again, it throws its dice again, as a model does. Started again, it throws the same: they come from the
seed, from what is asked, and from how often it was asked.
"""

import argparse
import hashlib
import json
import random
import re
import sys
import threading
from collections import Counter
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from stand_in import answer

PATH = "/v1/chat/completions"
_TOKEN = re.compile(r"\w+|[^\w\s]")
# The day that this server was written: a fixed one, so that its answers stay the same.
_CREATED = 1_795_392_000


class Server(ThreadingHTTPServer):
    """The stand-in, and how often it was asked what."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, port: int, seed: int) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self._seed, self._asked, self._lock = seed, Counter[str](), threading.Lock()

    @property
    def url(self) -> str:
        """What a plan's `base_url` is."""
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def dice(self, question: str) -> random.Random:
        """Returns the dice for a question that is asked now."""
        with self._lock:
            self._asked[question] += 1
            turn = self._asked[question]
        return random.Random(hashlib.sha256(f"{self._seed} {turn} {question}".encode()).hexdigest())


class Handler(BaseHTTPRequestHandler):
    """One request."""

    server: Server
    protocol_version = "HTTP/1.1"
    # Headers and body leave apart; together they would wait for each other.
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        """Answers a chat, or says what is wrong as the API does."""
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        status, said = self._answered(body)
        content = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing of each request."""

    def _answered(self, body: bytes) -> tuple[int, dict[str, Any]]:
        if self.path != PATH:
            return _wrong(404, f"there is no {self.path}; there is {PATH}")
        if not self.headers.get("authorization", "").startswith("Bearer "):
            return _wrong(401, "no key; any will do")
        try:
            request = json.loads(body)
            said = [str(it["content"]) for it in request["messages"]]
            model, temperature = str(request["model"]), float(request.get("temperature", 1))
        except (ValueError, KeyError, TypeError) as error:
            return _wrong(400, f"is no chat: {type(error).__name__}: {error}")
        prompt = "\n".join(said)
        text = answer(prompt, temperature, self.server.dice(json.dumps(request, sort_keys=True)))
        return 200, _completion(model, text, _tokens(prompt), _tokens(text))


def _completion(model: str, text: str, asked: int, said: int) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{hashlib.sha256(text.encode()).hexdigest()[:24]}",
        "object": "chat.completion",
        "created": _CREATED,
        "model": model,
        "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": asked, "completion_tokens": said, "total_tokens": asked + said},
    }


def _tokens(text: str) -> int:
    """Returns how many words and signs there are: no tokenizer's count, but one that grows with a prompt."""
    return len(_TOKEN.findall(text))


def _wrong(status: int, message: str) -> tuple[int, dict[str, Any]]:
    return status, {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": None}}


def main() -> None:
    """Serves until it is interrupted."""
    parser = argparse.ArgumentParser(description="A stand-in for a chat model, and no model.")
    parser.add_argument("--port", type=int, default=8765, help="0 takes any free one")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    with Server(chosen.port, chosen.seed) as server:
        sys.stdout.write(f"{server.url}\n")
        sys.stdout.flush()
        with suppress(KeyboardInterrupt):
            server.serve_forever()


if __name__ == "__main__":
    main()
